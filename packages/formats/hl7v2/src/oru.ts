import type { Json } from "@caseroom/clinical";
import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { codeableConcept } from "./coded-value.ts";
import { component, repetitions, textAt } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";
import { documentData, observationValue, referenceRange } from "./observation-value.ts";
import { groupResults, nameOf, type ResultLine, type ResultOrder, subNumber } from "./result-order.ts";

/** HL7 table 0085 to FHIR ObservationStatus. D and W take a result back. */
const OBSERVATION_STATUS = new Map([
  ["F", "final"],
  ["U", "final"],
  ["C", "corrected"],
  ["P", "preliminary"],
  ["R", "preliminary"],
  ["S", "preliminary"],
  ["I", "registered"],
  ["X", "cancelled"],
  ["N", "cancelled"],
  ["D", "entered-in-error"],
  ["W", "entered-in-error"],
]);

/** HL7 table 0123 to FHIR DiagnosticReportStatus. */
const REPORT_STATUS = new Map([
  ["F", "final"],
  ["C", "corrected"],
  ["P", "preliminary"],
  ["R", "preliminary"],
  ["A", "partial"],
  ["I", "registered"],
  ["O", "registered"],
  ["S", "registered"],
  ["X", "cancelled"],
]);

/** HL7 table 0074 (OBR-24): what is imaging; the rest of it is done in laboratories. */
const IMAGING = new Set(["CT", "CUS", "IMG", "MRI", "NMR", "NMS", "NRS", "OUS", "RAD", "RUS", "RX", "VUS", "XRC"]);
/** A DiagnosticReport per OBR, and an Observation (or a document, for embedded data) per OBX. */
export function readOru(message: Hl7Message, context: MessageContext): readonly Json[] {
  return groupResults(message).flatMap((order) => {
    const results = resultsOf(order, context);
    return [report(order, results, context), ...results.map(({ resource }) => resource)];
  });
}

/** The results alone, where they only go along with something else: what was asked at an order, or measured at an admission. */
export function readResults(message: Hl7Message, context: MessageContext): readonly Json[] {
  return groupResults(message).flatMap((order) =>
    resultsOf(order, context).flatMap(({ resource, says }) => (says ? [resource] : [])),
  );
}

function resultsOf(order: ResultOrder, context: MessageContext): readonly ReadResult[] {
  const occurrences = new Map<string, number>();
  // What has neither a name nor a value is an empty line.
  const lines = order.results.filter(({ obx }) => nameOf(obx) !== undefined || repetitions(obx, 5).length > 0);
  return lines.map((line) => {
    const code = nameOf(line.obx) ?? "";
    const sub = subNumber(line.obx);
    const occurrence = (occurrences.get(`${code}/${sub}`) ?? 0) + 1;
    occurrences.set(`${code}/${sub}`, occurrence);
    return resultResource(order, line, resultNumber(order, code, sub, occurrence), context);
  });
}

/**
 * The number by which a repeat or a correction is the same result: order, code and OBX-4. Without OBX-4 it is the
 * occurrence of the code within the order, not the set id, which differs when a correction repeats only some results.
 */
function resultNumber(order: ResultOrder, code: string, sub: string, occurrence: number): string | undefined {
  if (order.number === undefined) return undefined;
  return `${order.number}/${code}/${sub === "" ? occurrence : occurrence === 1 ? sub : `${sub}.${occurrence}`}`;
}

type ReadResult = {
  readonly resource: Json;
  readonly reference: Json | undefined;
  /** It has a value, or says why it has none. */
  readonly says: boolean;
};

