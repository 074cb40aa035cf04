import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { component, repetitions, wholeText } from "./hl7-field.ts";
import { fillerNumber, noteTexts } from "./order-group.ts";

/** An OBR with its results. Without any OBR the first OBX stands for it. */
export type ResultOrder = {
  readonly obr: Hl7Segment;
  readonly number: string | undefined;
  readonly results: ResultLine[];
  /** NTE of the order itself. */
  readonly notes: string[];
  specimen: string | undefined;
};

/** One result: an OBX, further OBX that are lines of the same text, and its NTE. */
export type ResultLine = { readonly obx: Hl7Segment; readonly more: Hl7Segment[]; readonly notes: string[] };

/** Types of OBX-2 that are lines of a text; several of one name are one text. */
const TEXT_TYPES = new Set(["FT", "TX"]);

/** OBR opens an order; OBX, NTE and SPM that follow belong to it. Results without any OBR form an order of their own. */
export function groupResults(message: Hl7Message): readonly ResultOrder[] {
  const orders: ResultOrder[] = [];
  let common: Hl7Segment | undefined;
  for (const segment of message.segments) {
    const order = orders.at(-1);
    switch (segment.name) {
      case "ORC":
        common = segment;
        break;
      case "OBR":
        orders.push({ ...emptyOrder(segment), number: fillerNumber(segment, common) });
        common = undefined;
        break;
      case "OBX":
        if (order === undefined) orders.push(emptyOrder(segment));
        addResult(orders.at(-1), segment);
        break;
      case "NTE":
        (order?.results.at(-1)?.notes ?? order?.notes)?.push(...noteTexts(segment));
        break;
      case "SPM":
        if (order !== undefined) order.specimen ??= component(segment, 4, 2) ?? component(segment, 4, 1);
        break;
      default:
    }
  }
  return orders;
}

/** Which OBX says something and has no name, counted from 1; `undefined` when all are named. */
export function unnamedResult(message: Hl7Message): number | undefined {
  const orders = groupResults(message);
  const all = message.getAllSegments("OBX");
  const unnamed = orders.flatMap((order) => order.results.filter((line) => isUnnamed(order, line)));
  const [first] = unnamed;
  return first === undefined ? undefined : all.indexOf(first.obx) + 1;
}

/** Lines of text without an OBX-3 are named by their order; what says nothing needs no name. */
function isUnnamed(order: ResultOrder, { obx }: ResultLine): boolean {
  if (nameOf(obx) !== undefined || repetitions(obx, 5).length === 0) return false;
  return (
    !isText(obx) || order.obr.name !== "OBR" || (component(order.obr, 4, 1) ?? component(order.obr, 4, 2)) === undefined
  );
}

/** OBX-4, all of it: its first component may be empty where its others tell results apart (HL7 v2.8.2 §7.4.2.4, data type OG). */
export function subNumber(obx: Hl7Segment): string {
  const [components] = repetitions(obx, 4);
  return components === undefined ? "" : (wholeText(obx, components) ?? "").replace(/\^+$/, "");
}

/** OBX-3 as sender and receiver call the test. */
export function nameOf(obx: Hl7Segment): string | undefined {
  return component(obx, 3, 1) ?? component(obx, 3, 2);
}

function emptyOrder(obr: Hl7Segment): ResultOrder {
  const specimen = obr.name === "OBR" ? (component(obr, 15, 2) ?? component(obr, 15, 1)) : undefined;
  return { obr, number: undefined, results: [], notes: [], specimen };
}

function addResult(order: ResultOrder | undefined, obx: Hl7Segment): void {
  const before = order?.results.at(-1);
  const isNextLine =
    before !== undefined &&
    before.notes.length === 0 &&
    isText(before.obx) &&
    isText(obx) &&
    nameOf(before.obx) === nameOf(obx) &&
    subNumber(before.obx) === subNumber(obx) &&
    component(before.obx, 11, 1) === component(obx, 11, 1);
  if (isNextLine) before.more.push(obx);
  else order?.results.push({ obx, more: [], notes: [] });
}

function isText(obx: Hl7Segment): boolean {
  return TEXT_TYPES.has(component(obx, 2, 1) ?? "");
}
