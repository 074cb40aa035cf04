import { type Bytes, err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { hasLongLength, implicitVr, isVrShaped } from "./value-representation.ts";

/** One element as it lies in the bytes: what it is, and where its value is. Sequences carry their items, encapsulated pixels their fragments. */
export type Element = {
  /** (gggg,eeee) as one number. */
  readonly tag: number;
  readonly vr: string;
  readonly offset: number;
  readonly length: number;
  readonly items?: readonly DataSet[];
  /** The items of encapsulated pixel data (PS3.5 Annex A.4); the first is the basic offset table. */
  readonly fragments?: readonly Range[];
};

export type Range = { readonly offset: number; readonly length: number };
export type DataSet = ReadonlyMap<number, Element>;
export type Encoding = { readonly isExplicit: boolean; readonly isLittleEndian: boolean };

/** What a header may cost: sequences within sequences, and elements, items and fragments altogether. */
export const MAX_DEPTH = 32;
export const MAX_ELEMENTS = 500_000;

const UNDEFINED_LENGTH = 0xffff_ffff;
const ITEM = 0xfffe_e000;
const ITEM_END = 0xfffe_e00d;
const SEQUENCE_END = 0xfffe_e0dd;
const PIXEL_REPRESENTATION = 0x0028_0103;
const IMPLICIT: Encoding = { isExplicit: false, isLittleEndian: true };

/** What is being read: where we are, what it has cost, and the first thing that did not hold. */
type Cursor = {
  readonly bytes: Bytes;
  readonly view: DataView;
  at: number;
  left: number;
  isSigned: boolean;
  problem: Failure | undefined;
};

/**
 * The elements of a data set between two places of a file (PS3.5 §7), without decoding a value. Ends at `until`, or before an element that
 * `stopAt` knows. SOURCE_INCOMPLETE when it is cut short, TOO_LARGE beyond the limits, SOURCE_UNREADABLE when it contradicts itself.
 */
export function readDataSet(
  bytes: Bytes,
  range: { readonly from: number; readonly until: number },
  encoding: Encoding,
  stopAt?: (tag: number) => boolean,
): Result<{ readonly dataSet: DataSet; readonly end: number }, Failure> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor: Cursor = { bytes, view, at: range.from, left: MAX_ELEMENTS, isSigned: false, problem: undefined };
  const dataSet = readElements(cursor, { until: range.until, isOpen: false, depth: 0, encoding }, stopAt);
  return cursor.problem === undefined ? ok({ dataSet, end: cursor.at }) : err(cursor.problem);
}

/** `isOpen`: the length is undefined, a delimiter ends it. */
type Extent = {
  readonly until: number;
  readonly isOpen: boolean;
  readonly depth: number;
  readonly encoding: Encoding;
};

function readElements(cursor: Cursor, extent: Extent, stopAt?: (tag: number) => boolean): DataSet {
  const elements = new Map<number, Element>();
  while (cursor.problem === undefined && cursor.at < extent.until) {
    const start = cursor.at;
    const tag = readTag(cursor, extent);
    if (stopAt?.(tag)) {
      cursor.at = start;
      return elements;
    }
    if (tag === ITEM_END || tag === SEQUENCE_END) {
      cursor.at += 4;
      if (extent.isOpen) return elements;
      continue;
    }
    // Zeros after the last element are padding that some writers leave.
    if (tag === 0 && isZero(cursor.bytes, start, extent.until)) {
      cursor.at = extent.until;
      return elements;
    }
    keepElement(cursor, extent, tag, elements);
  }
  if (extent.isOpen && cursor.problem === undefined) stop(cursor, elements, "SOURCE_INCOMPLETE", "no end of an item");
  return elements;
}

function keepElement(cursor: Cursor, extent: Extent, tag: number, elements: Map<number, Element>): void {
  spend(cursor);
  const element = readElement(cursor, extent, tag);
  if (element === undefined) return;
  // Two readers that take different ones would see different patients.
  if (elements.has(tag)) {
    stop(cursor, undefined, "SOURCE_UNREADABLE", "an element twice");
    return;
  }
  elements.set(tag, element);
  if (tag === PIXEL_REPRESENTATION && element.length === 2)
    cursor.isSigned = cursor.view.getUint16(element.offset, extent.encoding.isLittleEndian) === 1;
}

function readElement(cursor: Cursor, extent: Extent, tag: number): Element | undefined {
  const head = readHead(cursor, extent, tag);
  if (cursor.problem !== undefined) return undefined;
  const { vr, length } = head;
  const offset = cursor.at;
  if (length === UNDEFINED_LENGTH) return readOpenElement(cursor, extent, { tag, vr, offset });
  if (length > extent.until - offset) return stop(cursor, undefined, "SOURCE_INCOMPLETE", "a value beyond the end");
  if (vr === "SQ") {
    const items = readItems(cursor, { ...extent, until: offset + length, isOpen: false });
    return { tag, vr, offset, length, items };
  }
  cursor.at = offset + length;
  return { tag, vr, offset, length };
}

