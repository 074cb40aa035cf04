import {
  type Bytes,
  bytesToUtf8,
  compareBytes,
  equalBytes,
  err,
  type Failure,
  failure,
  InvariantError,
  ok,
  type Result,
  toBytes,
} from "@caseroom/contract";

/** What signed and sealed structures are made of: no floats, tags, undefined or indefinite lengths (protocol §3.1, phase-1 §2.10). */
export type CborValue = number | string | boolean | null | Bytes | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<string | number, CborValue>;

export type CborFailure = Failure<"CBOR_INVALID" | "TOO_LARGE">;

const MAX_DEPTH = 16;
const DEFAULT_MAX_BYTES = 262_144;

/** Major types (RFC 8949 §3.1). */
const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTE_STRING = 2;
const TEXT_STRING = 3;
const ARRAY = 4;
const MAP = 5;
const SIMPLE = 7;
const FALSE = 20;
const TRUE = 21;
const NULL = 22;

/** Deterministic encoding, RFC 8949 §4.2.1. Throws InvariantError for a number that is not a safe integer. */
export function encodeCbor(value: CborValue): Bytes {
  const sink: Sink = { bytes: new Uint8Array(FIRST_BYTES), at: 0 };
  writeValue(sink, value);
  return sink.bytes.slice(0, sink.at);
}

/**
 * The one decoder for every structure whose bytes are signed, hashed or sealed.
 *
 * It accepts exactly the deterministic encoding of a {@link CborValue}: after decoding it encodes again and requires equality, because
 * one signature must never verify under two encodings of one statement (phase-1 §2.10). No more than the size allows is ever read, and no
 * deeper than 16.
 */
export function decodeStrict(
  bytes: Uint8Array,
  limits: { readonly maxBytes?: number } = {},
): Result<CborValue, CborFailure> {
  if (bytes.length > (limits.maxBytes ?? DEFAULT_MAX_BYTES)) return err(failure("TOO_LARGE"));
  const source: Source = { bytes, at: 0 };
  const value = readValue(source, 0);
  const isWhole = value !== undefined && source.at === bytes.length;
  return isWhole && equalBytes(encodeCbor(value), bytes) ? ok(value) : err(failure("CBOR_INVALID"));
}

type Sink = { bytes: Bytes; at: number };

const FIRST_BYTES = 256;
const utf8 = new TextEncoder();

function writeValue(sink: Sink, value: CborValue): void {
  if (typeof value === "number") writeInteger(sink, value);
  else if (typeof value === "string") writeText(sink, value);
  else if (value instanceof Uint8Array) writeString(sink, BYTE_STRING, value);
  else if (value === null) writeHead(sink, SIMPLE, NULL);
  else if (typeof value === "boolean") writeHead(sink, SIMPLE, value ? TRUE : FALSE);
  else if (isArray(value)) {
    writeHead(sink, ARRAY, value.length);
    for (const item of value) writeValue(sink, item);
  } else writeMap(sink, value);
}