function resultResource(
  order: ResultOrder,
  line: ResultLine,
  number: string | undefined,
  context: MessageContext,
): ReadResult {
  const { obx } = line;
  const identifier = number === undefined ? undefined : { system: context.identifierSystem, value: number };
  const effectiveDateTime = toFhirDateTime(component(obx, 14, 1), context.zone) ?? orderTime(order, context);
  // Lines of text without a name are the text of what was ordered.
  const code = codeableConcept(obx, 3, context) ?? codeableConcept(order.obr, 4, context);
  const status = OBSERVATION_STATUS.get(component(obx, 11, 1) ?? "") ?? "unknown";
  const attachment = documentData(obx);
  if (attachment !== undefined) {
    const document: Json = {
      resourceType: "DocumentReference",
      identifier: identifier === undefined ? undefined : [identifier],
      status: status === "entered-in-error" ? status : "current",
      type: code,
      subject: context.subject,
      date: effectiveDateTime,
      content: [{ attachment }],
    };
    return { resource: document, reference: undefined, says: true };
  }
  const value = observationValue([obx, ...line.more], context);
  const performer = component(obx, 23, 1) ?? component(obx, 15, 2);
  const interpretation = repetitions(obx, 8).flatMap((components) => textAt(obx, components, 1) ?? []);
  const resource: Json = {
    resourceType: "Observation",
    identifier: identifier === undefined ? undefined : [identifier],
    status,
    category: categoryOf(order),
    code,
    subject: context.subject,
    effectiveDateTime,
    issued: issued(order, context),
    performer: performer === undefined ? undefined : [{ display: performer }],
    ...value,
    interpretation:
      interpretation.length === 0
        ? undefined
        : interpretation.map((flag) => ({
            coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code: flag }],
          })),
    referenceRange: referenceRange(obx),
    note: line.notes.length === 0 ? undefined : line.notes.map((text) => ({ text })),
    specimen: order.specimen === undefined ? undefined : { display: order.specimen },
  };
  return {
    resource,
    reference: identifier === undefined ? undefined : { type: "Observation", identifier },
    says: Object.keys(value).length > 0 || line.notes.length > 0,
  };
}

function report(order: ResultOrder, results: readonly ReadResult[], context: MessageContext): Json {
  const { obr, number } = order;
  const isOrder = obr.name === "OBR";
  const references = results.flatMap(({ reference }) => reference ?? []);
  return {
    resourceType: "DiagnosticReport",
    identifier: number === undefined ? undefined : [{ system: context.identifierSystem, value: number }],
    status: REPORT_STATUS.get((isOrder ? component(obr, 25, 1) : undefined) ?? "") ?? "unknown",
    category: isOrder ? reportCategory(obr) : undefined,
    code: (isOrder ? codeableConcept(obr, 4, context) : undefined) ?? { text: "Results" },
    subject: context.subject,
    effectiveDateTime: orderTime(order, context),
    issued: issued(order, context),
    specimen: order.specimen === undefined ? undefined : [{ display: order.specimen }],
    result: references.length === 0 ? undefined : references,
    conclusion: order.notes.length === 0 ? undefined : order.notes.join("\n"),
  };
}

function orderTime({ obr }: ResultOrder, context: MessageContext): string | undefined {
  return toFhirDateTime(component(obr, obr.name === "OBR" ? 7 : 14, 1), context.zone);
}

/** When this version was made available: OBR-22, else when the message was sent. A FHIR instant needs a time of day. */
function issued({ obr }: ResultOrder, context: MessageContext): string | undefined {
  const reported = obr.name === "OBR" ? toFhirDateTime(component(obr, 22, 1), context.zone) : undefined;
  return [reported, context.sentAt].find((text) => text?.includes("T") === true);
}

/** Where nothing is said it is a laboratory's; what stands without any order was measured elsewhere. */
function categoryOf({ obr }: ResultOrder): Json | undefined {
  if (obr.name !== "OBR") return undefined;
  const code = IMAGING.has(component(obr, 24, 1) ?? "") ? "imaging" : "laboratory";
  return [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code }] }];
}

function reportCategory(obr: Hl7Segment): Json | undefined {
  const code = component(obr, 24, 1);
  return code === undefined
    ? undefined
    : [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code }] }];
}
