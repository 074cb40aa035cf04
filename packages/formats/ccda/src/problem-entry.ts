import { SNOMED } from "@caseroom/clinical";
import { readInterval, timeMembers, timing } from "./cda-time.ts";
import { type CdaConcept, codedAs, concept, conceptJson, referredText, saysNothing } from "./cda-value.ts";
import type { DocumentContext, Place } from "./document-context.ts";
import {
  clinicalStatus,
  clinicalStatusJson,
  isNegated,
  isNullified,
  statusObservation,
  verificationStatusJson,
} from "./entry-status.ts";
import { comments, type Notes } from "./note-entry.ts";
import { type Draft, draft } from "./resource-draft.ts";
import { attribute, child, descend, hasTemplate } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

export type ConditionCategory = "problem-list-item" | "encounter-diagnosis";

/** Observations about a problem that are not problems: age at onset, status, health status, priority, prognosis. */
const DETAILS = [
  "2.16.840.1.113883.10.20.22.4.31",
  "2.16.840.1.113883.10.20.22.4.6",
  "2.16.840.1.113883.10.20.22.4.5",
  "2.16.840.1.113883.10.20.22.4.143",
  "2.16.840.1.113883.10.20.22.4.113",
] as const;

/** "Problem", "disease", "condition" and the other kinds that a problem observation names when it is negated as a whole. */
const ANY_PROBLEM = new Set(["55607006", "64572001", "404684003", "409586006", "282291009", "160245001"]);

/**
 * A Condition for each problem observation of a Problem Concern Act (C-CDA R2.1 §3.78) or of a diagnosis act, or for an
 * observation that stands alone.
 */
export function readProblem(category: ConditionCategory): (statement: XmlElement, place: Place) => readonly Draft[] {
  return (statement, place) => {
    if (statement.name === "observation") return condition(undefined, statement, category, place);
    const found = descend(statement, "entryRelationship", "observation").filter(
      (each) => !hasTemplate(each, ...DETAILS),
    );
    if (found.length === 0) return [];
    place.take(statement);
    const ofConcern = comments(statement, place);
    return found.flatMap((observation) => condition(statement, observation, category, place, ofConcern));
  };
}

function condition(
  concern: XmlElement | undefined,
  observation: XmlElement,
  category: ConditionCategory,
  place: Place,
  ofConcern: Notes = [],
): readonly Draft[] {
  const { document } = place;
  const stated = problemOf(observation, document);
  const negated = isNegated(observation) || (concern !== undefined && isNegated(concern));
  const noneAtAll = negated && (stated === undefined || isAnyProblem(stated));
  const code = noneAtAll ? NO_PROBLEM : stated;
  if (code === undefined || saysNothing(observation, code)) {
    place.take(observation);
    place.skip(observation, "no-information");
    return [];
  }
  const nullified = isNullified(concern, observation);
  const verification = nullified ? "entered-in-error" : negated && !noneAtAll ? "refuted" : "confirmed";
  const interval = readInterval(child(observation, "effectiveTime"));
  const status = statusObservation(observation);
  if (status !== undefined) place.take(status);
  const clinical = clinicalStatus(concern, observation);
  // FHIR R4 con-4: what is said to be active has not abated, whatever end is written with it.
  const isOver = clinical === "resolved" || clinical === "inactive" || clinical === "remission";
  const end = isOver || interval.high === undefined ? [] : [{ text: `An end is given, too: ${interval.high}` }];
  const notes = [...comments(observation, place), ...ofConcern, ...end];
  const recorded = child(observation, "author", "time") ?? child(concern, "author", "time");
  const body = {
    clinicalStatus: nullified ? undefined : clinicalStatusJson(clinical, "condition"),
    verificationStatus: verificationStatusJson(verification, "condition"),
    category: [codedAs("http://terminology.hl7.org/CodeSystem/condition-category", category)],
    code: conceptJson(code),
    subject: document.subject,
    ...timing("onset", { ...interval, high: undefined }, document.zone),
    ...(isOver ? timeMembers("abatementDateTime", interval.high, document.zone) : {}),
    ...timeMembers("recordedDate", attribute(recorded, "value"), document.zone),
    note: notes.length === 0 ? undefined : notes,
  };
  return [draft("Condition", observation, place, body)];
}

const NO_PROBLEM: CdaConcept = {
  coding: [{ system: SNOMED, code: "160245001", display: "No current problems or disability" }],
  text: "No known problems",
};

function isAnyProblem({ coding }: CdaConcept): boolean {
  return coding.some(({ system, code }) => system === SNOMED && ANY_PROBLEM.has(code));
}

/** The value; where it has neither code nor words, the text of the observation. */
function problemOf(observation: XmlElement, document: DocumentContext): CdaConcept | undefined {
  const value = child(observation, "value");
  const text = referredText(child(observation, "text"), document);
  const stated = concept(value, document) ?? wordsOf(referredText(value, document));
  return stated ?? wordsOf(text);
}

function wordsOf(text: string | undefined): CdaConcept | undefined {
  return text === undefined ? undefined : { coding: [], text };
}
