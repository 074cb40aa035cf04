import { type Json, NumberText } from "@caseroom/clinical";
import type { Hl7Segment } from "@medplum/core";
import { codeableConcept, codeSystem } from "./coded-value.ts";
import { component, repetitions, textAt } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";
import { first, type OrderGroup, orderState, personNamed, placerNumber } from "./order-group.ts";

/** Where RXE (pharmacy's encoding) and RXO (the physician's order) say the same things (HL7 v2.5.1 §4.14.1 and §4.14.4). */
type Layout = {
  readonly drug: number;
  readonly amount: number;
  readonly maximum: number;
  readonly unit: number;
  readonly instructions: number;
  readonly dispensed: number;
  readonly dispensedUnit: number;
  readonly refills: number;
};
const ENCODED: Layout = {
  drug: 2,
  amount: 3,
  maximum: 4,
  unit: 5,
  instructions: 7,
  dispensed: 10,
  dispensedUnit: 11,
  refills: 12,
};
const ORDERED: Layout = {
  drug: 1,
  amount: 2,
  maximum: 3,
  unit: 4,
  instructions: 7,
  dispensed: 11,
  dispensedUnit: 12,
  refills: 13,
};

/** FHIR R4 medicationrequest-status of what an ORC says. */
const STATUS = {
  active: "active",
  "on-hold": "on-hold",
  revoked: "cancelled",
  completed: "completed",
  "entered-in-error": "entered-in-error",
} as const;

/** An ordered or encoded medicine as a MedicationRequest, and what was dispensed of it as a MedicationDispense. */
export function pharmacyResources(group: OrderGroup, context: MessageContext): readonly Json[] {
  const encoded = first(group, "RXE");
  const ordered = first(group, "RXO");
  // What the pharmacy encoded is what is given; an order without a drug there is read from what was ordered.
  const isEncoded = encoded !== undefined && drugOf(encoded, ENCODED.drug, context) !== undefined;
  const source = isEncoded ? encoded : ordered;
  return [
    ...(source === undefined ? [] : request(group, source, isEncoded ? ENCODED : ORDERED, context)),
    ...(group.segments.get("RXD") ?? []).flatMap((rxd) => dispense(group, rxd, context)),
  ];
}

function request(group: OrderGroup, rx: Hl7Segment, layout: Layout, context: MessageContext): readonly Json[] {
  const drug = drugOf(rx, layout.drug, context);
  if (drug === undefined) return [];
  const isStopped = ["DC", "OD", "DR"].includes(component(group.orc, 1, 1) ?? "");
  const quantity = NumberText.parse(component(rx, layout.dispensed, 1) ?? "");
  const refills = component(rx, layout.refills, 1) ?? "";
  const notes = [...group.notes, ...componentsOf(group)];
  return [
    {
      resourceType: "MedicationRequest",
      identifier: identifierOf(group, drug.name, context),
      status: isStopped ? "stopped" : STATUS[orderState(group.orc)],
      intent: "order",
      medicationCodeableConcept: drug.concept,
      subject: context.subject,
      authoredOn: toFhirDateTime(component(group.orc, 9, 1), context.zone) ?? context.sentAt,
      requester: personNamed(group.orc, 12),
      dosageInstruction: dosage(group, rx, layout, context),
      dispenseRequest:
        quantity === undefined && !/^\d{1,3}$/.test(refills)
          ? undefined
          : {
              numberOfRepeatsAllowed: /^\d{1,3}$/.test(refills) ? NumberText.parse(refills) : undefined,
              quantity: quantity === undefined ? undefined : { value: quantity, ...unitOf(rx, layout.dispensedUnit) },
            },
      note: notes.length === 0 ? undefined : notes.map((text) => ({ text })),
    },
  ];
}

