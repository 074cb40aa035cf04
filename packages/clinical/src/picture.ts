import type { GivenCode } from "./given-code.ts";
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

/** What its source took back: no part of the picture any more, and never forgotten. */
export type RetractedItem = {
  readonly id: string;
  /** The clinical time that it had claimed. */
  readonly atMs: number | undefined;
  readonly kind: TimelineKind;
  readonly title: string;
  readonly detail?: string;
  readonly reason: "entered-in-error" | "deleted";
  /** When its source took it back. */
  readonly retractedMs: number;
  /** Every version that had been stated. Empty when the retraction came alone: nobody here had seen it before. */
  readonly sources: readonly Source[];
  readonly retractedBy: readonly Source[];
};

export type Flag = "low" | "high" | "critical" | "implausible";

export type Point = {
  readonly id: string;
  readonly atMs: number;
  /** As written, in `unit`. */
  readonly value: number;
  readonly unit?: string;
  /** The value as its source wrote it, decimals and comparator kept. */
  readonly text: string;
  readonly flag?: Flag;
  /** Reference limits as written, in `unit`. */
  readonly low?: number;
  readonly high?: number;
  /**
   * The same in the unit of the series, for a line through all points. The very number where the units are the same,
   * otherwise converted and rounded to six digits. HbA1c stands in NGSP percent.
   */
  readonly common: { readonly value: number; readonly low?: number; readonly high?: number };
  readonly hba1c?: Hba1c;
  readonly status: string;
  readonly sources: readonly Source[];
};

/**
 * One analyte, oldest point first. Codes that differ only in mass against moles share a series when the molar mass is
 * known. `key` is `system|code`, with `|unit` where units cannot be converted into one another, or `hba1c`.
 */
export type Series = {
  readonly key: string;
  readonly name: string;
  /** Of `common`. `undefined` when no source writes one. */
  readonly unit?: string;
  /** As given, of every point. */
  readonly codes: readonly GivenCode[];
  readonly points: readonly Point[];
};

export type Fact = {
  readonly id: string;
  /** In the words of the newest source. */
  readonly title: string;
  /** What other sources call the same: a generic name beside a brand, words beside a code's. */
  readonly otherTitles: readonly string[];
  readonly detail?: string;
  readonly status?: string;
  /** A FHIR date or dateTime as the source wrote it, partial dates included. */
  readonly since?: string;
  /** As given, of every source. None: the fact was stated in words. */
  readonly codes: readonly GivenCode[];
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

export type ConflictKind = "birth-date" | "sex" | "blood-group" | "allergy" | "problem-status" | "dose";

/** Statements that cannot all be true. Each stands with everyone who makes it; none is preferred. */
export type Conflict = {
  /** The same for as long as it is a conflict about the same thing, whoever joins it. */
  readonly id: string;
  readonly kind: ConflictKind;
  /** What it is about, in the words of a source for what has a name of its own: a substance, a diagnosis. */
  readonly title: string;
  /** At least two, with different texts. */
  readonly statements: readonly { readonly text: string; readonly sources: readonly Source[] }[];
};

/**
 * Things that may be one and are not merged, because nothing proves it. `same-substance`: medicines or allergies with a
 * substance in common. `same-words`, `same-code`: two facts of a list. `same-time`: one test, one time, two systems, two
 * values. `same-day`: one test and value on one day, at two times or at none.
 */
export type Suggestion = {
  /** The same for as long as it is about the same thing, whoever joins it. */
  readonly id: string;
  readonly kind: "allergy" | "problem" | "medication" | "result";
  readonly reason: "same-substance" | "same-words" | "same-code" | "same-time" | "same-day";
  readonly title: string;
  readonly items: readonly { readonly id: string; readonly text: string; readonly sources: readonly Source[] }[];
};

export type InstitutionShare = {
  readonly id: string;
  readonly name: string;
  readonly fragments: number;
  readonly newestMs: number;
};

/**
 * The one assembled record of a patient over all charts that the reader can open. Plain data: it can be handed to another
 * thread, written down and read back. It is the same for the same fragments, in whatever order they came.
 */
export type Picture = {
  /** Who it is. `undefined`: no institution has sent a registration. */
  readonly patient: PatientFacts | undefined;
  /** Everyone who contributed anything, how much, and when the last of it came. Who is not here has sent nothing. */
  readonly institutions: readonly InstitutionShare[];
  /** Everything that happened or was stated, once for each thing. Newest clinical time first, what has no time last. */
  readonly timeline: readonly TimelineItem[];
  /** Numbers over time. */
  readonly series: readonly Series[];
  readonly allergies: Section<AllergyFact>;
  /** Diagnoses, past and present: a fact's status says which. */
  readonly problems: Section<ProblemFact>;
  readonly medications: Section<MedicationFact>;
  /** Implants and devices in use. */
  readonly devices: Section<Fact>;
  /** Advance directives: that there is one, and where. */
  readonly directives: Section<Fact>;
  /** Warnings that a source attached to the patient (FHIR Flag). */
  readonly alerts: Section<Fact>;
  /** Determinations of ABO and Rh(D), each with its laboratory. A transfusion needs its own; these only warn. */
  readonly bloodGroups: Section<Fact>;
  /** What cannot all be true. Nobody is believed in silence: each statement also stands where it belongs. */
  readonly conflicts: readonly Conflict[];
  /** What may be one thing twice. Everything in it is also shown where it belongs. */
  readonly suggestions: readonly Suggestion[];
  /** What was entered in error or deleted at its source, newest first: it counts for nothing and can be looked up. */
  readonly retracted: readonly RetractedItem[];
};
