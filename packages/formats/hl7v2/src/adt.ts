import type { Json } from "@caseroom/clinical";
import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { codeableConcept, conceptOf } from "./coded-value.ts";
import { component, repetitions, textAt } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";

const CATEGORY_BY_ALLERGY_TYPE = new Map([
  ["DA", "medication"],
  ["FA", "food"],
  ["EA", "environment"],
  ["AA", "environment"],
  ["PA", "environment"],
  ["LA", "environment"],
]);
const SEVERITY = new Map([
  ["SV", "severe"],
  ["MO", "moderate"],
  ["MI", "mild"],
]);
/** Field numbers of what AL1 and IAM both say (HL7 v2.5.1 §3.4.6 and §3.4.7). */
type AllergyFields = { readonly severity: number; readonly reactions: number; readonly since: number };
const ACTIVE = "active";
const AMBULATORY = { code: "AMB", display: "ambulatory" };
const CLASS = new Map([
  ["I", { code: "IMP", display: "inpatient encounter" }],
  ["O", AMBULATORY],
  ["E", { code: "EMER", display: "emergency" }],
  ["P", { code: "PRENC", display: "pre-admission" }],
]);

/** What messages of every kind may say of a patient beside their subject: AL1, IAM, DG1 and PR1. */
export function readBackground(message: Hl7Message, context: MessageContext): readonly Json[] {
  return [
    ...message.getAllSegments("AL1").flatMap((segment) => allergy(segment, context)),
    ...message.getAllSegments("IAM").flatMap((segment) => adverseReaction(segment, context)),
    ...message.getAllSegments("DG1").flatMap((segment) => diagnosis(segment, context)),
    ...message.getAllSegments("PR1").flatMap((segment) => procedure(segment, context)),
  ];
}

/** What an admission, transfer, discharge or update is about: PV1. `event` is `A01` to `A13`. */
export function readVisit(message: Hl7Message, event: string, context: MessageContext): readonly Json[] {
  return [
    ...message
      .getAllSegments("PV1")
      .slice(0, 1)
      .map((segment) => encounter(segment, { message, event }, context)),
  ];
}

/** AL1. A stated "no known allergies" stays what it is: the picture knows the words. */
function allergy(segment: Hl7Segment, context: MessageContext): Json[] {
  return statedAllergy(segment, { severity: 4, reactions: 5, since: 6 }, ACTIVE, context);
}

/** IAM: with an action code (table 0323), D takes the allergy back, and a clinical status (table 0438). */
function adverseReaction(segment: Hl7Segment, context: MessageContext): Json[] {
  const isDeleted = component(segment, 6, 1) === "D";
  const isWrong = component(segment, 17, 1) === "E";
  const isInactive = component(segment, 17, 1) === "I";
  const status = isDeleted || isWrong ? "entered-in-error" : isInactive ? "inactive" : ACTIVE;
  return statedAllergy(segment, { severity: 4, reactions: 5, since: 11 }, status, context);
}

function statedAllergy(segment: Hl7Segment, fields: AllergyFields, status: string, context: MessageContext): Json[] {
  const code = codeableConcept(segment, 3, context);
  const name = component(segment, 3, 1) ?? component(segment, 3, 2);
  if (code === undefined || name === undefined) return [];
  const category = CATEGORY_BY_ALLERGY_TYPE.get(component(segment, 2, 1) ?? "");
  const manifestations = repetitions(segment, fields.reactions).flatMap(
    (components) => textAt(segment, components, 2) ?? textAt(segment, components, 1) ?? [],
  );
  const severity = SEVERITY.get(component(segment, fields.severity, 1) ?? "");
  const isError = status === "entered-in-error";
  const verification = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
  const clinical = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
  return [
    {
      resourceType: "AllergyIntolerance",
      identifier: [{ system: context.identifierSystem, value: `${context.patientNumber}/AL1/${name}` }],
      // FHIR R4 ait-2: what was entered in error has no clinical status.
      clinicalStatus: isError ? undefined : { coding: [{ system: clinical, code: status }] },
      verificationStatus: isError ? { coding: [{ system: verification, code: status }] } : undefined,
      category: category === undefined ? undefined : [category],
      code,
      patient: context.subject,
      recordedDate: toFhirDateTime(component(segment, fields.since, 1), context.zone),
      reaction:
        manifestations.length === 0
          ? undefined
          : [{ manifestation: manifestations.map((text) => ({ text })), severity }],
    },
  ];
}

