import {
  type Bytes,
  concatBytes,
  err,
  type Failure,
  failure,
  InvariantError,
  ok,
  type Result,
} from "@caseroom/contract";
import { type DataSet, type Encoding, readDataSet } from "./data-set.ts";
import { isVrShaped } from "./value-representation.ts";

export const IMPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2";
export const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
export const DEFLATED_EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99";
export const EXPLICIT_BIG_ENDIAN = "1.2.840.10008.1.2.2";

const PREAMBLE = 128;
const TRANSFER_SYNTAX = 0x0002_0010;
/** Ours, from a UUID (PS3.5 Annex B.2). */
export const IMPLEMENTATION_CLASS = "2.25.160748379107462270354218793263715264337";
export const IMPLEMENTATION_VERSION = "CASEROOM_1";

/** Where the data set begins and how it is written. */
export type Part10 = { readonly transferSyntax: string; readonly from: number; readonly isPart10: boolean };

/**
 * The file meta information of PS3.10 §7.1. A missing preamble, meta group, group length or transfer syntax is forgiven: the data set itself
 * then says how it is written. SOURCE_UNREADABLE when the bytes are not DICOM at all.
 */
export function readPart10(bytes: Bytes): Result<Part10, Failure> {
  const isPart10 = hasPrefix(bytes);
  const start = isPart10 ? PREAMBLE + 4 : 0;
  const meta = readMeta(bytes, start);
  if (!meta.ok) return meta;
  const { dataSet, end } = meta.value;
  const named = textOf(bytes, dataSet, TRANSFER_SYNTAX);
  const stated = isUid(named) ? named : undefined;
  const transferSyntax = stated ?? guessTransferSyntax(bytes, end);
  if (transferSyntax === undefined) return err(failure("SOURCE_UNREADABLE", "not DICOM"));
  return ok({ transferSyntax, from: end, isPart10: isPart10 && stated !== undefined });
}

/** How a data set in this transfer syntax is written: everything but three is explicit little endian (PS3.5 Annex A). */
export function encodingOf(transferSyntax: string): Encoding {
  return {
    isExplicit: transferSyntax !== IMPLICIT_LITTLE_ENDIAN,
    isLittleEndian: transferSyntax !== EXPLICIT_BIG_ENDIAN,
  };
}

/**
 * A PS3.10 file around a data set as it came over an association: preamble, an own group 0002, and the data set byte for byte.
 * Throws InvariantError for UIDs that are none.
 */
export function wrapDataSet(input: FileMeta & { readonly dataSet: Bytes }): Bytes {
  return concatBytes(fileMeta(input), input.dataSet);
}

export type FileMeta = {
  readonly sop: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  /** The calling application entity. */
  readonly sourceAet?: string;
};

/** What stands before the data set in a file: preamble and group 0002. Throws InvariantError for UIDs that are none. */
export function fileMeta(input: FileMeta): Bytes {
  for (const uid of [input.sop, input.sopClass, input.transferSyntax])
    if (!isUid(uid)) throw new InvariantError("not a UID");
  const group = concatBytes(
    metaElement(0x0001, "OB", Uint8Array.of(0, 1)),
    metaElement(0x0002, "UI", ascii(input.sopClass, "\0")),
    metaElement(0x0003, "UI", ascii(input.sop, "\0")),
    metaElement(0x0010, "UI", ascii(input.transferSyntax, "\0")),
    metaElement(0x0012, "UI", ascii(IMPLEMENTATION_CLASS, "\0")),
    metaElement(0x0013, "SH", ascii(IMPLEMENTATION_VERSION, " ")),
    input.sourceAet === undefined ? new Uint8Array() : metaElement(0x0016, "AE", ascii(input.sourceAet, " ")),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, group.length, true);
  return concatBytes(new Uint8Array(PREAMBLE), ascii("DICM", ""), metaElement(0x0000, "UL", length), group);
}

/** What follows group 0002: the part of a file that senders agree about. A view; the whole of it when there is no meta information. */
export function dataSetOf(file: Bytes): Bytes {
  const meta = readMeta(file, hasPrefix(file) ? PREAMBLE + 4 : 0);
  return meta.ok ? file.subarray(meta.value.end) : file;
}

/** Whether the text is a UID (PS3.5 §9.1). Leading zeros of a component are wrong but common, and harmless. */
export function isUid(text: string): boolean {
  return text.length <= 64 && /^\d+(\.\d+)+$/.test(text);
}

/** The group is explicit little endian whatever follows; it ends where another group begins, as its stated length is often wrong. */
function readMeta(bytes: Bytes, from: number): Result<{ readonly dataSet: DataSet; readonly end: number }, Failure> {
  const encoding = encodingOf(EXPLICIT_LITTLE_ENDIAN);
  return readDataSet(bytes, { from, until: bytes.length }, encoding, (tag) => tag >>> 16 !== 0x0002);
}

function hasPrefix(bytes: Bytes): boolean {
  return String.fromCharCode(...bytes.subarray(PREAMBLE, PREAMBLE + 4)) === "DICM";
}

/** By the first element: a low group, and either a VR or a length that fits. */
function guessTransferSyntax(bytes: Bytes, from: number): string | undefined {
  if (from + 8 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, 8);
  const isExplicit = isVrShaped(String.fromCharCode(view.getUint8(4), view.getUint8(5)));
  const isLow = (isLittleEndian: boolean) => {
    const group = view.getUint16(0, isLittleEndian);
    return group >= 0x0004 && group <= 0x0020;
  };
  if (isLow(true)) {
    if (isExplicit) return EXPLICIT_LITTLE_ENDIAN;
    return view.getUint32(4, true) <= bytes.length ? IMPLICIT_LITTLE_ENDIAN : undefined;
  }
  return isLow(false) && isExplicit ? EXPLICIT_BIG_ENDIAN : undefined;
}

function textOf(bytes: Bytes, dataSet: DataSet, tag: number): string {
  const element = dataSet.get(tag);
  if (element === undefined) return "";
  const text = String.fromCharCode(...bytes.subarray(element.offset, element.offset + Math.min(element.length, 64)));
  return text.replace(/[\0 ]+$/, "");
}

function metaElement(element: number, vr: string, value: Uint8Array): Bytes {
  const isLong = vr === "OB";
  const head = new Uint8Array(isLong ? 12 : 8);
  const view = new DataView(head.buffer);
  view.setUint16(0, 0x0002, true);
  view.setUint16(2, element, true);
  head.set(ascii(vr, ""), 4);
  if (isLong) view.setUint32(8, value.length, true);
  else view.setUint16(6, value.length, true);
  return concatBytes(head, value);
}

/** ASCII, padded to an even length where there is padding. */
function ascii(text: string, padding: string): Bytes {
  const padded = text.length % 2 === 0 ? text : text + padding;
  return Uint8Array.from(padded, (character) => character.charCodeAt(0));
}
