import { type Json, SNOMED } from "@caseroom/clinical";
import { readInterval, timeMembers, timing } from "./cda-time.ts";
import { type CdaConcept, concept, conceptJson, referredText, saysNothing } from "./cda-value.ts";
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
import { attribute, child, children, descend, hasTemplate } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

const SEVERITY = "2.16.840.1.113883.10.20.22.4.8";
const REACTION = "2.16.840.1.113883.10.20.22.4.9";
const STATUS = "2.16.840.1.113883.10.20.22.4.28";
const CRITICALITY = "2.16.840.1.113883.10.20.22.4.145";

/** What kind of allergy is meant (value set 2.16.840.1.113883.3.88.12.3221.6.2): category, whether intolerance, and what its negation says. */
const KINDS = new Map<string, { category?: string; type?: string; none: readonly [string, string] }>([
  ["419199007", { type: "allergy", none: ["716186003", "No known allergy"] }],
  ["420134006", { none: ["716186003", "No known allergy"] }],
  ["418038007", { none: ["716186003", "No known allergy"] }],
  ["416098002", { category: "medication", type: "allergy", none: ["409137002", "No known drug allergy"] }],
  ["419511003", { category: "medication", none: ["409137002", "No known drug allergy"] }],
  ["59037007", { category: "medication", type: "intolerance", none: ["409137002", "No known drug allergy"] }],
  ["414285001", { category: "food", type: "allergy", none: ["429625007", "No known food allergy"] }],
  ["418471000", { category: "food", none: ["429625007", "No known food allergy"] }],
  ["235719002", { category: "food", type: "intolerance", none: ["429625007", "No known food allergy"] }],
  ["232347008", { category: "environment", type: "allergy", none: ["428607008", "No known environmental allergy"] }],
  ["426232007", { category: "environment", type: "allergy", none: ["428607008", "No known environmental allergy"] }],
]);

/** SNOMED CT 160244002 "No known allergies" was replaced by 716186003. */
const FORMER_NO_KNOWN = "160244002";

const SEVERITIES = new Map([
  ["255604002", "mild"],
  ["371923003", "moderate"],
  ["6736007", "moderate"],
  ["371924009", "severe"],
  ["24484000", "severe"],
  ["399166001", "severe"],
]);

const CRITICALITIES = new Map([
  ["CRITH", "high"],
  ["CRITL", "low"],
  ["CRITU", "unable-to-assess"],
]);

/**
 * An AllergyIntolerance for each allergy observation of an Allergy Concern Act (C-CDA R2.1 §3.5), or for an observation
 * that stands alone. A negated observation without a substance says that there is no known allergy of its kind; with a
 * substance, that there is none to that.
 */
export function readAllergy(statement: XmlElement, place: Place): readonly Draft[] {
  if (statement.name === "observation") return allergy(undefined, statement, place, []);
  const found = descend(statement, "entryRelationship", "observation").filter((each) => !isDetail(each));
  if (found.length === 0) return [];
  place.take(statement);
  const ofConcern = comments(statement, place);
  return found.flatMap((observation) => allergy(statement, observation, place, ofConcern));
}

function isDetail(observation: XmlElement): boolean {
  return hasTemplate(observation, SEVERITY, REACTION, STATUS, CRITICALITY);
}

function allergy(
  concern: XmlElement | undefined,
  observation: XmlElement,
  place: Place,
  ofConcern: Notes,
): readonly Draft[] {
  const { document } = place;
  const kind = KINDS.get(attribute(child(observation, "value"), "code") ?? "");
  const substance = substanceOf(observation, document);
  const stated = concept(child(observation, "value"), document);
  const text = referredText(child(observation, "text"), document);
  const negated = isNegated(observation) || (concern !== undefined && isNegated(concern));
  const code =
    negated && substance === undefined ? noneKnown(kind, stated) : (substance ?? assertion(stated, kind, text));
  const isEmpty = saysNothing(observation, code);
  if (code === undefined || isEmpty) {
    place.take(observation);
    place.skip(observation, isEmpty ? "no-information" : "invalid");
    return [];
  }
  const nullified = isNullified(concern, observation);
  const verification = nullified ? "entered-in-error" : negated && substance !== undefined ? "refuted" : "confirmed";
  const onset = readInterval(child(observation, "effectiveTime"));
  const reactions = readReactions(observation, place);
  const notes = [...comments(observation, place), ...ofConcern, ...ownSeverity(observation, reactions, place)];
  const status = statusObservation(observation);
  if (status !== undefined) place.take(status);
  const body = {
    clinicalStatus: nullified
      ? undefined
      : clinicalStatusJson(clinicalStatus(concern, observation), "allergyintolerance"),
    verificationStatus: verificationStatusJson(verification, "allergyintolerance"),
    type: kind?.type,
    category: kind?.category === undefined ? undefined : [kind.category],
    criticality: criticalityOf(observation, place),
    code: conceptJson(code),
    patient: document.subject,
    ...timing("onset", { ...onset, high: undefined }, document.zone),
    ...timeMembers("recordedDate", recorded(concern, observation), document.zone),
    note: notes.length === 0 ? undefined : notes,
    reaction: reactions.length === 0 ? undefined : reactions,
  };
  return [draft("AllergyIntolerance", observation, place, body)];
}

