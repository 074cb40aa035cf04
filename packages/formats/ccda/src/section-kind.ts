import { readAllergy } from "./allergy.ts";
import type { Place } from "./document-context.ts";
import { readImmunization } from "./immunization.ts";
import { readAdministration, readMedication } from "./medication.ts";
import { readMedia, readNote } from "./note-entry.ts";
import { readProblem } from "./problem-entry.ts";
import { readEncounter, readProcedure } from "./procedure-entry.ts";
import type { Draft } from "./resource-draft.ts";
import { readObservation, readResults, readVitals } from "./result-entry.ts";
import { attribute, child, children } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

type EntryReader = (statement: XmlElement, place: Place) => readonly Draft[];

const problemList = readProblem("problem-list-item");
const diagnosis = readProblem("encounter-diagnosis");
const TEMPLATES = "2.16.840.1.113883.10.20.22";

/** Sections by LOINC code and by template (C-CDA R2.1 §2), with and without required entries. */
const SECTIONS: readonly (readonly [EntryReader, codes: readonly string[], templates: readonly string[]])[] = [
  [readAllergy, ["48765-2"], ["2.6", "2.6.1"]],
  [readMedication, ["10160-0", "10183-2", "75311-1", "42346-7"], ["2.1", "2.1.1", "2.11", "2.11.1", "2.44"]],
  [readAdministration, ["29549-3"], ["2.38"]],
  [problemList, ["11450-4", "11348-0"], ["2.5", "2.5.1", "2.20"]],
  [
    diagnosis,
    ["11535-2", "46241-6", "42347-5", "10219-4", "10218-6", "55109-3"],
    ["2.24", "2.43", "2.34", "2.35", "2.37"],
  ],
  [readResults, ["30954-2"], ["2.3", "2.3.1"]],
  [readVitals, ["8716-3"], ["2.4", "2.4.1"]],
  [readImmunization, ["11369-6"], ["2.2", "2.2.1"]],
  [readProcedure, ["47519-4"], ["2.7", "2.7.1"]],
  [readEncounter, ["46240-8"], ["2.22", "2.22.1"]],
  [readObservation("social-history"), ["29762-2"], ["2.17"]],
];

/** Entries that say by their own template what they are, wherever they stand (C-CDA R2.1 §3). */
const ENTRIES: readonly (readonly [EntryReader, templates: readonly string[]])[] = [
  [readNote, ["4.202"]],
  [readAllergy, ["4.30", "4.7"]],
  [problemList, ["4.3", "4.4"]],
  [diagnosis, ["4.33", "4.34", "4.65", "4.51", "4.80"]],
  [readMedication, ["4.16", "4.35", "4.36"]],
  [readResults, ["4.1", "4.2"]],
  [readVitals, ["4.26", "4.27"]],
  [readImmunization, ["4.52"]],
  [readProcedure, ["4.12", "4.13", "4.14"]],
  [readEncounter, ["4.49"]],
  [readObservation("social-history"), ["4.38", "4.78", "4.85"]],
];

const readerByCode = new Map(SECTIONS.flatMap(([reader, codes]) => codes.map((code) => [code, reader] as const)));
const readerBySection = new Map(
  SECTIONS.flatMap(([reader, , templates]) => templates.map((each) => [`${TEMPLATES}.${each}`, reader] as const)),
);
const readerByEntry = new Map(
  ENTRIES.flatMap(([reader, templates]) => templates.map((each) => [`${TEMPLATES}.${each}`, reader] as const)),
);

/** How the entries of a section are read; `undefined` for a section whose entries are not. */
export function sectionReader(section: XmlElement): EntryReader | undefined {
  return readerByCode.get(attribute(child(section, "code"), "code") ?? "") ?? firstOf(section, readerBySection);
}

/**
 * How an entry is read: notes and media everywhere, else as its section's entries are, else by its own template.
 * A plan (any mood but EVN) outside the sections that are read is not a fact about the patient.
 */
export function entryReader(statement: XmlElement, ofSection: EntryReader | undefined): EntryReader | undefined {
  if (statement.name === "observationMedia") return readMedia;
  const own = firstOf(statement, readerByEntry);
  if (own === readNote || ofSection === undefined) {
    const isFact = (attribute(statement, "moodCode") ?? "EVN") === "EVN";
    return isFact ? own : undefined;
  }
  return ofSection;
}

function firstOf(element: XmlElement, readers: ReadonlyMap<string, EntryReader>): EntryReader | undefined {
  return children(element, "templateId")
    .map((template) => readers.get(attribute(template, "root") ?? ""))
    .find((reader) => reader !== undefined);
}
