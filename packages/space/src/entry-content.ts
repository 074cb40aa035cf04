import {
  type Bytes,
  bytesToId32,
  type CompId,
  type ConsortiumId,
  type EntryId,
  equalBytes,
  err,
  type Failure,
  failure,
  idToBytes,
  type Kid,
  ok,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import {
  asArray,
  asBytes,
  asCount,
  asText,
  type CborMap,
  type CborValue,
  decodeStrict,
  encodeCbor,
  isCborMap,
} from "@caseroom/crypto/verify";
import { type CheckpointRef, readCheckpointRef } from "./link.ts";

/** Where a statement was made: it holds nowhere else (protocol §5.2, x). */
export type EntryPlace = {
  readonly consortiumId: ConsortiumId;
  readonly spaceId: SpaceId;
  readonly compId: CompId;
};

/** What its author had seen of the compartment. */
export type Seen = {
  readonly n: number;
  readonly hash: Bytes;
  readonly feedN: number;
  readonly feedHead: Bytes;
};

/** What an author says inside the seal (protocol §5.2). */
export type EntryContent = {
  readonly author: UserId;
  /** Position among what this device wrote in this compartment, from 1. */
  readonly as: number;
  readonly ap: EntryId | null;
  readonly see: Seen;
  readonly cp: CheckpointRef;
  /** The author's clock; informative only. */
  readonly t: number;
  readonly kind: string;
  /** The entry that this one answers, edits or retracts. */
  readonly re?: EntryId;
  readonly role: string;
  readonly body: CborValue;
  /** Where deposited fragments come from; only with kind fhir. */
  readonly provenance?: DepositProvenance;
};

/** Source of deposited fragments: system, its message, when it came, and the bytes as they were received. */
export type DepositProvenance = {
  readonly system: string;
  readonly sourceId: string;
  readonly receivedMs: number;
  readonly originalType: string;
  readonly original: Bytes;
};

/** x = [consortiumId, spaceId, hh]. */
export function encodeContent(content: EntryContent, place: EntryPlace, headerHash: Bytes): Bytes {
  const map = new Map<string, CborValue>([
    ["v", 1],
    ["x", [idToBytes(place.consortiumId), idToBytes(place.spaceId), headerHash]],
    ["au", idToBytes(content.author)],
    ["as", content.as],
    ["ap", content.ap === null ? null : idToBytes(content.ap)],
    ["see", [content.see.n, content.see.hash, content.see.feedN, content.see.feedHead]],
    ["cp", [content.cp.size, content.cp.root]],
    ["t", content.t],
    ["k", content.kind],
    ["role", content.role],
    ["b", content.body],
  ]);
  if (content.re !== undefined) map.set("re", idToBytes(content.re));
  if (content.provenance !== undefined) map.set("pv", encodeProvenance(content.provenance));
  return encodeCbor(map);
}

/** Types what was signed, and requires that it was signed for the place where it was found. Unknown keys are kept out of the way. */
export function parseContent(
  bytes: Uint8Array,
  place: EntryPlace,
  headerHash: Bytes,
): Result<
  EntryContent,
  Failure<"ENVELOPE_INVALID" | "CONTEXT_MISMATCH" | "CBOR_INVALID" | "TOO_LARGE" | "UPDATE_REQUIRED">
> {
  const decoded = decodeStrict(bytes);
  if (!decoded.ok) return decoded;
  const map = decoded.value;
  if (!isCborMap(map)) return err(failure("ENVELOPE_INVALID"));
  if (map.get("v") !== 1) return err(failure("UPDATE_REQUIRED"));
  if (!isHere(map.get("x"), place, headerHash)) return err(failure("CONTEXT_MISMATCH"));
  const content = readContent(map);
  return content === undefined ? err(failure("ENVELOPE_INVALID")) : ok(content);
}

function readContent(map: CborMap): EntryContent | undefined {
  const author = readId<UserId>(map.get("au"));
  const as = asCount(map.get("as"));
  const ap = map.get("ap") === null ? null : readId<EntryId>(map.get("ap"));
  const see = readSeen(map.get("see"));
  const cp = readCheckpointRef(map.get("cp"));
  const t = asCount(map.get("t"));
  const kind = asText(map.get("k"), 32);
  const role = asText(map.get("role"), 32);
  const body = map.get("b");
  const re = map.has("re") ? readId<EntryId>(map.get("re")) : undefined;
  const provenance = map.has("pv") ? readProvenance(map.get("pv")) : undefined;
  if (author === undefined || as === undefined || as < 1 || ap === undefined || see === undefined) return undefined;
  if (cp === undefined || cp === null || t === undefined || kind === undefined || role === undefined) return undefined;
  if (body === undefined || (map.has("re") && re === undefined) || (map.has("pv") && provenance === undefined))
    return undefined;
  return {
    author,
    as,
    ap,
    see,
    cp,
    t,
    kind,
    role,
    body,
    ...(re === undefined ? {} : { re }),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

function isHere(value: CborValue | undefined, place: EntryPlace, headerHash: Bytes): boolean {
  const parts = asArray(value);
  const expected = [idToBytes(place.consortiumId), idToBytes(place.spaceId), headerHash];
  return parts?.length === 3 && expected.every((bytes, i) => equalBytes(asBytes(parts[i]) ?? new Uint8Array(0), bytes));
}

function readSeen(value: CborValue | undefined): Seen | undefined {
  const parts = asArray(value);
  const n = asCount(parts?.[0]);
  const hash = asBytes(parts?.[1], 32);
  const feedN = asCount(parts?.[2]);
  const feedHead = asBytes(parts?.[3], 32);
  if (parts?.length !== 4 || n === undefined || hash === undefined) return undefined;
  return feedN === undefined || feedHead === undefined ? undefined : { n, hash, feedN, feedHead };
}

function encodeProvenance(provenance: DepositProvenance): CborMap {
  return new Map<string, CborValue>([
    ["sys", provenance.system],
    ["src", provenance.sourceId],
    ["rt", provenance.receivedMs],
    ["om", provenance.originalType],
    ["og", provenance.original],
  ]);
}

function readProvenance(value: CborValue | undefined): DepositProvenance | undefined {
  if (!isCborMap(value)) return undefined;
  const system = asText(value.get("sys"), 256);
  const sourceId = asText(value.get("src"), 256);
  const receivedMs = asCount(value.get("rt"));
  const originalType = asText(value.get("om"), 128);
  const original = asBytes(value.get("og"));
  if (system === undefined || sourceId === undefined || receivedMs === undefined) return undefined;
  if (originalType === undefined || original === undefined) return undefined;
  return { system, sourceId, receivedMs, originalType, original };
}

function readId<Id extends UserId | EntryId | Kid>(value: CborValue | undefined): Id | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<Id>(bytes);
}