/** Keys in the bytewise order of their encodings (RFC 8949 §4.2.1). */
function writeMap(sink: Sink, map: CborMap): void {
  const entries = [...map].map(([key, value]) => ({ key: encodedKey(key), value }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  writeHead(sink, MAP, entries.length);
  for (const { key, value } of entries) {
    append(sink, key);
    writeValue(sink, value);
  }
}

/** Short texts are almost always ASCII, and the platform's encoder costs more than they do. */
const SHORT_TEXT = 40;

const MAX_KEPT = 1024;
const keptKeys = new Map<string | number, Bytes>();

/** The protocol has a few dozen keys, and every statement is made of them. */
function encodedKey(key: string | number): Bytes {
  const known = keptKeys.get(key);
  if (known !== undefined) return known;
  const encoded = encodeCbor(key);
  if (keptKeys.size < MAX_KEPT && encoded.length <= SHORT_TEXT) keptKeys.set(key, encoded);
  return encoded;
}

function writeText(sink: Sink, text: string): void {
  const start = sink.at;
  if (text.length <= SHORT_TEXT) {
    writeHead(sink, TEXT_STRING, text.length);
    if (appendAscii(sink, text)) return;
    sink.at = start;
  }
  writeString(sink, TEXT_STRING, utf8.encode(text));
}

function appendAscii(sink: Sink, text: string): boolean {
  reserve(sink, text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return false;
    sink.bytes[sink.at + i] = code;
  }
  sink.at += text.length;
  return true;
}

function writeInteger(sink: Sink, value: number): void {
  if (!Number.isSafeInteger(value)) throw new InvariantError("only whole numbers are signed");
  if (value < 0) writeHead(sink, NEGATIVE, -1 - value);
  else writeHead(sink, UNSIGNED, value);
}

function writeString(sink: Sink, major: number, content: Uint8Array): void {
  writeHead(sink, major, content.length);
  append(sink, content);
}

function append(sink: Sink, content: Uint8Array): void {
  reserve(sink, content.length);
  sink.bytes.set(content, sink.at);
  sink.at += content.length;
}

/** Additional information for the bytes that an argument takes (RFC 8949 §3). */
const WIDTH_INFO = { 1: 24, 2: 25, 4: 26, 8: 27 } as const;

/** The shortest form of a head (RFC 8949 §4.2.1). */
function writeHead(sink: Sink, major: number, argument: number): void {
  const width = argument < 24 ? 0 : argument < 2 ** 8 ? 1 : argument < 2 ** 16 ? 2 : argument < 2 ** 32 ? 4 : 8;
  reserve(sink, 1 + width);
  sink.bytes[sink.at] = (major << 5) | (width === 0 ? argument : WIDTH_INFO[width]);
  let rest = argument;
  for (let i = width; i > 0; i--) {
    sink.bytes[sink.at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  sink.at += 1 + width;
}

function reserve(sink: Sink, more: number): void {
  const needed = sink.at + more;
  if (needed <= sink.bytes.length) return;
  const larger = new Uint8Array(Math.max(needed, 2 * sink.bytes.length));
  larger.set(sink.bytes.subarray(0, sink.at));
  sink.bytes = larger;
}

type Source = { readonly bytes: Uint8Array; at: number };

/** The value that begins here; `undefined` for everything outside {@link CborValue}. */
function readValue(source: Source, depth: number): CborValue | undefined {
  const initial = source.bytes[source.at];
  if (initial === undefined) return undefined;
  source.at += 1;
  const major = initial >> 5;
  const info = initial & 31;
  if (major === SIMPLE) return readSimple(info);
  const argument = readArgument(source, info);
  // Every item that is announced takes a byte: what cannot be there is not made room for.
  if (argument === undefined || (major >= BYTE_STRING && argument > source.bytes.length - source.at)) return undefined;
  switch (major) {
    case UNSIGNED:
      return argument;
    case NEGATIVE:
      return Number.isSafeInteger(-1 - argument) ? -1 - argument : undefined;
    case BYTE_STRING:
      return toBytes(readContent(source, argument));
    case TEXT_STRING:
      return readText(readContent(source, argument));
    case ARRAY:
      return depth < MAX_DEPTH ? readArray(source, argument, depth + 1) : undefined;
    case MAP:
      return depth < MAX_DEPTH ? readMap(source, argument, depth + 1) : undefined;
    default:
      return undefined;
  }
}

function readSimple(info: number): CborValue | undefined {
  if (info === NULL) return null;
  return info === TRUE ? true : info === FALSE ? false : undefined;
}

function readContent(source: Source, length: number): Uint8Array {
  const content = source.bytes.subarray(source.at, source.at + length);
  source.at += length;
  return content;
}

function readText(content: Uint8Array): string | undefined {
  if (content.length > SHORT_TEXT) return bytesToUtf8(content);
  let text = "";
  for (const byte of content) {
    if (byte > 127) return bytesToUtf8(content);
    text += String.fromCharCode(byte);
  }
  return text;
}

function readArray(source: Source, length: number, depth: number): readonly CborValue[] | undefined {
  const items: CborValue[] = [];
  for (let i = 0; i < length; i++) {
    const item = readValue(source, depth);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function readMap(source: Source, size: number, depth: number): CborMap | undefined {
  const map = new Map<string | number, CborValue>();
  for (let i = 0; i < size; i++) {
    const key = readValue(source, depth);
    if ((typeof key !== "string" && typeof key !== "number") || map.has(key)) return undefined;
    const value = readValue(source, depth);
    if (value === undefined) return undefined;
    map.set(key, value);
  }
  return map;
}

/** The argument of a head; `undefined` when it is cut off, indefinite, reserved, or 2^53 and more. */
function readArgument(source: Source, info: number): number | undefined {
  if (info < 24) return info;
  const width = 2 ** (info - 24);
  if (width > 8 || source.at + width > source.bytes.length) return undefined;
  let argument = 0;
  for (let i = 0; i < width; i++) argument = argument * 256 + (source.bytes[source.at + i] ?? 0);
  source.at += width;
  return Number.isSafeInteger(argument) ? argument : undefined;
}

/** `Array.isArray` does not narrow what is readonly. */
function isArray(value: readonly CborValue[] | CborMap): value is readonly CborValue[] {
  return Array.isArray(value);
}
