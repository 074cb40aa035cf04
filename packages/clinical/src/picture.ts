import type { Hba1c } from "./hba1c.ts";

/** One fragment behind something shown. */
export type Source = {
  readonly fragmentId: string;
  readonly institutionId: string;
  readonly institution: string;
  readonly system: string;
  readonly receivedMs: number;
};

export type PatientFacts = {
  readonly name: string;
  readonly birthDate?: string;
  readonly sex?: string;
  readonly identifiers: readonly { readonly system: string; readonly value: string }[];
  /** The newest of each institution and system; a patient is repeated in every message. */
  readonly sources: readonly Source[];
};

export type TimelineKind =
  | "result"
  | "encounter"
  | "problem"
  | "medication"
  | "allergy"
  | "procedure"
  | "immunization"
  | "document"
  | "imaging"
  | "other";

export type TimelineItem = {
  readonly id: string;
  /** Clinical time; `undefined` when no source names one. */
  readonly atMs: number | undefined;
  readonly kind: TimelineKind;
  readonly title: string;
  readonly detail?: string;
  /** Replaced by a later version of the same thing; kept so that what was once known can be seen. */
  readonly superseded: boolean;
  readonly sources: readonly Source[];
};

export type Flag = "low" | "high" | "critical" | "implausible";

export type Point = {
  readonly id: string;
  readonly atMs: number;
  /** In `unit`. A line of HbA1c is drawn from `hba1c`, since its points may be in either unit. */
  readonly value: number;
  readonly unit?: string;
  /** The value as its source wrote it, decimals and comparator kept. */
  readonly text: string;
  readonly flag?: Flag;
  readonly low?: number;
  readonly high?: number;
  readonly hba1c?: Hba1c;
  readonly status: string;
  readonly sources: readonly Source[];
};

/** One analyte in one unit, oldest point first. `key` is `system|code`, with `|unit` where sources use several units, or `hba1c`. */
export type Series = {
  readonly key: string;
  readonly name: string;
  readonly unit?: string;
  readonly points: readonly Point[];
};

export type Fact = {
  readonly id: string;
  readonly title: string;
  readonly detail?: string;
  readonly status?: string;
  /** A FHIR date or dateTime as the source wrote it, partial dates included. */
  readonly since?: string;
  readonly sources: readonly Source[];
};
export type AllergyFact = Fact;
export type ProblemFact = Fact;
export type MedicationFact = Fact;

/** Empty is not none: `asserted-none` only where a source says so. */
export type Section<T> = {
  readonly state: "listed" | "asserted-none" | "no-information";
  readonly items: readonly T[];
  /** Names of institutions that are in the picture and said nothing here. */
  readonly silentInstitutions: readonly string[];
};

export type Conflict = {
  readonly kind: "birth-date" | "sex" | "allergy";
  readonly title: string;
  readonly statements: readonly { readonly text: string; readonly sources: readonly Source[] }[];
};

export type InstitutionShare = {
  readonly id: string;
  readonly name: string;
  readonly fragments: number;
  readonly newestMs: number;
};

/** The one assembled record. */
export type Picture = {
  readonly patient: PatientFacts | undefined;
  readonly institutions: readonly InstitutionShare[];
  /** Newest clinical time first, what has no time last. */
  readonly timeline: readonly TimelineItem[];
  readonly series: readonly Series[];
  readonly allergies: Section<AllergyFact>;
  readonly problems: Section<ProblemFact>;
  readonly medications: Section<MedicationFact>;
  readonly conflicts: readonly Conflict[];
};