/** PR1 (HL7 v2.5.1 §6.5.4). */
function procedure(segment: Hl7Segment, context: MessageContext): Json[] {
  const code = codeableConcept(segment, 3, context) ?? textConcept(component(segment, 4, 1));
  const name = component(segment, 3, 1) ?? component(segment, 4, 1);
  if (code === undefined || name === undefined) return [];
  const performed = toFhirDateTime(component(segment, 5, 1), context.zone);
  return [
    {
      resourceType: "Procedure",
      identifier: [
        { system: context.identifierSystem, value: `${context.patientNumber}/PR1/${name}/${performed ?? ""}` },
      ],
      status: "completed",
      code,
      subject: context.subject,
      performedDateTime: performed,
    },
  ];
}

/** DG1 (HL7 v2.5.1 §6.5.2): a diagnosis of this encounter, not an item of the problem list. */
function diagnosis(segment: Hl7Segment, context: MessageContext): Json[] {
  const code = codeableConcept(segment, 3, context) ?? textConcept(component(segment, 4, 1));
  const name = component(segment, 3, 1) ?? component(segment, 3, 2) ?? component(segment, 4, 1);
  if (code === undefined || name === undefined) return [];
  const date = toFhirDateTime(component(segment, 5, 1), context.zone);
  return [
    {
      resourceType: "Condition",
      identifier: [{ system: context.identifierSystem, value: `${context.patientNumber}/DG1/${name}/${date ?? ""}` }],
      category: [
        {
          coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-category", code: "encounter-diagnosis" }],
        },
      ],
      code,
      subject: context.subject,
      recordedDate: date,
    },
  ];
}

function textConcept(text: string | undefined): Json | undefined {
  return text === undefined ? undefined : { text };
}

/** PV1 (HL7 v2.5.1 §3.4.3); the reason is PV2-3. */
function encounter(
  segment: Hl7Segment,
  { message, event }: { readonly message: Hl7Message; readonly event: string },
  context: MessageContext,
): Json {
  const visit = component(segment, 19, 1);
  const { code, display } = CLASS.get(component(segment, 2, 1) ?? "") ?? AMBULATORY;
  const end = toFhirDateTime(component(segment, 45, 1), context.zone);
  const start =
    toFhirDateTime(component(segment, 44, 1), context.zone) ??
    toFhirDateTime(component(message.getSegment("EVN"), 2, 1), context.zone);
  const pv2 = message.getSegment("PV2");
  const reason = pv2 === undefined ? undefined : conceptOf(pv2, repetitions(pv2, 3)[0], context);
  const ward = [1, 2, 3].flatMap((at) => component(segment, 3, at) ?? []).join(" ");
  return {
    resourceType: "Encounter",
    identifier: visit === undefined ? undefined : [{ system: context.identifierSystem, value: `visit/${visit}` }],
    status: encounterStatus(event, end !== undefined),
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code, display },
    subject: context.subject,
    period: start === undefined && end === undefined ? undefined : { start, end },
    reasonCode: reason === undefined ? undefined : [reason],
    location: ward === "" ? undefined : [{ location: { display: ward } }],
    serviceProvider: context.facility === "" ? undefined : { display: context.facility },
  };
}

/** What the event makes of the visit (HL7 v2.5.1 §3.3); an update only repeats what PV1 says. */
function encounterStatus(event: string, hasEnded: boolean): string {
  switch (event) {
    case "A03":
      return "finished";
    case "A05":
      return "planned";
    case "A11":
      return "cancelled";
    case "A12":
    case "A13":
      return "in-progress";
    default:
      return hasEnded ? "finished" : "in-progress";
  }
}