function recorded(concern: XmlElement | undefined, observation: XmlElement): string | undefined {
  return (
    attribute(child(observation, "author", "time"), "value") ?? attribute(child(concern, "author", "time"), "value")
  );
}

/** The substance in its participant; a code that is null and a name that is empty are none. */
function substanceOf(observation: XmlElement, document: DocumentContext): CdaConcept | undefined {
  for (const entity of descend(observation, "participant", "participantRole", "playingEntity")) {
    const code = concept(child(entity, "code"), document);
    const name = referredText(child(entity, "name"), document);
    if (code !== undefined) return code;
    if (name !== undefined) return { coding: [], text: name };
  }
  return undefined;
}

/** Older documents name the substance in the value; documents without any allergy may say so there without negation. */
function assertion(stated: CdaConcept | undefined, kind: unknown, text: string | undefined): CdaConcept | undefined {
  if (stated === undefined || kind !== undefined) {
    const said = text ?? stated?.text;
    return said === undefined ? undefined : { coding: [], text: said };
  }
  const isFormer = stated.coding.some(({ system, code }) => system === SNOMED && code === FORMER_NO_KNOWN);
  if (!isFormer) return stated;
  return { ...stated, coding: [...stated.coding, { system: SNOMED, code: "716186003", display: "No known allergy" }] };
}

function noneKnown(
  kind: { none: readonly [string, string] } | undefined,
  stated: CdaConcept | undefined,
): CdaConcept | undefined {
  // A double negation ("no known allergies", negated) means nothing that may be shown.
  if (kind === undefined && stated !== undefined) return undefined;
  const [code, display] = kind?.none ?? ["716186003", "No known allergy"];
  return { coding: [{ system: SNOMED, code, display }], text: display };
}

function readReactions(observation: XmlElement, place: Place): Json[] {
  const overall = severityOf(observation, place);
  return children(observation, "entryRelationship")
    .flatMap((relationship) => {
      const isManifestation = attribute(relationship, "typeCode") === "MFST";
      return children(relationship, "observation").filter(
        (each) => hasTemplate(each, REACTION) || (isManifestation && !isDetail(each)),
      );
    })
    .flatMap((each) => {
      const { document } = place;
      place.take(each);
      const value =
        concept(child(each, "value"), document) ??
        textConcept(referredText(child(each, "text"), document)) ??
        concept(child(each, "code"), document);
      if (value === undefined || isNegated(each)) return [];
      const own = severityOf(each, place) ?? overall;
      const onset = readInterval(child(each, "effectiveTime"));
      return [
        {
          manifestation: [conceptJson(value) ?? {}],
          ...timeMembers("onset", onset.point ?? onset.low, document.zone),
          severity: own,
        },
      ];
    });
}

function textConcept(text: string | undefined): CdaConcept | undefined {
  return text === undefined ? undefined : { coding: [], text };
}

function severityOf(of: XmlElement, place: Place): string | undefined {
  const observation = descend(of, "entryRelationship", "observation").find((each) => hasTemplate(each, SEVERITY));
  const severity = SEVERITIES.get(attribute(child(observation, "value"), "code") ?? "");
  if (observation !== undefined && severity !== undefined) place.take(observation);
  return severity;
}

/** The severity of the allergy as a whole (C-CDA R1.1) where no reaction has taken it: FHIR has a place for reactions' only. */
function ownSeverity(observation: XmlElement, reactions: readonly Json[], place: Place): { text: string }[] {
  const own = descend(observation, "entryRelationship", "observation").find((each) => hasTemplate(each, SEVERITY));
  const said = concept(child(own, "value"), place.document)?.text;
  const severity = SEVERITIES.get(attribute(child(own, "value"), "code") ?? "");
  if (own === undefined || said === undefined) return [];
  place.take(own);
  const isTaken = severity !== undefined && reactions.length > 0 && JSON.stringify(reactions).includes(`"${severity}"`);
  return isTaken ? [] : [{ text: `Severity: ${said}` }];
}

function criticalityOf(of: XmlElement, place: Place): string | undefined {
  const observation = descend(of, "entryRelationship", "observation").find((each) => hasTemplate(each, CRITICALITY));
  const criticality = CRITICALITIES.get(attribute(child(observation, "value"), "code") ?? "");
  if (observation !== undefined && criticality !== undefined) place.take(observation);
  return criticality;
}
