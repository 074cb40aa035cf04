import { type Json, NumberText, SNOMED } from "@caseroom/clinical";
import { type CdaInterval, type JsonMembers, period, readInterval, timeMembers } from "./cda-time.ts";
import { type CdaConcept, concept, conceptJson, quantity, referredText, saysNothing } from "./cda-value.ts";
import type { DocumentContext, Place } from "./document-context.ts";
import { hasEnded, isNegated, statusCode, statusObservation } from "./entry-status.ts";
import { noteElement } from "./note-entry.ts";
import { type Draft, draft } from "./resource-draft.ts";
import { attribute, child, children, descend, hasTemplate, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

const FREE_TEXT_SIG = "2.16.840.1.113883.10.20.22.4.147";
const INSTRUCTION = ["2.16.840.1.113883.10.20.22.4.20", "2.16.840.1.113883.10.20.1.49"] as const;

const NO_MEDICATION: CdaConcept = {
  coding: [{ system: SNOMED, code: "787481004", display: "No known medications" }],
  text: "No known medications",
};

/** SNOMED CT "Drug or medicament": the substance of a statement that there is none. */
const ANY_DRUG = "410942007";

function isAnyDrug({ coding, text = "" }: CdaConcept): boolean {
  return coding.length === 0 ? /^(no|none|nil)\b/i.test(text) : coding.some(({ code }) => code === ANY_DRUG);
}

type MedicationType = "MedicationStatement" | "MedicationRequest" | "MedicationAdministration";

/**
 * A Medication Activity (C-CDA R2.1 §3.51): a MedicationStatement of what is taken (mood EVN), a MedicationRequest of
 * what is to be taken (INT, RQO, PRMS). The acts that wrap it in admission and discharge lists are looked through.
 */
export function readMedication(statement: XmlElement, place: Place): readonly Draft[] {
  return eachActivity(statement, place, (activity) => {
    const isEvent = (attribute(activity, "moodCode") ?? "EVN") === "EVN";
    return medication(activity, isEvent ? "MedicationStatement" : "MedicationRequest", place);
  });
}

/** An activity of the Medications Administered section: what was given, whatever mood the sender wrote. */
export function readAdministration(statement: XmlElement, place: Place): readonly Draft[] {
  return eachActivity(statement, place, (activity) => {
    if (!isNegated(activity)) return medication(activity, "MedicationAdministration", place);
    // "Nothing was given at this visit" is not "takes no medication", and FHIR has no other way to say it.
    place.take(activity);
    place.skip(activity, "negated");
    return [];
  });
}

function eachActivity(
  statement: XmlElement,
  place: Place,
  read: (activity: XmlElement) => readonly Draft[],
): readonly Draft[] {
  if (statement.name === "substanceAdministration") return read(statement);
  const inner = descend(statement, "entryRelationship", "substanceAdministration");
  if (inner.length > 0) place.take(statement);
  return inner.flatMap(read);
}

function medication(activity: XmlElement, resourceType: MedicationType, place: Place): readonly Draft[] {
  const { document } = place;
  const negated = isNegated(activity);
  const drug = drugOf(activity, document);
  const noneAtAll = negated && (drug === undefined || isAnyDrug(drug));
  const code = noneAtAll ? NO_MEDICATION : drug;
  if (code === undefined || saysNothing(activity, code)) {
    place.take(activity);
    place.skip(activity, "no-information");
    return [];
  }
  const interval = activityInterval(activity);
  const type = negated ? "MedicationStatement" : resourceType;
  const said = statusObservation(activity);
  if (said !== undefined) place.take(said);
  const body = {
    status: statusOf(activity, type, interval, negated && !noneAtAll, document),
    ...(type === "MedicationRequest" ? { intent: attribute(activity, "moodCode") === "RQO" ? "order" : "plan" } : {}),
    medicationCodeableConcept: conceptJson(code),
    subject: document.subject,
    ...times(type, activity, interval, document),
    reasonCode: reasons(activity, place),
    note: noteElement(activity, place),
    ...dosage(type, activity, place),
  };
  return [draft(type, activity, place, body)];
}

/** The code of the material, else its name, else what the statement says in words. */
function drugOf(activity: XmlElement, document: DocumentContext): CdaConcept | undefined {
  const product = child(activity, "consumable", "manufacturedProduct");
  const material = child(product, "manufacturedMaterial") ?? child(product, "manufacturedLabeledDrug");
  const name = words(child(material, "name"));
  const code = concept(child(material, "code"), document);
  if (code !== undefined) return code;
  const text = name ?? referredText(child(activity, "text"), document);
  return text === undefined ? undefined : { coding: [], text };
}

/** The first effectiveTime is when it is taken; those that repeat (PIVL_TS, EIVL_TS) are how often. */
function activityInterval(activity: XmlElement): CdaInterval {
  return readInterval(children(activity, "effectiveTime").find((each) => !isFrequency(each)));
}

function isFrequency(time: XmlElement): boolean {
  return /PIVL|EIVL/.test(attribute(time, "xsi:type") ?? "") || child(time, "period") !== undefined;
}

/**
 * ActStatus to FHIR. Many senders write "completed" for whatever is on the list: without an end that has passed it does
 * not say that the drug was stopped, and is passed on as unknown. What ended before the document was written is over.
 */
function statusOf(
  activity: XmlElement,
  type: MedicationType,
  interval: CdaInterval,
  notTaken: boolean,
  document: DocumentContext,
): string {
  const status = statusCode(activity);
  if (status === "nullified") return "entered-in-error";
  if (notTaken) return "not-taken";
  if (type === "MedicationAdministration") return ADMINISTRATION_STATUS.get(status ?? "") ?? "unknown";
  if (status === "aborted") return "stopped";
  if (status === "cancelled") return type === "MedicationRequest" ? "cancelled" : "not-taken";
  if (status === "suspended" || status === "held") return "on-hold";
  const isOver = interval.high !== undefined && hasEnded(interval.high, document);
  if (isOver) return "completed";
  // A loose entry does not say when it was written, so that its end may be to come.
  if (status === "completed" && interval.high !== undefined && document.timeMs === undefined) return "completed";
  return SAID_STATUS.get(saidStatus(activity)) ?? (status === "active" ? "active" : "unknown");
}

/** SNOMED CT values of the status observation of older documents (ASTM/HL7 CCD §3.9.2.1.1, Medication status). */
const SAID_STATUS = new Map([
  ["55561003", "active"],
  ["421139008", "on-hold"],
  ["392521001", "completed"],
  ["73425007", "completed"],
]);

function saidStatus(activity: XmlElement): string {
  return attribute(child(statusObservation(activity), "value"), "code") ?? "";
}

const ADMINISTRATION_STATUS = new Map([
  ["completed", "completed"],
  ["active", "in-progress"],
  ["aborted", "stopped"],
  ["suspended", "on-hold"],
  ["cancelled", "not-done"],
]);

function times(
  type: MedicationType,
  activity: XmlElement,
  interval: CdaInterval,
  document: DocumentContext,
): JsonMembers {
  const { zone } = document;
  const written = attribute(child(activity, "author", "time"), "value");
  if (type === "MedicationRequest") return timeMembers("authoredOn", written ?? interval.low ?? interval.point, zone);
  const effective =
    interval.low === undefined && interval.high === undefined
      ? timeMembers("effectiveDateTime", interval.point, zone)
      : { effectivePeriod: period(interval, zone) };
  if (type === "MedicationAdministration") {
    const isTimed = Object.keys(effective).length > 0;
    return isTimed ? effective : { _effectiveDateTime: { extension: [UNKNOWN_TIME] } };
  }
  return { ...effective, ...timeMembers("dateAsserted", written, zone) };
}

/** FHIR R4 extension data-absent-reason, where an element is required and the source has nothing for it. */
const UNKNOWN_TIME: Json = {
  url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
  valueCode: "unknown",
};

function reasons(activity: XmlElement, place: Place): Json | undefined {
  const found = children(activity, "entryRelationship")
    .filter((each) => attribute(each, "typeCode") === "RSON")
    .flatMap((each) => children(each, "observation"))
    .flatMap((observation) => {
      const reason = conceptJson(concept(child(observation, "value"), place.document));
      if (reason !== undefined) place.take(observation);
      return reason ?? [];
    });
  return found.length === 0 ? undefined : found;
}

/** How it is taken: the sender's own words, else those made from dose, route and frequency. */
function dosage(type: MedicationType, activity: XmlElement, place: Place): JsonMembers {
  const { document } = place;
  const dose = child(activity, "doseQuantity");
  const doseQuantity = quantity(dose) ?? quantity(child(dose, "low"));
  const route = concept(child(activity, "routeCode"), document);
  const repeat = frequency(activity, document);
  const instructions = sig(activity, place);
  const parts = [amount(doseQuantity), route?.text, repeat?.text].filter((part) => part !== undefined);
  const text = instructions ?? (parts.length === 0 ? undefined : parts.join(", "));
  const site = conceptJson(concept(child(activity, "approachSiteCode"), document));
  if (text === undefined && site === undefined) return {};
  if (type === "MedicationAdministration")
    return { dosage: { text, site, route: conceptJson(route), dose: doseQuantity } };
  const entry = {
    text,
    timing: repeat?.timing,
    site,
    route: conceptJson(route),
    doseAndRate: doseQuantity === undefined ? undefined : [{ doseQuantity }],
  };
  return { [type === "MedicationRequest" ? "dosageInstruction" : "dosage"]: [entry] };
}

function sig(activity: XmlElement, place: Place): string | undefined {
  const found = [
    ...descend(activity, "entryRelationship", "substanceAdministration").filter((each) =>
      hasTemplate(each, FREE_TEXT_SIG),
    ),
    ...descend(activity, "entryRelationship", "act").filter((each) => hasTemplate(each, ...INSTRUCTION)),
  ].flatMap((each) => {
    const text = referredText(child(each, "text"), place.document);
    if (text !== undefined) place.take(each);
    return text ?? [];
  });
  return found.length === 0 ? undefined : [...new Set(found)].join("; ");
}

function amount(dose: { readonly [name: string]: Json | undefined } | undefined): string | undefined {
  const { value, unit } = dose ?? {};
  if (!(value instanceof NumberText)) return undefined;
  return typeof unit === "string" ? `${value.literal} ${unit}` : value.literal;
}

const PERIOD_UNITS = new Set(["s", "min", "h", "d", "wk", "mo", "a"]);

function frequency(
  activity: XmlElement,
  document: DocumentContext,
): { readonly text: string; readonly timing: Json | undefined } | undefined {
  const time = children(activity, "effectiveTime").find(isFrequency);
  const event = attribute(child(time, "event"), "code");
  if (event !== undefined) return { text: event, timing: { repeat: { when: [event] } } };
  const every = child(time, "period") ?? time;
  const value = NumberText.parse(attribute(every, "value") ?? "");
  const unit = attribute(every, "unit");
  const text = referredText(child(time, "originalText"), document);
  if (value === undefined || unit === undefined || time === undefined) return undefined;
  const isStandard = PERIOD_UNITS.has(unit);
  const repeat = { frequency: NumberText.parse("1"), period: value, periodUnit: unit };
  return { text: text ?? `every ${value.literal} ${unit}`, timing: isStandard ? { repeat } : undefined };
}
