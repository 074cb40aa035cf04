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
const AMBULATORY = { code: "AMB", display: "ambulatory" };
const CLASS = new Map([
  ["I", { code: "IMP", display: "inpatient encounter" }],
  ["O", AMBULATORY],
  ["E", { code: "EMER", display: "emergency" }],
  ["P", { code: "PRENC", display: "pre-admission" }],
]);

/** What an admission, registration or update says besides who the patient is: AL1, DG1 and PV1. */
export function readAdt(message: Hl7Message, context: MessageContext): readonly Json[] {
  return [
    ...message.getAllSegments("AL1").flatMap((segment) => allergy(segment, context)),
    ...message.getAllSegments("DG1").flatMap((segment) => diagnosis(segment, context)),
    ...message
      .getAllSegments("PV1")
      .slice(0, 1)
      .map((segment) => encounter(segment, message, context)),
  ];
}

/** AL1 (HL7 v2.5.1 §3.4.6). A stated "no known allergies" stays what it is: the picture knows the words. */
function allergy(segment: Hl7Segment, context: MessageContext): Json[] {
  const code = codeableConcept(segment, 3, context.facility);
  const name = component(segment, 3, 1) ?? component(segment, 3, 2);
  if (code === undefined || name === undefined) return [];
  const category = CATEGORY_BY_ALLERGY_TYPE.get(component(segment, 2, 1) ?? "");
  const manifestations = repetitions(segment, 5).flatMap((components) => textAt(segment, components, 1) ?? []);
  const severity = SEVERITY.get(component(segment, 4, 1) ?? "");
  return [
    {
      resourceType: "AllergyIntolerance",
      identifier: [{ system: context.identifierSystem, value: `${context.patientNumber}/AL1/${name}` }],
      clinicalStatus: {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", code: "active" }],
      },
      category: category === undefined ? undefined : [category],
      code,
      patient: context.subject,
      recordedDate: toFhirDateTime(component(segment, 6, 1)),
      reaction:
        manifestations.length === 0
          ? undefined
          : [{ manifestation: manifestations.map((text) => ({ text })), severity }],
    },
  ];
}

/** DG1 (HL7 v2.5.1 §6.5.2): a diagnosis of this encounter, not an item of the problem list. */
function diagnosis(segment: Hl7Segment, context: MessageContext): Json[] {
  const code = codeableConcept(segment, 3, context.facility) ?? textConcept(component(segment, 4, 1));
  const name = component(segment, 3, 1) ?? component(segment, 3, 2) ?? component(segment, 4, 1);
  if (code === undefined || name === undefined) return [];
  const date = toFhirDateTime(component(segment, 5, 1));
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
function encounter(segment: Hl7Segment, message: Hl7Message, context: MessageContext): Json {
  const visit = component(segment, 19, 1);
  const { code, display } = CLASS.get(component(segment, 2, 1) ?? "") ?? AMBULATORY;
  const end = toFhirDateTime(component(segment, 45, 1));
  const start = toFhirDateTime(component(segment, 44, 1)) ?? toFhirDateTime(component(message.getSegment("EVN"), 2, 1));
  const pv2 = message.getSegment("PV2");
  const reason = pv2 === undefined ? undefined : conceptOf(pv2, repetitions(pv2, 3)[0], context.facility);
  const ward = [1, 2, 3].flatMap((at) => component(segment, 3, at) ?? []).join(" ");
  return {
    resourceType: "Encounter",
    identifier: visit === undefined ? undefined : [{ system: context.identifierSystem, value: `visit/${visit}` }],
    status: end === undefined ? "in-progress" : "finished",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code, display },
    subject: context.subject,
    period: start === undefined && end === undefined ? undefined : { start, end },
    reasonCode: reason === undefined ? undefined : [reason],
    location: ward === "" ? undefined : [{ location: { display: ward } }],
    serviceProvider: context.facility === "" ? undefined : { display: context.facility },
  };
}
