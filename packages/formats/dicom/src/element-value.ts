import type { Bytes } from "@caseroom/contract";
import type { CharacterSet } from "./character-set.ts";
import type { Element } from "./data-set.ts";

/** What is needed to read values of one data set: its bytes, its byte order and its character set. */
export type ValueContext = {
  readonly bytes: Bytes;
  readonly isLittleEndian: boolean;
  readonly characterSet: CharacterSet;
};

/** VRs that Specific Character Set speaks about (PS3.5 §6.1.2.2); all other text is ASCII, which the default decoder reads. */
const ENCODED = new Set(["LO", "LT", "PN", "SH", "ST", "UC", "UT"]);
/** VRs of which there is one value, whatever backslashes it holds. */
const SINGLE = new Set(["LT", "ST", "UR", "UT"]);
const TEXT = new Set([
  "AE",
  "AS",
  "CS",
  "DA",
  "DS",
  "DT",
  "IS",
  "LO",
  "LT",
  "PN",
  "SH",
  "ST",
  "TM",
  "UC",
  "UI",
  "UR",
  "UT",
]);

export function isText(vr: string): boolean {
  return TEXT.has(vr);
}

/** The values of a text element, without the padding that its VR does not count (PS3.5 §6.2). */
export function textsOf(element: Element | undefined, context: ValueContext): readonly string[] {
  if (element === undefined || element.length === 0 || !isText(element.vr)) return [];
  const raw = context.bytes.subarray(element.offset, element.offset + element.length);
  const text = ENCODED.has(element.vr) ? context.characterSet.decode(raw, element.vr === "PN") : asciiOf(raw);
  if (SINGLE.has(element.vr)) return [text.replace(/[\0 ]+$/, "")];
  return text.split("\\").map((value) => value.replace(/^ +|[\0 ]+$/g, ""));
}

/** The first value of a text element; "" when there is none. */
export function textOf(element: Element | undefined, context: ValueContext): string {
  return textsOf(element, context)[0] ?? "";
}

type NumberReader = {
  readonly size: number;
  readonly read: (view: DataView, at: number, little: boolean) => number | bigint;
};

const NUMBERS = new Map<string, NumberReader>([
  ["FD", { size: 8, read: (view, at, little) => view.getFloat64(at, little) }],
  ["FL", { size: 4, read: (view, at, little) => view.getFloat32(at, little) }],
  ["SL", { size: 4, read: (view, at, little) => view.getInt32(at, little) }],
  ["SS", { size: 2, read: (view, at, little) => view.getInt16(at, little) }],
  ["SV", { size: 8, read: (view, at, little) => view.getBigInt64(at, little) }],
  ["UL", { size: 4, read: (view, at, little) => view.getUint32(at, little) }],
  ["US", { size: 2, read: (view, at, little) => view.getUint16(at, little) }],
  ["UV", { size: 8, read: (view, at, little) => view.getBigUint64(at, little) }],
]);

export function isNumber(vr: string): boolean {
  return NUMBERS.has(vr);
}

/** The values of a binary number element. */
export function numbersOf(element: Element | undefined, context: ValueContext): readonly (number | bigint)[] {
  const reader = element === undefined ? undefined : NUMBERS.get(element.vr);
  if (element === undefined || reader === undefined) return [];
  const view = new DataView(context.bytes.buffer, context.bytes.byteOffset + element.offset, element.length);
  return Array.from({ length: Math.floor(element.length / reader.size) }, (_, index) =>
    reader.read(view, index * reader.size, context.isLittleEndian),
  );
}

/** A whole number from a binary number or an IS; `undefined` when it is none or below zero. */
export function countOf(element: Element | undefined, context: ValueContext): number | undefined {
  const [binary] = numbersOf(element, context);
  if (binary !== undefined) return Number(binary);
  const text = textOf(element, context);
  return /^\+?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The tags of an AT element, as eight hexadecimal digits. */
export function tagsOf(element: Element, context: ValueContext): readonly string[] {
  const view = new DataView(context.bytes.buffer, context.bytes.byteOffset + element.offset, element.length);
  return Array.from({ length: Math.floor(element.length / 4) }, (_, index) =>
    tagName(
      view.getUint16(index * 4, context.isLittleEndian) * 0x1_0000 +
        view.getUint16(index * 4 + 2, context.isLittleEndian),
    ),
  );
}

/** A tag as DICOM JSON names it: eight hexadecimal digits, upper case. */
export function tagName(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(8, "0");
}

function asciiOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : "\ufffd";
  return text;
}
