import {
  type Bytes,
  bytesToId16,
  bytesToId32,
  type CompId,
  type Digest,
  err,
  type Failure,
  failure,
  idToBytes,
  type Oid,
  ok,
  type Result,
  toBytes,
} from "@caseroom/contract";
import {
  asArray,
  asBytes,
  asCount,
  decodeStrict,
  digestOf,
  encodeCbor,
  FLOE_HEADER_BYTES,
  isCborMap,
  SEGMENT_OVERHEAD,
} from "@caseroom/crypto/verify";

/** What the hub and everyone else can see of an entry (protocol §5.2). `wt` 0: key under the epoch's secret; 1: sealed to its inbox. */
export type EnvelopeHeader = {
  readonly compId: CompId;
  readonly oid: Oid;
  readonly e: number;
  readonly wt: 0 | 1;
};

/** [hdr, w, fh, fb], four byte strings. `headerBytes` is what is bound three times. */
export type Envelope = EnvelopeHeader & {
  readonly hash: Digest;
  readonly headerBytes: Bytes;
  readonly wrappedKey: Bytes;
  readonly floeHeader: Bytes;
  readonly floeBody: Bytes;
};

export type EnvelopeFailure = Failure<"ENVELOPE_INVALID" | "CBOR_INVALID" | "TOO_LARGE" | "UPDATE_REQUIRED">;

const MAX_PLAINTEXT = 65_536;
export const MAX_ENVELOPE_BYTES = MAX_PLAINTEXT + SEGMENT_OVERHEAD + FLOE_HEADER_BYTES + 2048;
const HEADER_KEYS = 6;

/** Takes an envelope apart: strict schema, exactly four byte strings, exactly six header keys. */
export function parseEnvelope(bytes: Uint8Array): Result<Envelope, EnvelopeFailure> {
  const decoded = decodeStrict(bytes, { maxBytes: MAX_ENVELOPE_BYTES });
  if (!decoded.ok) return decoded;
  const parts = asArray(decoded.value);
  const headerBytes = asBytes(parts?.[0]);
  const wrappedKey = asBytes(parts?.[1]);
  const floeHeader = asBytes(parts?.[2], FLOE_HEADER_BYTES);
  const floeBody = asBytes(parts?.[3]);
  if (parts?.length !== 4 || headerBytes === undefined || wrappedKey === undefined)
    return err(failure("ENVELOPE_INVALID"));
  if (floeHeader === undefined || floeBody === undefined) return err(failure("ENVELOPE_INVALID"));
  const header = parseHeader(headerBytes);
  if (!header.ok) return header;
  return ok({ ...header.value, hash: digestOf(bytes), headerBytes, wrappedKey, floeHeader, floeBody });
}

function parseHeader(bytes: Bytes): Result<EnvelopeHeader, EnvelopeFailure> {
  const decoded = decodeStrict(bytes, { maxBytes: 256 });
  if (!decoded.ok) return decoded;
  const map = decoded.value;
  if (!isCborMap(map)) return err(failure("ENVELOPE_INVALID"));
  if (asCount(map.get("v")) !== 1 || asCount(map.get("s")) !== 1) return err(failure("UPDATE_REQUIRED"));
  const comp = asBytes(map.get("c"), 32);
  const object = asBytes(map.get("o"), 16);
  const e = asCount(map.get("e"));
  const wt = map.get("wt");
  const compId = comp === undefined ? undefined : bytesToId32<CompId>(comp);
  const oid = object === undefined ? undefined : bytesToId16<Oid>(object);
  if (
    map.size !== HEADER_KEYS ||
    compId === undefined ||
    oid === undefined ||
    e === undefined ||
    (wt !== 0 && wt !== 1)
  ) {
    return err(failure("ENVELOPE_INVALID"));
  }
  return ok({ compId, oid, e, wt });
}

export function encodeHeader(header: EnvelopeHeader): Bytes {
  return encodeCbor(
    new Map<string, number | Bytes>([
      ["c", idToBytes(header.compId)],
      ["e", header.e],
      ["o", idToBytes(header.oid)],
      ["s", 1],
      ["v", 1],
      ["wt", header.wt],
    ]),
  );
}

export function encodeEnvelope(parts: {
  readonly headerBytes: Bytes;
  readonly wrappedKey: Bytes;
  readonly floeHeader: Bytes;
  readonly floeBody: Bytes;
}): Bytes {
  return encodeCbor([parts.headerBytes, parts.wrappedKey, parts.floeHeader, toBytes(parts.floeBody)]);
}
