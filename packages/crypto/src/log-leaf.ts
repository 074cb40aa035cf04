import {
  type Bytes,
  bytesToId32,
  type ChainId,
  type CompId,
  type Digest,
  err,
  type Failure,
  failure,
  idToBytes,
  ok,
  type Result,
} from "@caseroom/contract";
import { decodeStrict, encodeCbor } from "./cbor.ts";
import { asArray, asBytes, asCount, asText } from "./cbor-fields.ts";

/**
 * One line of the log (phase-1 §2.3): CBOR[1, type, streamId, nPrev, headPrev, n, head, ts].
 *
 * `n` counts the links of the chain (type `link`) or the items of the feed (type `feed`) *after* this leaf; `head` is the hash of the newest
 * link, or the feed's Merkle root. The first leaf of a stream has nPrev 0 and headPrev zero. `ts` is the hub's time in ms, never decreasing.
 */
export type LogLeaf = {
  readonly type: "link" | "feed";
  readonly streamId: ChainId;
  readonly nPrev: number;
  readonly headPrev: Digest;
  readonly n: number;
  readonly head: Digest;
  readonly ts: number;
};

/** Stands for "no head yet". */
export const NO_HEAD: Digest = zeroDigest();

const LEAF_VERSION = 1;
const MAX_LEAF_BYTES = 512;

export function encodeLogLeaf(leaf: LogLeaf): Bytes {
  return encodeCbor([
    LEAF_VERSION,
    leaf.type,
    idToBytes(leaf.streamId),
    leaf.nPrev,
    idToBytes(leaf.headPrev),
    leaf.n,
    idToBytes(leaf.head),
    leaf.ts,
  ]);
}

/** Types a leaf; also refuses one that does not move its stream forward (the monitor rule, protocol §8.2). */
export function parseLogLeaf(
  bytes: Uint8Array,
): Result<LogLeaf, Failure<"CBOR_INVALID" | "TOO_LARGE" | "PROOF_INVALID">> {
  const decoded = decodeStrict(bytes, { maxBytes: MAX_LEAF_BYTES });
  if (!decoded.ok) return decoded;
  const fields = asArray(decoded.value) ?? [];
  const type = asText(fields[1]);
  const streamId = readId(fields[2]);
  const nPrev = asCount(fields[3]);
  const headPrev = readId(fields[4]);
  const n = asCount(fields[5]);
  const head = readId(fields[6]);
  const ts = asCount(fields[7]);
  if (fields.length !== 8 || fields[0] !== LEAF_VERSION || (type !== "link" && type !== "feed")) {
    return err(failure("CBOR_INVALID"));
  }
  if (
    streamId === undefined ||
    nPrev === undefined ||
    headPrev === undefined ||
    n === undefined ||
    head === undefined ||
    ts === undefined
  ) {
    return err(failure("CBOR_INVALID"));
  }
  if (n <= nPrev) return err(failure("PROOF_INVALID", "a leaf moves its stream forward"));
  return ok({
    type,
    streamId: streamId.chain,
    nPrev,
    headPrev: headPrev.digest,
    n,
    head: head.digest,
    ts,
  });
}

function readId(
  value: Parameters<typeof asBytes>[0],
): { readonly chain: ChainId; readonly digest: Digest } | undefined {
  const bytes = asBytes(value, 32);
  const chain = bytes === undefined ? undefined : bytesToId32<CompId>(bytes);
  const digest = bytes === undefined ? undefined : bytesToId32<Digest>(bytes);
  return chain === undefined || digest === undefined ? undefined : { chain, digest };
}

function zeroDigest(): Digest {
  const digest = bytesToId32<Digest>(new Uint8Array(32));
  if (digest === undefined) throw new RangeError("32 bytes make a digest");
  return digest;
}
