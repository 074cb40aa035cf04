import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { component } from "./hl7-field.ts";

/** What a message is about, beside its patient. */
export type MessageKind =
  | "visit"
  | "person"
  | "merge"
  | "results"
  | "orders"
  | "document"
  | "immunization"
  | "appointment";

const EVENTS_BY_KIND: Readonly<Record<MessageKind, readonly string[]>> = {
  visit: ["A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A11", "A12", "A13"].map((event) => `ADT^${event}`),
  person: ["ADT^A28", "ADT^A31", "ADT^A60"],
  merge: ["ADT^A18", "ADT^A34", "ADT^A40", "ADT^A47"],
  results: ["ORU^R01", "ORU^R30", "ORU^R40", "OUL^R21", "OUL^R22"],
  orders: ["ORM^O01", "OML^O21", "OMG^O19", "OMP^O09", "RDE^O01", "RDE^O11", "RDS^O01", "RDS^O13"],
  document: Array.from({ length: 11 }, (_, i) => `MDM^T${String(i + 1).padStart(2, "0")}`),
  immunization: ["VXU^V04"],
  appointment: [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26].map((event) => `SIU^S${event}`),
};
const KIND_BY_TYPE: ReadonlyMap<string, MessageKind> = new Map(
  kinds().flatMap((kind) => EVENTS_BY_KIND[kind].map((type) => [type, kind] as const)),
);

/** Message types of early versions, whose header names no event because they had one only (HL7 v2.1 §2.4.1). */
const ONLY_EVENT = new Map([
  ["ORU", "R01"],
  ["ORM", "O01"],
  ["VXU", "V04"],
]);

/** MSH-9 as `ADT^A01`; where early versions name no event, EVN-1 or the only one there is. `undefined` without MSH-9.1. */
export function messageType(message: Hl7Message, header: Hl7Segment | undefined): string | undefined {
  const code = component(header, 9, 1)?.toUpperCase();
  if (code === undefined) return undefined;
  const event = component(header, 9, 2) ?? component(message.getSegment("EVN"), 1, 1) ?? ONLY_EVENT.get(code) ?? "";
  return `${code}^${event.toUpperCase()}`;
}

/** `undefined` for a type that is not taken. */
export function messageKind(type: string): MessageKind | undefined {
  return KIND_BY_TYPE.get(type);
}

function kinds(): readonly MessageKind[] {
  return ["visit", "person", "merge", "results", "orders", "document", "immunization", "appointment"];
}
