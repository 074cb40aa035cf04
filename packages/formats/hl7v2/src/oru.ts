import type { Json } from "@caseroom/clinical";
import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { codeableConcept } from "./coded-value.ts";
import { component, repetitions, textAt, wholeText } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";
import { documentData, observationValue, referenceRange } from "./observation-value.ts";

type Order = { readonly obr: Hl7Segment; readonly number: string | undefined; readonly results: Result[] };
type Result = { readonly obx: Hl7Segment; readonly notes: string[] };

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

/** Which OBX lacks its OBX-3, counted from 1; `undefined` when all are named. */
export function unnamedResult(message: Hl7Message): number | undefined {
  const at = message
    .getAllSegments("OBX")
    .findIndex((obx) => component(obx, 3, 1) === undefined && component(obx, 3, 2) === undefined);
  return at < 0 ? undefined : at + 1;
}

/** A DiagnosticReport per OBR, and an Observation (or a document, for embedded data) per OBX. */
export function readOru(message: Hl7Message, context: MessageContext): readonly Json[] {
  return groupOrders(message).flatMap((order) => {
    const occurrences = new Map<string, number>();
    const results = order.results.map((result) => {
      const code = component(result.obx, 3, 1) ?? component(result.obx, 3, 2) ?? "";
      const sub = component(result.obx, 4, 1) ?? "";
      const occurrence = (occurrences.get(`${code}/${sub}`) ?? 0) + 1;
      occurrences.set(`${code}/${sub}`, occurrence);
      return resultResource(order, result, resultNumber(order, code, sub, occurrence), context);
    });
    return [report(order, results, context), ...results.map(({ resource }) => resource)];
  });
}

/**
 * The number by which a repeat or a correction is the same result: order, code and OBX-4. Without OBX-4 it is the
 * occurrence of the code within the order, not the set id, which differs when a correction repeats only some results.
 */
function resultNumber(order: Order, code: string, sub: string, occurrence: number): string | undefined {
  if (order.number === undefined) return undefined;
  return `${order.number}/${code}/${sub === "" ? occurrence : occurrence === 1 ? sub : `${sub}.${occurrence}`}`;
}

/** OBR opens an order; OBX and NTE that follow belong to it. Results without any OBR form an order of their own. */
function groupOrders(message: Hl7Message): readonly Order[] {
  const orders: Order[] = [];
  let common: Hl7Segment | undefined;
  for (const segment of message.segments) {
    const order = orders.at(-1);
    if (segment.name === "ORC") common = segment;
    else if (segment.name === "OBR") {
      orders.push({ obr: segment, number: orderNumber(segment, common), results: [] });
      common = undefined;
    } else if (segment.name === "OBX") {
      if (order !== undefined) order.results.push({ obx: segment, notes: [] });
      else orders.push({ obr: segment, number: undefined, results: [{ obx: segment, notes: [] }] });
    } else if (segment.name === "NTE") {
      const text = repetitions(segment, 3)
        .flatMap((components) => wholeText(segment, components) ?? [])
        .join("\n");
      if (text !== "") order?.results.at(-1)?.notes.push(text);
    }
  }
  return orders;
}

/** The filler's number, else the placer's; ORC carries them where OBR does not. */
function orderNumber(obr: Hl7Segment, orc: Hl7Segment | undefined): string | undefined {
  return component(obr, 3, 1) ?? component(orc, 3, 1) ?? component(obr, 2, 1) ?? component(orc, 2, 1);
}

type ReadResult = { readonly resource: Json; readonly reference: Json | undefined };

function resultResource(order: Order, result: Result, number: string | undefined, context: MessageContext): ReadResult {
  const { obx } = result;
  const identifier = number === undefined ? undefined : { system: context.identifierSystem, value: number };
  const effectiveDateTime = toFhirDateTime(component(obx, 14, 1)) ?? orderTime(order);
  const code = codeableConcept(obx, 3, context.facility);
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
    return { resource: document, reference: undefined };
  }
  const interpretation = repetitions(obx, 8).flatMap((components) => textAt(obx, components, 1) ?? []);
  const resource: Json = {
    resourceType: "Observation",
    identifier: identifier === undefined ? undefined : [identifier],
    status,
    category: [
      { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] },
    ],
    code,
    subject: context.subject,
    effectiveDateTime,
    issued: issued(order, context),
    ...observationValue(obx, context.facility),
    interpretation:
      interpretation.length === 0
        ? undefined
        : interpretation.map((flag) => ({
            coding: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code: flag }],
          })),
    referenceRange: referenceRange(obx),
    note: result.notes.length === 0 ? undefined : result.notes.map((text) => ({ text })),
  };
  return { resource, reference: identifier === undefined ? undefined : { type: "Observation", identifier } };
}

function report(order: Order, results: readonly ReadResult[], context: MessageContext): Json {
  const { obr, number } = order;
  const isOrder = obr.name === "OBR";
  const references = results.flatMap(({ reference }) => reference ?? []);
  return {
    resourceType: "DiagnosticReport",
    identifier: number === undefined ? undefined : [{ system: context.identifierSystem, value: number }],
    status: REPORT_STATUS.get((isOrder ? component(obr, 25, 1) : undefined) ?? "") ?? "unknown",
    code: (isOrder ? codeableConcept(obr, 4, context.facility) : undefined) ?? { text: "Results" },
    subject: context.subject,
    effectiveDateTime: orderTime(order),
    issued: issued(order, context),
    result: references.length === 0 ? undefined : references,
  };
}

function orderTime({ obr }: Order): string | undefined {
  return toFhirDateTime(component(obr, obr.name === "OBR" ? 7 : 14, 1));
}

/** When this version was made available: OBR-22, else when the message was sent. A FHIR instant needs a time of day. */
function issued({ obr }: Order, context: MessageContext): string | undefined {
  const reported = obr.name === "OBR" ? toFhirDateTime(component(obr, 22, 1)) : undefined;
  return [reported, context.sentAt].find((text) => text?.includes("T") === true);
}