function readOpenElement(
  cursor: Cursor,
  extent: Extent,
  { tag, vr, offset }: Pick<Element, "tag" | "vr" | "offset">,
): Element {
  if (vr.startsWith("O")) {
    const fragments = readFragments(cursor, extent);
    return { tag, vr, offset, length: cursor.at - offset, fragments };
  }
  // A sequence whose VR the sender did not know is in implicit VR, whatever surrounds it (PS3.5 §6.2.2).
  const encoding = extent.encoding.isExplicit && vr === "UN" ? IMPLICIT : extent.encoding;
  const items = readItems(cursor, { ...extent, encoding, isOpen: true });
  return { tag, vr: "SQ", offset, length: cursor.at - offset, items };
}

/** VR and length. Where an explicit VR cannot be one, the element is taken as implicit: some writers mix them. */
function readHead(cursor: Cursor, { encoding, until }: Extent, tag: number): { vr: string; length: number } {
  const { isLittleEndian } = encoding;
  if (cursor.at + 4 > until) return stop(cursor, { vr: "UN", length: 0 }, "SOURCE_INCOMPLETE", "an element cut short");
  const vr = String.fromCharCode(cursor.bytes[cursor.at] ?? 0, cursor.bytes[cursor.at + 1] ?? 0);
  if (!encoding.isExplicit || !isVrShaped(vr)) {
    const length = cursor.view.getUint32(cursor.at, isLittleEndian);
    cursor.at += 4;
    return { vr: implicitVr(tag, cursor.isSigned), length };
  }
  if (!hasLongLength(vr)) {
    const length = cursor.view.getUint16(cursor.at + 2, isLittleEndian);
    cursor.at += 4;
    return { vr, length };
  }
  if (cursor.at + 8 > until) return stop(cursor, { vr, length: 0 }, "SOURCE_INCOMPLETE", "an element cut short");
  const length = cursor.view.getUint32(cursor.at + 4, isLittleEndian);
  cursor.at += 8;
  return { vr, length };
}

function readItems(cursor: Cursor, extent: Extent): readonly DataSet[] {
  const items: DataSet[] = [];
  if (extent.depth >= MAX_DEPTH) return stop(cursor, items, "TOO_LARGE", "sequences too deep");
  while (cursor.problem === undefined && cursor.at < extent.until) {
    const item = readItemHead(cursor, extent);
    if (item === undefined) return items;
    const isOpen = item.length === UNDEFINED_LENGTH;
    const until = isOpen ? extent.until : cursor.at + item.length;
    if (until > extent.until) return stop(cursor, items, "SOURCE_INCOMPLETE", "an item beyond the end");
    items.push(readElements(cursor, { ...extent, until, isOpen, depth: extent.depth + 1 }));
  }
  if (extent.isOpen && cursor.problem === undefined) stop(cursor, items, "SOURCE_INCOMPLETE", "no end of a sequence");
  return items;
}

function readFragments(cursor: Cursor, extent: Extent): readonly Range[] {
  const fragments: Range[] = [];
  while (cursor.problem === undefined && cursor.at < extent.until) {
    const item = readItemHead(cursor, extent);
    if (item === undefined) return fragments;
    if (item.length > extent.until - cursor.at) return stop(cursor, fragments, "SOURCE_INCOMPLETE", "pixels cut short");
    fragments.push({ offset: cursor.at, length: item.length });
    cursor.at += item.length;
  }
  return cursor.problem === undefined
    ? stop(cursor, fragments, "SOURCE_INCOMPLETE", "no end of the pixels")
    : fragments;
}

/** The next item's length, or `undefined` at the end of the sequence. */
function readItemHead(cursor: Cursor, extent: Extent): { readonly length: number } | undefined {
  const tag = readTag(cursor, extent);
  if (cursor.problem !== undefined) return undefined;
  if (cursor.at + 4 > extent.until) return stop(cursor, undefined, "SOURCE_INCOMPLETE", "an item cut short");
  const length = cursor.view.getUint32(cursor.at, extent.encoding.isLittleEndian);
  cursor.at += 4;
  if (tag === SEQUENCE_END) return undefined;
  if (tag !== ITEM) return stop(cursor, undefined, "SOURCE_UNREADABLE", "not an item");
  spend(cursor);
  return { length };
}

function readTag(cursor: Cursor, { until, encoding: { isLittleEndian } }: Extent): number {
  if (cursor.at + 4 > until) return stop(cursor, 0, "SOURCE_INCOMPLETE", "a tag cut short");
  const group = cursor.view.getUint16(cursor.at, isLittleEndian);
  const element = cursor.view.getUint16(cursor.at + 2, isLittleEndian);
  cursor.at += 4;
  return group * 0x1_0000 + element;
}

function spend(cursor: Cursor): void {
  cursor.left -= 1;
  if (cursor.left < 0) stop(cursor, undefined, "TOO_LARGE", "too many elements");
}

/** Keeps the first problem; whatever is being read ends as it is. */
function stop<T>(
  cursor: Cursor,
  soFar: T,
  code: "SOURCE_INCOMPLETE" | "SOURCE_UNREADABLE" | "TOO_LARGE",
  detail: string,
): T {
  cursor.problem ??= failure(code, detail);
  return soFar;
}

function isZero(bytes: Bytes, from: number, until: number): boolean {
  for (let at = from; at < until; at++) if (bytes[at] !== 0) return false;
  return true;
}
