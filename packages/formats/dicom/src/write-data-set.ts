import { type Bytes, concatBytes } from "@caseroom/contract";
import { isText } from "./element-value.ts";
import { encodingOf } from "./part10.ts";
import { hasLongLength } from "./value-representation.ts";

/** One attribute of DICOM JSON (PS3.18 §F.2.2). */
export type JsonAttribute = {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly [key: string]: unknown;
};
export type JsonDataSet = Readonly<Record<string, JsonAttribute>>;

/** How text is written: in UTF-8, or in Latin-1 for who asked in it. */
export type WrittenCharacterSet = "ISO_IR 192" | "ISO_IR 100";

/** Beyond this the explicit form of most VRs has no room (PS3.5 §7.1.2). */
const MAX_SHORT_LENGTH = 0xfffe;
const SPECIFIC_CHARACTER_SET = "00080005";

/**
 * The bytes of a data set in DICOM JSON, in a little-endian transfer syntax that does not deflate (PS3.5 §7). Specific Character Set is
 * written when a text needs it, and then says what the text is in: `preferred` where that has every character, else UTF-8. What a VR has no
 * form for, or no room, is written without a value.
 */
export function writeDataSet(dataSet: JsonDataSet, transferSyntax: string, preferred?: WrittenCharacterSet): Bytes {
  const { [SPECIFIC_CHARACTER_SET]: _, ...rest } = dataSet;
  const characterSet = neededFor(JSON.stringify(rest), preferred);
  const term = { [SPECIFIC_CHARACTER_SET]: { vr: "CS", Value: [characterSet] } };
  const { isExplicit } = encodingOf(transferSyntax);
  const isLatin = characterSet === "ISO_IR 100";
  return writeElements(characterSet === undefined ? rest : { ...term, ...rest }, { isExplicit, isLatin });
}

type Form = { readonly isExplicit: boolean; readonly isLatin: boolean };

function neededFor(text: string, preferred: WrittenCharacterSet | undefined): WrittenCharacterSet | undefined {
  if (/^[\x20-\x7e]*$/.test(text)) return undefined;
  return preferred === "ISO_IR 100" && /^[\x20-\x7e\xa0-\xff]*$/.test(text) ? "ISO_IR 100" : "ISO_IR 192";
}

function writeElements(dataSet: JsonDataSet, form: Form): Bytes {
  const tags = Object.keys(dataSet).filter((tag) => /^[0-9A-F]{8}$/.test(tag));
  return concatBytes(
    ...tags.sort().flatMap((tag) => {
      const attribute = dataSet[tag];
      return attribute === undefined ? [] : [writeElement(Number.parseInt(tag, 16), attribute, form)];
    }),
  );
}

function writeElement(tag: number, attribute: JsonAttribute, form: Form): Bytes {
  const { vr } = attribute;
  const isLong = !form.isExplicit || hasLongLength(vr);
  const written = valueBytes(attribute, form);
  const value = isLong || written.length <= MAX_SHORT_LENGTH ? written : new Uint8Array();
  const head = new Uint8Array(form.isExplicit && isLong ? 12 : 8);
  const view = new DataView(head.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  if (form.isExplicit) head.set([vr.charCodeAt(0), vr.charCodeAt(1)], 4);
  if (isLong) view.setUint32(head.length - 4, value.length, true);
  else view.setUint16(6, value.length, true);
  return concatBytes(head, value);
}

function valueBytes(attribute: JsonAttribute, form: Form): Bytes {
  const { vr, Value: values = [] } = attribute;
  if (vr === "SQ") return concatBytes(...values.filter(isDataSet).map((item) => writeItem(item, form)));
  if (isText(vr)) return textBytes(vr, values, form);
  const number = NUMBERS.get(vr);
  if (number !== undefined) return numberBytes(values, number);
  if (vr === "AT") return tagBytes(values);
  const { InlineBinary: binary } = attribute;
  return typeof binary === "string" ? padded(new Uint8Array(Buffer.from(binary, "base64")), 0) : new Uint8Array();
}

function isDataSet(value: unknown): value is JsonDataSet {
  const isAttribute = (one: unknown) =>
    typeof one === "object" && one !== null && "vr" in one && typeof one.vr === "string" && one.vr.length === 2;
  return typeof value === "object" && value !== null && Object.values(value).every(isAttribute);
}

function writeItem(item: JsonDataSet, form: Form): Bytes {
  const elements = writeElements(item, form);
  const head = Uint8Array.of(0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0);
  new DataView(head.buffer).setUint32(4, elements.length, true);
  return concatBytes(head, elements);
}

function textBytes(vr: string, values: readonly unknown[], { isLatin }: Form): Bytes {
  const text = values.map((value) => textOf(vr, value)).join("\\");
  return padded(new Uint8Array(Buffer.from(text, isLatin ? "latin1" : "utf8")), vr === "UI" ? 0 : 0x20);
}

function textOf(vr: string, value: unknown): string {
  if (typeof value === "number") return vr === "DS" ? decimalString(value) : String(value);
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  // A name in its component groups (PS3.5 §6.2.1.2).
  const groups = ["Alphabetic", "Ideographic", "Phonetic"].map((name) => Reflect.get(value, name));
  return groups
    .map((group) => (typeof group === "string" ? group : ""))
    .join("=")
    .replace(/=+$/, "");
}

/** At most 16 characters (PS3.5 §6.2). */
function decimalString(value: number): string {
  const text = String(value);
  return text.length <= 16 ? text : value.toPrecision(9);
}

type NumberWriter = {
  readonly size: number;
  readonly write: (view: DataView, at: number, value: number) => void;
};

const NUMBERS = new Map<string, NumberWriter>([
  ["FD", { size: 8, write: (view, at, value) => view.setFloat64(at, value, true) }],
  ["FL", { size: 4, write: (view, at, value) => view.setFloat32(at, value, true) }],
  ["SL", { size: 4, write: (view, at, value) => view.setInt32(at, value, true) }],
  ["SS", { size: 2, write: (view, at, value) => view.setInt16(at, value, true) }],
  ["UL", { size: 4, write: (view, at, value) => view.setUint32(at, value, true) }],
  ["US", { size: 2, write: (view, at, value) => view.setUint16(at, value, true) }],
]);

function numberBytes(values: readonly unknown[], { size, write }: NumberWriter): Bytes {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) write(view, index * size, Number(value));
  return bytes;
}

function tagBytes(values: readonly unknown[]): Bytes {
  const tags = values.map((value) => (typeof value === "string" ? Number.parseInt(value, 16) : 0));
  return numberBytes(
    tags.flatMap((tag) => [tag >>> 16, tag & 0xffff]),
    { size: 2, write: (view, at, value) => view.setUint16(at, value, true) },
  );
}

function padded(bytes: Bytes, padding: number): Bytes {
  return bytes.length % 2 === 0 ? bytes : concatBytes(bytes, Uint8Array.of(padding));
}
