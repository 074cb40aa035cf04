import type { Json } from "@caseroom/clinical";
import { period, readInterval, timing } from "./cda-time.ts";
import { type CdaConcept, concept, conceptJson, nameOf, referredText, saysNothing } from "./cda-value.ts";
import type { Place } from "./document-context.ts";
import { isNegated, statusCode } from "./entry-status.ts";
import { noteElement } from "./note-entry.ts";
import { readProblem } from "./problem-entry.ts";
import { type Draft, draft } from "./resource-draft.ts";
import { attribute, child, children, descend, hasTemplate } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

const PROCEDURE_STATUS = new Map([
  ["completed", "completed"],
  ["active", "in-progress"],
  ["aborted", "stopped"],
  ["suspended", "on-hold"],
  ["cancelled", "not-done"],
  ["nullified", "entered-in-error"],
]);

/**
 * A Procedure of the procedures section, whether the sender made it a procedure, an act or an observation (C-CDA R2.1
 * §3.80 to §3.82). Negated, it was not done; one without any name says nothing.
 */
export function readProcedure(statement: XmlElement, place: Place): readonly Draft[] {
  const { document } = place;
  if (!["procedure", "act", "observation"].includes(statement.name)) return [];
  if ((attribute(statement, "moodCode") ?? "EVN") !== "EVN") return [];
  const code = concept(child(statement, "code"), document) ?? said(statement, place);
  if (code === undefined || saysNothing(statement, code)) {
    place.take(statement);
    place.skip(statement, isNegated(statement) ? "negated" : "no-information");
    return [];
  }
  const status = statusCode(statement) ?? "";
  const isTakenBack = status === "nullified";
  const sites = children(statement, "targetSiteCode").flatMap((each) => conceptJson(concept(each, document)) ?? []);
  const outcome = statement.name === "observation" ? concept(child(statement, "value"), document) : undefined;
  const body = {
    status: isNegated(statement) && !isTakenBack ? "not-done" : (PROCEDURE_STATUS.get(status) ?? "unknown"),
    code: conceptJson(code),
    subject: document.subject,
    ...timing("performed", readInterval(child(statement, "effectiveTime")), document.zone),
    performer: performers(statement),
    bodySite: sites.length === 0 ? undefined : sites,
    outcome: conceptJson(outcome),
    note: noteElement(statement, place),
  };
  return [draft("Procedure", statement, place, body)];
}

function said(statement: XmlElement, { document }: Place): CdaConcept | undefined {
  const text = referredText(child(statement, "text"), document);
  return text === undefined ? undefined : { coding: [], text };
}

function performers(statement: XmlElement): Json | undefined {
  const found = descend(statement, "performer", "assignedEntity").flatMap((entity) => {
    const name = nameOf(child(entity, "assignedPerson")) ?? nameOf(child(entity, "representedOrganization"));
    return name === undefined ? [] : [{ actor: { display: name } }];
  });
  return found.length === 0 ? undefined : found;
}

const ENCOUNTER_STATUS = new Map([
  ["completed", "finished"],
  ["active", "in-progress"],
  ["aborted", "cancelled"],
  ["cancelled", "cancelled"],
  ["suspended", "onleave"],
  ["nullified", "entered-in-error"],
]);

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const DIAGNOSIS_ACTS = ["2.16.840.1.113883.10.20.22.4.80"] as const;

/** An Encounter Activity (C-CDA R2.1 §3.27) and a Condition for each of its diagnoses. */
export function readEncounter(statement: XmlElement, place: Place): readonly Draft[] {
  const { document } = place;
  if (statement.name !== "encounter" || (attribute(statement, "moodCode") ?? "EVN") !== "EVN") return [];
  const nothing = isNegated(statement) ? "negated" : saysNothing(statement, undefined) ? "no-information" : undefined;
  if (nothing !== undefined) {
    place.take(statement);
    place.skip(statement, nothing);
    return [];
  }
  const type = concept(child(statement, "code"), document) ?? said(statement, place);
  const interval = readInterval(child(statement, "effectiveTime"));
  const isPast = interval.point !== undefined || interval.high !== undefined;
  const known = ENCOUNTER_STATUS.get(statusCode(statement) ?? "");
  const diagnoses = descend(statement, "entryRelationship", "act")
    .filter((act) => hasTemplate(act, ...DIAGNOSIS_ACTS))
    .flatMap((act) => readProblem("encounter-diagnosis")(act, place));
  const body = {
    status: known ?? (isPast ? "finished" : "unknown"),
    class: encounterClass(type),
    type: type === undefined ? undefined : [conceptJson(type) ?? {}],
    subject: document.subject,
    participant: participants(statement),
    period: period(interval, document.zone),
    reasonCode: reasons(statement, place),
    location: locations(statement),
  };
  return [draft("Encounter", statement, place, body), ...diagnoses];
}

/** FHIR requires a class; where no ActCode says it, it is unknown. */
function encounterClass(type: CdaConcept | undefined): Json {
  const coding = type?.coding.find(({ system, code }) => system === ACT_CODE && /^[A-Z]{2,8}$/.test(code));
  if (coding !== undefined) return { system: coding.system, code: coding.code, display: coding.display };
  return { system: "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", code: "UNK", display: "Encounter" };
}

function participants(statement: XmlElement): Json | undefined {
  const found = descend(statement, "performer", "assignedEntity").flatMap((entity) => {
    const name = nameOf(child(entity, "assignedPerson"));
    return name === undefined ? [] : [{ individual: { display: name } }];
  });
  return found.length === 0 ? undefined : found;
}

function locations(statement: XmlElement): Json | undefined {
  const found = children(statement, "participant")
    .filter((each) => attribute(each, "typeCode") === "LOC")
    .flatMap((each) => {
      const name = nameOf(child(each, "participantRole", "playingEntity"));
      return name === undefined ? [] : [{ location: { display: name } }];
    });
  return found.length === 0 ? undefined : found;
}

function reasons(statement: XmlElement, place: Place): Json | undefined {
  const found = children(statement, "entryRelationship")
    .filter((each) => attribute(each, "typeCode") === "RSON")
    .flatMap((each) => children(each, "observation"))
    .flatMap((observation) => {
      const reason = conceptJson(concept(child(observation, "value"), place.document));
      if (reason !== undefined) place.take(observation);
      return reason ?? [];
    });
  return found.length === 0 ? undefined : found;
}
