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
  /** FHIR status of the newest source. */
  readonly status?: string;
  /** As given by the newest source. */
  readonly codes: readonly GivenCode[];
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
  /** Its source named a day and no time; `atMs` is then the day's beginning in UTC. */
  readonly isDayOnly: boolean;
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
  readonly mapping: Mapping;
  readonly points: readonly Point[];
};

/**
 * How it can be known that two sources mean the same. `standard`: a code of an international terminology. `table`: words
 * or a brand that this package's table of substances has. `none`: local codes or words, which only a person can compare.
 */
export type Mapping = "standard" | "table" | "none";

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
  readonly mapping: Mapping;
  /** Active substances of a medicine, as far as its name is understood; empty for anything else. */
  readonly substances: readonly string[];
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
  readonly settlement?: Settlement;
};

/** What a clinician decided: which of the statements holds, that two things are one or two, or that it stays open. */
export type Decision =
  | { readonly kind: "holds"; readonly text: string }
  | { readonly kind: "same" }
  | { readonly kind: "different" }
  | { readonly kind: "open" };

/** A clinician's word on a conflict or a suggestion. It hides and changes nothing: the statements stay beside it. */
export type Settlement = {
  /** The signed entry that says so, which can be taken back. */
  readonly entryId: string;
  readonly authorId: string;
  readonly atMs: number;
  readonly decision: Decision;
  readonly reason: string;
  /** `open` when it was left open, and when a statement or an institution has come that the clinician had not seen. */
  readonly state: "settled" | "open";
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
  readonly settlement?: Settlement;
};

/** What the caller knows of who was asked for the record and what came of it. The picture cannot know it by itself. */
export type Coverage = {
  readonly institutions: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: "answered" | "not-answered" | "refused";
  }[];
  /** Items that are known to exist and were not received, by institution and kind (`sensitive`, `department` …). */
  readonly withheld: readonly { readonly institution: string; readonly what: string; readonly count: number }[];
  /** Now, by the caller's clock. */
  readonly asOfMs: number;
};

/** What the picture does not show. `period`: a year or more in which nothing is dated; nobody knows whether there was anything. */
export type Gap =
  | {
      readonly kind: "institution";
      readonly institution: string;
      readonly reason: "not-answered" | "refused" | "nothing-sent";
    }
  | { readonly kind: "withheld"; readonly institution: string; readonly what: string; readonly count: number }
  | { readonly kind: "period"; readonly fromMs: number; readonly toMs: number };

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
  /** What is missing here, as far as it is known. */
  readonly gaps: readonly Gap[];
  /** What was entered in error or deleted at its source, newest first: it counts for nothing and can be looked up. */
  readonly retracted: readonly RetractedItem[];
};
