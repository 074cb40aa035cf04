import { dateTimeToMs, type Json } from "@caseroom/clinical";
import { readInterval, toFhirDateTime } from "./cda-time.ts";
import { codedAs } from "./cda-value.ts";
import type { DocumentContext } from "./document-context.ts";
import { attribute, child, descend } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

const TERMINOLOGY = "http://terminology.hl7.org/CodeSystem";

/** SNOMED CT values of the Problem Status and Allergy Status Observations (C-CDA R2.1 §3.4, §3.82) to FHIR's. */
const CLINICAL_STATUS = new Map([
  ["55561003", "active"],
  ["73425007", "inactive"],
  ["413322009", "resolved"],
  ["246455001", "recurrence"],
  ["263855007", "relapse"],
  ["277022003", "remission"],
]);

/** The statusCode of a statement (HL7 v3 ActStatus), in small letters. */
export function statusCode(statement: XmlElement | undefined): string | undefined {
  return attribute(child(statement, "statusCode"), "code")?.toLowerCase();
}

/** `negationInd="true"`: the opposite of what the statement would say. */
export function isNegated(statement: XmlElement): boolean {
  const negation = attribute(statement, "negationInd");
  return negation === "true" || negation === "1";
}

/** `nullified`: the source takes the statement back (HL7 v3 ActStatus). */
export function isNullified(...statements: readonly (XmlElement | undefined)[]): boolean {
  return statements.some((each) => statusCode(each) === "nullified");
}

/** The observation within another one that says in which state it is (LOINC 33999-4, Status). */
export function statusObservation(observation: XmlElement): XmlElement | undefined {
  return descend(observation, "entryRelationship", "observation").find(
    (each) => attribute(child(each, "code"), "code") === "33999-4",
  );
}

/**
 * Whether a problem or an allergy still is one: what the source says in words, else whether it has ended, else whether
 * the concern about it is still followed. A concern that is "completed" without having ended stays active: by C-CDA
 * R2.1 (CONF:1198-9029) it would have to have an end, and a warning must not be lost to a sloppy status.
 */
export function clinicalStatus(concern: XmlElement | undefined, observation: XmlElement): string {
  const said = CLINICAL_STATUS.get(attribute(child(statusObservation(observation), "value"), "code") ?? "");
  if (said !== undefined) return said;
  const own = readInterval(child(observation, "effectiveTime"));
  if (own.high !== undefined || own.hasUnknownEnd) return "resolved";
  const status = statusCode(concern);
  if (status === "aborted" || status === "suspended") return "inactive";
  const hasEnded = readInterval(child(concern, "effectiveTime")).high !== undefined;
  return status === "completed" && hasEnded ? "inactive" : "active";
}

/** Condition.clinicalStatus, or that of an allergy, which knows fewer (FHIR R4 allergyintolerance-clinical). */
export function clinicalStatusJson(status: string, of: "condition" | "allergyintolerance"): Json {
  const isKnown = of === "condition" || status === "active" || status === "inactive" || status === "resolved";
  const inactive = status === "remission" ? "inactive" : "active";
  return codedAs(`${TERMINOLOGY}/${of}-clinical`, isKnown ? status : inactive);
}

/** FHIR R4 condition-ver-status and allergyintolerance-verification. */
export function verificationStatusJson(
  status: "confirmed" | "refuted" | "entered-in-error",
  of: "condition" | "allergyintolerance",
): Json {
  return codedAs(
    `${TERMINOLOGY}/${of === "condition" ? "condition-ver-status" : "allergyintolerance-verification"}`,
    status,
  );
}

/** Whether an end had come when the document was written; not known when the document does not say when that was. */
export function hasEnded(end: string, document: DocumentContext): boolean {
  const endMs = dateTimeToMs(toFhirDateTime(end, document.zone));
  return endMs !== undefined && document.timeMs !== undefined && endMs <= document.timeMs;
}
