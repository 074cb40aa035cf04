export {
  type BodyRefusal,
  type BundleRequest,
  MAX_BUNDLE_ENTRIES,
  type ReadResource,
  readBundleRequests,
  readResource,
} from "./bundle-request.ts";
export {
  type DateComparator,
  type DateSearch,
  type FhirPeriod,
  PERIOD_OPEN_FROM,
  PERIOD_OPEN_UNTIL,
  parseDateSearch,
  parsePeriod,
} from "./fhir-period.ts";
export { type OutcomeIssue, operationOutcome } from "./operation-outcome.ts";
export { type FhirText, MAX_FHIR_BYTES, MAX_FHIR_DEPTH, readFhir } from "./read-fhir.ts";
export { type FhirReference, isFhirId, type PlacedReference, parseReference, referencesOf } from "./reference.ts";
export { type ResourceVersion, replaceReferences, setMember, setVersion } from "./resource-text.ts";
export {
  type BundleEntry,
  type BundleLink,
  type HistoryEntry,
  type ResponseEntry,
  toHistoryBundle,
  toResponseBundle,
  toSearchBundle,
} from "./search-bundle.ts";
