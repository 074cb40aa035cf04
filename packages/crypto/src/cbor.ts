import { type Bytes, equalBytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import { decode, encode, rfc8949EncodeOptions } from "cborg";

/** What signed and sealed structures are made of: no floats, tags, undefined or indefinite lengths (protocol §3.1, phase-1 §2.10). */
export type CborValue = number | string | boolean | null | Bytes | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<string | number, CborValue>;

export type CborFailure = Failure<"CBOR_INVALID" | "TOO_LARGE">;

const MAX_DEPTH = 16;
const DEFAULT_MAX_BYTES = 262_144;

/** Deterministic encoding, RFC 8949 §4.2.1. Numbers must be safe integers. */
export function encodeCbor(value: CborValue): Bytes {
  return toBytes(encode(value, rfc8949EncodeOptions));
}

/**
 * The one decoder for every structure whose bytes are signed, hashed or sealed.
 *
 * It accepts exactly the deterministic encoding of a {@link CborValue}: after decoding it encodes again and requires equality, because
 * one signature must never verify under two encodings of one statement (phase-1 §2.10). Size and depth are checked before decoding.
 */
export function decodeStrict(
  bytes: Uint8Array,
  limits: { readonly maxBytes?: number } = {},
): Result<CborValue, CborFailure> {
  if (bytes.length > (limits.maxBytes ?? DEFAULT_MAX_BYTES)) return err(failure("TOO_LARGE"));
  if (!hasPlainShape(bytes)) return err(failure("CBOR_INVALID"));
  const value = decodePlain(bytes);
  if (value === undefined || !equalBytes(encodeCbor(value), bytes)) return err(failure("CBOR_INVALID"));
  return ok(value);
}

function decodePlain(bytes: Uint8Array): CborValue | undefined {
  try {
    return toCborValue(
      decode(bytes, {
        strict: true,
        useMaps: true,
        rejectDuplicateMapKeys: true,
      }),
    );
  } catch {
    return undefined;
  }
}

/** Copies into the closed type; `undefined` for anything outside it. */
function toCborValue(value: unknown): CborValue | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  if (value instanceof Uint8Array) return toBytes(value);
  if (Array.isArray(value)) return collect(value.map(toCborValue));
  if (!(value instanceof Map)) return undefined;
  const copy = new Map<string | number, CborValue>();
  for (const [key, inner] of value) {
    const plain = toCborValue(inner);
    if (plain === undefined || (typeof key !== "string" && typeof key !== "number")) return undefined;
    copy.set(key, plain);
  }
  return copy;
}

function collect(items: readonly (CborValue | undefined)[]): readonly CborValue[] | undefined {
  return items.every((item) => item !== undefined) ? items : undefined;
}

/**
 * Walks the heads of the items without recursion: bounds the depth before a recursive decoder runs, and refuses tags, floats,
 * undefined, other simple values, indefinite lengths and integers of 2^53 and more. Requires that exactly one item fills the bytes.
 */
function hasPlainShape(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Items still to come, per open container; the first stands for the whole. */
  const awaited = [1];
  let offset = 0;
  while (awaited.length > 0) {
    const head = readHead(view, offset);
    if (head === undefined) return false;
    offset = head.next + head.contentBytes;
    if (offset > bytes.length || head.children > bytes.length) return false;
    awaited.push((awaited.pop() ?? 0) - 1);
    if (head.isContainer) awaited.push(head.children);
    if (awaited.length > MAX_DEPTH + 1) return false;
    while (awaited.at(-1) === 0) awaited.pop();
  }
  return offset === bytes.length;
}

type Head = {
  readonly next: number;
  /** Bytes of a string that follow the head. */
  readonly contentBytes: number;
  readonly isContainer: boolean;
  readonly children: number;
};

function readHead(view: DataView, offset: number): Head | undefined {
  if (offset >= view.byteLength) return undefined;
  const initial = view.getUint8(offset);
  const major = initial >> 5;
  const info = initial & 31;
  const scalar = { next: offset + 1, contentBytes: 0, isContainer: false, children: 0 };
  if (major === 6) return undefined;
  if (major === 7) return info >= 20 && info <= 22 ? scalar : undefined;
  const width = info < 24 ? 0 : { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
  if (width === undefined || offset + 1 + width > view.byteLength) return undefined;
  const argument = width === 0 ? info : readUnsigned(view, offset + 1, width);
  if (argument === undefined) return undefined;
  return {
    next: offset + 1 + width,
    contentBytes: major === 2 || major === 3 ? argument : 0,
    isContainer: major === 4 || major === 5,
    children: major === 4 ? argument : major === 5 ? argument * 2 : 0,
  };
}

function readUnsigned(view: DataView, offset: number, width: number): number | undefined {
  if (width === 1) return view.getUint8(offset);
  if (width === 2) return view.getUint16(offset);
  if (width === 4) return view.getUint32(offset);
  const wide = view.getBigUint64(offset);
  return wide < 2n ** 53n ? Number(wide) : undefined;
}