/** RXD (HL7 v2.5.1 §4.14.5). */
function dispense(group: OrderGroup, rxd: Hl7Segment, context: MessageContext): readonly Json[] {
  const drug = drugOf(rxd, 2, context);
  if (drug === undefined) return [];
  const quantity = NumberText.parse(component(rxd, 4, 1) ?? "");
  return [
    {
      resourceType: "MedicationDispense",
      identifier: identifierOf(group, `${drug.name}/${component(rxd, 1, 1) ?? "1"}`, context),
      status: "completed",
      medicationCodeableConcept: drug.concept,
      subject: context.subject,
      whenHandedOver: toFhirDateTime(component(rxd, 3, 1), context.zone),
      quantity: quantity === undefined ? undefined : { value: quantity, ...unitOf(rxd, 5) },
    },
  ];
}

/** By the drug as well: systems send several under one order number. */
function identifierOf(group: OrderGroup, drug: string, context: MessageContext): Json | undefined {
  const number = placerNumber(group);
  return number === undefined ? undefined : [{ system: context.identifierSystem, value: `rx/${number}/${drug}` }];
}

function drugOf(
  rx: Hl7Segment,
  field: number,
  context: MessageContext,
): { readonly concept: Json; readonly name: string } | undefined {
  const concept = codeableConcept(rx, field, context);
  const name = component(rx, field, 1) ?? component(rx, field, 2) ?? component(rx, field, 5);
  return concept === undefined || name === undefined ? undefined : { concept, name };
}

function dosage(group: OrderGroup, rx: Hl7Segment, layout: Layout, context: MessageContext): Json | undefined {
  const rxr = first(group, "RXR");
  const route = rxr === undefined ? undefined : codeableConcept(rxr, 1, context);
  const timing =
    component(first(group, "TQ1"), 3, 1) ?? component(rx.name === "RXE" ? rx : group.orc, rx.name === "RXE" ? 1 : 7, 2);
  const said = repetitions(rx, layout.instructions).flatMap(
    (components) => textAt(rx, components, 2) ?? textAt(rx, components, 1) ?? [],
  );
  const dose = doseOf(rx, layout);
  const text = said.length > 0 ? said.join("; ") : timing;
  if (text === undefined && route === undefined && dose === undefined) return undefined;
  return [
    {
      text,
      timing: timing === undefined ? undefined : { code: { text: timing } },
      route,
      doseAndRate: dose === undefined ? undefined : [dose],
    },
  ];
}

/** The least and the greatest amount that may be given at a time. */
function doseOf(rx: Hl7Segment, layout: Layout): Json | undefined {
  const low = NumberText.parse(component(rx, layout.amount, 1) ?? "");
  const high = NumberText.parse(component(rx, layout.maximum, 1) ?? "");
  if (low === undefined) return undefined;
  const unit = unitOf(rx, layout.unit);
  return high === undefined || high.literal === low.literal
    ? { doseQuantity: { value: low, ...unit } }
    : { doseRange: { low: { value: low, ...unit }, high: { value: high, ...unit } } };
}

function unitOf(rx: Hl7Segment, field: number): { readonly [name: string]: Json | undefined } {
  const code = component(rx, field, 1);
  const isUcum = component(rx, field, 3)?.toUpperCase() === "UCUM";
  const unit = component(rx, field, 2) ?? code;
  return isUcum && code !== undefined ? { unit, system: codeSystem("UCUM", ""), code } : { unit };
}

/** What a mixture is made of, in words: RXC (HL7 v2.5.1 §4.14.3). */
function componentsOf(group: OrderGroup): readonly string[] {
  const parts = (group.segments.get("RXC") ?? []).flatMap((rxc) => {
    const name = component(rxc, 2, 2) ?? component(rxc, 2, 1);
    const amount = [component(rxc, 3, 1), component(rxc, 4, 1)].filter((part) => part !== undefined).join(" ");
    return name === undefined ? [] : [amount === "" ? name : `${name} ${amount}`];
  });
  return parts.length === 0 ? [] : [`Contains: ${[...new Set(parts)].join("; ")}`];
}
