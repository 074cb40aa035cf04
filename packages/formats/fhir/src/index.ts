export { type OutcomeIssue, operationOutcome } from "./operation-outcome.ts";
export { type FhirText, MAX_FHIR_BYTES, MAX_FHIR_DEPTH, readFhir } from "./read-fhir.ts";
export { toSearchBundle } from "./search-bundle.ts";
