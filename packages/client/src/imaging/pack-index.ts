import { type Bytes, err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { asArray, asArrayOf, asCount, asText, type CborValue, decodeStrict, encodeCbor } from "@caseroom/crypto/verify";

/** Where bytes lie: a frame within its instance. */
export type ByteSpan = { readonly offset: number; readonly length: number };

/** One instance of a pack: a whole PS3.10 file at [offset, offset + length) of the pack's plaintext. */
export type PackRow = {
  readonly sop: string;
  readonly sopClass: string;
  /** InstanceNumber, or 0. */
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  /** Counted from the instance's first byte; empty when frames cannot be told apart without decoding. */
  readonly frames: readonly ByteSpan[];
  readonly transferSyntax: string;
  /** DICOM JSON (PS3.18 Annex F) without bulk data. */
  readonly header: string;
};

/** Bounds of an index blob as its readers accept it. */
export const MAX_INDEX_BYTES = 67_108_864;
const MAX_HEADER_CHARACTERS = 16_777_216;
const MAX_UID = 64;

/** Plaintext of an index blob: CBOR [sop, class, number, offset, length, [[frame offset, frame length]…], transfer syntax, header] for each instance. */
export function encodePackIndex(rows: readonly PackRow[]): Bytes {
  return encodeCbor(
    rows.map((row) => [
      row.sop,
      row.sopClass,
      Math.max(0, row.number),
      row.offset,
      row.length,
      row.frames.map(({ offset, length }) => [offset, length]),
      row.transferSyntax,
      row.header,
    ]),
  );
}

/** The rows of an index blob. TOO_LARGE above 64 MiB, CBOR_INVALID for anything that is not one or points outside of its instance. */
export function parsePackIndex(bytes: Bytes): Result<readonly PackRow[], Failure> {
  const decoded = decodeStrict(bytes, { maxBytes: MAX_INDEX_BYTES });
  if (!decoded.ok) return decoded;
  const rows = asArrayOf(decoded.value, readRow);
  return rows === undefined ? err(failure("CBOR_INVALID", "not an index of a pack")) : ok(rows);
}

function readRow(value: CborValue): PackRow | undefined {
  const parts = asArray(value);
  if (parts?.length !== 8) return undefined;
  const sop = asText(parts[0], MAX_UID);
  const sopClass = asText(parts[1], MAX_UID);
  const number = asCount(parts[2]);
  const offset = asCount(parts[3]);
  const length = asCount(parts[4]);
  if (sop === undefined || sopClass === undefined || number === undefined) return undefined;
  if (offset === undefined || length === undefined) return undefined;
  const frames = asArrayOf(parts[5], (item) => readSpan(item, length));
  const transferSyntax = asText(parts[6], MAX_UID);
  const header = asText(parts[7], MAX_HEADER_CHARACTERS);
  if (frames === undefined || transferSyntax === undefined || header === undefined) return undefined;
  return { sop, sopClass, number, offset, length, frames, transferSyntax, header };
}

function readSpan(value: CborValue, within: number): ByteSpan | undefined {
  const parts = asArray(value);
  const offset = asCount(parts?.[0]);
  const length = asCount(parts?.[1]);
  if (offset === undefined || length === undefined) return undefined;
  return offset + length <= within ? { offset, length } : undefined;
}
