export type { FieldName, Level } from "./comparison-levels.ts";
export { type GradeReason, isAtLeast, MATCH_GRADES, type MatchGrade, type Thresholds } from "./match-grade.ts";
export { type MatchModel, parseMatchModel, SHIPPED_MODEL } from "./match-model.ts";
export { createMatcher, type FieldReason, type Match, type Matcher, type MatcherOptions } from "./matcher.ts";
export { type TrainingOptions, type TrainingPeople, trainModel } from "./model-training.ts";
export { type Candidate, createPatientIndex, type PatientIndex, type QueryOptions } from "./patient-index.ts";
export { personFromPatient } from "./person-from-patient.ts";
export type {
  IdentifierTrust,
  PersonAddress,
  PersonIdentifier,
  PersonName,
  PersonRecord,
} from "./person-record.ts";
export { createSeededRandom } from "./seeded-random.ts";
export { learnFrequencies, type TermFrequencies } from "./term-frequency.ts";
