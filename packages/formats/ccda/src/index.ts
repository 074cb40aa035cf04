export type { Skipped, SkipReason } from "./document-context.ts";
export type { CcdaPatient } from "./patient-record.ts";
export { type CcdaProblem, type CcdaReading, MAX_CCDA_BYTES, readCcda } from "./read-ccda.ts";
