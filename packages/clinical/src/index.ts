export { type Assembler, createAssembler } from "./assembler.ts";
export { clinicalTime, dateTimeToMs } from "./clinical-time.ts";
export { type DoneTest, findDone, type PlannedTest } from "./done-already.ts";
export { buildEmergencyCard, type EmergencyCard } from "./emergency-card.ts";
export {
  type Coding,
  codingsOf,
  conceptTitle,
  type FhirObject,
  type FhirResource,
  type Identifier,
  identifiersOf,
  isFhirObject,
  isFhirResource,
  LOINC,
  numberOf,
  objectOf,
  objectsOf,
  SNOMED,
  textOf,
  textsOf,
} from "./fhir-value.ts";
export { type Fragment, MAX_FRAGMENT_BYTES, MAX_FRAGMENT_DEPTH, type Provenance, parseFragment } from "./fragment.ts";
export type { GivenCode } from "./given-code.ts";
export { type Hba1c, ifccToNgsp, isHba1cCode, isPlausibleHba1c, ngspToIfcc, readHba1c } from "./hba1c.ts";
export { checkHkid, normaliseHkid } from "./hkid.ts";
export { maskIdentifier } from "./identifier.ts";
export { buildIps, type IpsInput } from "./ips/ips.ts";
export { ENGLISH_IPS_WORDS, type IpsSection, type IpsWords } from "./ips/ips-words.ts";
export { jsonDepth, replaceStrings, sliceElements, sliceJson, sliceMembers, spanMembers } from "./json-text.ts";
export { type Json, NumberText, writeJson } from "./json-writer.ts";
export type {
  AllergyFact,
  Conflict,
  ConflictKind,
  Coverage,
  Decision,
  Fact,
  Flag,
  Gap,
  InstitutionShare,
  Mapping,
  MedicationFact,
  PatientFacts,
  Picture,
  Point,
  ProblemFact,
  RetractedItem,
  Section,
  Series,
  Settlement,
  Source,
  Suggestion,
  TimelineItem,
  TimelineKind,
} from "./picture.ts";
export { ASSEMBLER_VERSION, encodePicture, parsePicture } from "./picture-snapshot.ts";
export { parseReconciliation, type Reconciliation, type ReconciliationPayload, reconcile } from "./reconciliation.ts";
export { encodeCard, parseCard, type ResultCard } from "./result-card.ts";
export { routeFragment } from "./routing.ts";
