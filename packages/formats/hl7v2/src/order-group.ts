import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { component, repetitions, wholeText } from "./hl7-field.ts";

/** ORC with what follows it (HL7 v2.5.1 §4.2.1 and §4.13.1): an order of a service or of a medicine, or an administration. */
export type OrderGroup = {
  readonly orc: Hl7Segment | undefined;
  /** By name: OBR, RXO, RXE, RXD, RXA, RXR, RXC, TQ1, OBX. */
  readonly segments: ReadonlyMap<string, readonly Hl7Segment[]>;
  /** NTE of the order itself. */
  readonly notes: readonly string[];
};

const OPENING = new Set(["OBR", "RXO", "RXE", "RXD", "RXA"]);
const INNER = new Set([...OPENING, "RXR", "RXC", "TQ1", "OBX"]);
/** What may stand again in one group: a pharmacy encodes what a physician ordered, and dispenses that. */
const LATER_STEP = new Map([
  ["OBR", []],
  ["RXO", []],
  ["RXE", ["RXO"]],
  ["RXD", ["RXO", "RXE"]],
  ["RXA", []],
]);

type Open = {
  orc: Hl7Segment | undefined;
  segments: Map<string, Hl7Segment[]>;
  notes: string[];
  isAfterResult: boolean;
};

/** The orders of a message, in order. A segment that begins another order begins a group, with or without an ORC. */
export function groupOrders(message: Hl7Message): readonly OrderGroup[] {
  const groups: Open[] = [];
  for (const segment of message.segments) {
    const { name } = segment;
    const current = groups.at(-1);
    if (name === "ORC" || (OPENING.has(name) && !continues(current, name)))
      groups.push({ orc: name === "ORC" ? segment : undefined, segments: new Map(), notes: [], isAfterResult: false });
    const group = groups.at(-1);
    if (group === undefined) continue;
    if (INNER.has(name)) group.segments.set(name, [...(group.segments.get(name) ?? []), segment]);
    if (name === "OBX") group.isAfterResult = true;
    if (name === "NTE" && !group.isAfterResult) group.notes.push(...noteTexts(segment));
  }
  return groups;
}

function continues(group: Open | undefined, name: string): boolean {
  if (group === undefined) return false;
  const begun = [...OPENING].filter((one) => group.segments.has(one));
  const allowed: readonly string[] = LATER_STEP.get(name) ?? [];
  return begun.every((one) => allowed.includes(one));
}

/** The first segment of a name in a group. */
export function first(group: OrderGroup, name: string): Hl7Segment | undefined {
  return group.segments.get(name)?.[0];
}

/** The filler's number, else the placer's; ORC carries them where the order's own segment does not. */
export function fillerNumber(own: Hl7Segment | undefined, orc: Hl7Segment | undefined): string | undefined {
  const obr = own?.name === "OBR" ? own : undefined;
  return component(obr, 3, 1) ?? component(orc, 3, 1) ?? component(obr, 2, 1) ?? component(orc, 2, 1);
}

/** The placer's number, by which the order is the same in each message about it; else the filler's. */
export function placerNumber(group: OrderGroup): string | undefined {
  const obr = first(group, "OBR");
  return component(group.orc, 2, 1) ?? component(obr, 2, 1) ?? component(group.orc, 3, 1) ?? component(obr, 3, 1);
}

/** Lines of an NTE (HL7 v2.5.1 §2.15.10). */
export function noteTexts(nte: Hl7Segment): readonly string[] {
  const text = repetitions(nte, 3)
    .flatMap((components) => wholeText(nte, components) ?? [])
    .join("\n");
  return text === "" ? [] : [text];
}

/** Of HL7 tables 0119 and 0038 what FHIR distinguishes of an order. */
export type OrderState = "active" | "on-hold" | "revoked" | "completed" | "entered-in-error";

const STATE_BY_CONTROL = new Map<string, OrderState>([
  ["CA", "revoked"],
  ["CR", "revoked"],
  ["OC", "revoked"],
  ["DC", "revoked"],
  ["DR", "revoked"],
  ["OD", "revoked"],
  ["HD", "on-hold"],
  ["HR", "on-hold"],
  ["OH", "on-hold"],
]);
const STATE_BY_STATUS = new Map<string, OrderState>([
  ["CA", "revoked"],
  ["DC", "revoked"],
  ["RP", "revoked"],
  ["HD", "on-hold"],
  ["CM", "completed"],
  ["ER", "entered-in-error"],
]);

/** What an ORC says has become of the order: its control code first, since that is what the message is about. */
export function orderState(orc: Hl7Segment | undefined): OrderState {
  return (
    STATE_BY_CONTROL.get(component(orc, 1, 1) ?? "") ?? STATE_BY_STATUS.get(component(orc, 5, 1) ?? "") ?? "active"
  );
}

/** Who is named in an XCN (HL7 v2.5.1 §2.A.88), as a FHIR Reference by name. */
export function personNamed(segment: Hl7Segment | undefined, field: number): { readonly display: string } | undefined {
  const [prefix, given, middle, family] = [6, 3, 4, 2].map((at) => component(segment, field, at));
  const name = [prefix, given, middle, family].filter((part) => part !== undefined && part !== "").join(" ");
  const display = name === "" ? component(segment, field, 1) : name;
  return display === undefined ? undefined : { display };
}
