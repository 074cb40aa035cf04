import type { Json } from "@caseroom/clinical";
import { readInterval, timeMembers } from "./cda-time.ts";
import { type CdaConcept, concept, conceptJson, nameOf, quantity, referredText, saysNothing } from "./cda-value.ts";
import type { DocumentContext, Place } from "./document-context.ts";
import { isNegated, statusCode } from "./entry-status.ts";
import { noteElement } from "./note-entry.ts";
import { type Draft, draft } from "./resource-draft.ts";
import { attribute, child, children, descend, hasTemplate, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

const REFUSAL = "2.16.840.1.113883.10.20.22.4.53";

/**
 * An Immunization Activity (C-CDA R2.1 §3.41). Negated, it was not given (CONF:1198-8985); one that is only planned is
 * not a vaccination and is skipped.
 */
export function readImmunization(activity: XmlElement, place: Place): readonly Draft[] {
  if (activity.name !== "substanceAdministration") return [];
  const { document } = place;
  const mood = attribute(activity, "moodCode") ?? "EVN";
  const product = child(activity, "consumable", "manufacturedProduct");
  const material = child(product, "manufacturedMaterial");
  const vaccine = concept(child(material, "code"), document) ?? named(activity, material, document);
  if (mood !== "EVN" || vaccine === undefined || saysNothing(activity, vaccine)) {
    place.take(activity);
    const nothing = isNegated(activity) ? "negated" : "no-information";
    place.skip(activity, mood === "EVN" ? nothing : "unsupported-entry");
    return [];
  }
  const { point, low } = readInterval(child(activity, "effectiveTime"));
  const when = timeMembers("occurrenceDateTime", point ?? low, document.zone);
  const isDone = statusOf(activity) === "completed";
  const body = {
    status: statusOf(activity),
    statusReason: isDone ? undefined : refusal(activity, place),
    vaccineCode: conceptJson(vaccine),
    patient: document.subject,
    ...(Object.keys(when).length === 0 ? { occurrenceString: "unknown" } : when),
    lotNumber: words(child(material, "lotNumberText")),
    manufacturer: display(nameOf(child(product, "manufacturerOrganization"))),
    route: conceptJson(concept(child(activity, "routeCode"), document)),
    site: conceptJson(concept(child(activity, "approachSiteCode"), document)),
    doseQuantity: quantity(child(activity, "doseQuantity")),
    note: noteElement(activity, place),
  };
  return [draft("Immunization", activity, place, body)];
}

function statusOf(activity: XmlElement): "completed" | "not-done" | "entered-in-error" {
  const status = statusCode(activity);
  if (status === "nullified") return "entered-in-error";
  return isNegated(activity) || status === "cancelled" || status === "aborted" ? "not-done" : "completed";
}

function named(
  activity: XmlElement,
  material: XmlElement | undefined,
  document: DocumentContext,
): CdaConcept | undefined {
  const text = words(child(material, "name")) ?? referredText(child(activity, "text"), document);
  return text === undefined ? undefined : { coding: [], text };
}

function display(name: string | undefined): Json | undefined {
  return name === undefined ? undefined : { display: name };
}

/** Why it was not given: the refusal reason's code, else the value of another reason. */
function refusal(activity: XmlElement, place: Place): Json | undefined {
  const inReason = children(activity, "entryRelationship").filter((each) => attribute(each, "typeCode") === "RSON");
  const observations = [
    ...descend(activity, "entryRelationship", "observation").filter((each) => hasTemplate(each, REFUSAL)),
    ...inReason.flatMap((each) => children(each, "observation")),
  ];
  for (const observation of observations) {
    const reason =
      concept(child(observation, "value"), place.document) ?? concept(child(observation, "code"), place.document);
    if (reason === undefined) continue;
    place.take(observation);
    return conceptJson(reason);
  }
  return undefined;
}
