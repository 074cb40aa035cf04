import {
  type BlobId,
  type Bytes,
  bytesToId16,
  bytesToId32,
  type CompId,
  type EntryId,
  idToBytes,
  type Oid,
} from "@caseroom/contract";
import {
  asArray,
  asArrayOf,
  asBytes,
  asCount,
  asText,
  type CborMap,
  type CborValue,
  decodeStrict,
  encodeCbor,
  isCborMap,
} from "@caseroom/crypto/verify";
import type { DepositProvenance } from "@caseroom/space/secret";
import type { DeviceKeys } from "./device-keys.ts";

/** What somebody wants to say; signed and sealed when it is sent, never earlier (phase-1 §2.9). */
export type EntryDraft = {
  readonly kind: string;
  readonly body: CborValue;
  readonly re?: EntryId;
  readonly provenance?: DepositProvenance;
  /** Idempotency key; a repeated draft with the same one is the same entry. Chosen at random when absent. */
  readonly oid?: Oid;
  /** Blobs that its body describes: the hub accepts the entry when it has all of them (phase-1 §2.19). */
  readonly blobIds?: readonly BlobId[];
};

/** A draft as it lies on the device, with its sealed bytes once there are any. */
export type KeptRow = {
  readonly compId: CompId;
  readonly oid: Oid;
  readonly draft: EntryDraft;
  readonly createdMs: number;
  readonly sent: SentEntry | undefined;
};

export type SentEntry = { readonly envelope: Bytes; readonly entryId: EntryId; readonly as: number };

/** as and ap of a device in a compartment: what it said last. */
export type Counter = { readonly as: number; readonly ap: EntryId | null };

export function encodeCounter({ as, ap }: Counter): Bytes {
  return encodeCbor([as, ap === null ? null : idToBytes(ap)]);
}

export function parseCounter(bytes: Bytes): Counter | undefined {
  const decoded = decodeStrict(bytes, { maxBytes: 256 });
  const parts = decoded.ok ? asArray(decoded.value) : undefined;
  const as = asCount(parts?.[0]);
  const apBytes = asBytes(parts?.[1], 32);
  const ap = apBytes === undefined ? null : bytesToId32<EntryId>(apBytes);
  return as === undefined || ap === undefined ? undefined : { as, ap };
}

/** The row as it lies on the device: encrypted under the vault (phase-1 §2.9). */
export async function encodeRow(row: KeptRow, keys: DeviceKeys): Promise<Bytes> {
  const { draft, sent } = row;
  const map = new Map<string, CborValue>([
    ["comp", idToBytes(row.compId)],
    ["oid", idToBytes(row.oid)],
    ["t", row.createdMs],
    ["k", draft.kind],
    ["b", draft.body],
  ]);
  if (draft.re !== undefined) map.set("re", idToBytes(draft.re));
  if (draft.provenance !== undefined) {
    const { system, sourceId, receivedMs, originalType, original } = draft.provenance;
    map.set("pv", [system, sourceId, receivedMs, originalType, original]);
  }
  if (draft.blobIds !== undefined) map.set("bl", draft.blobIds.map(idToBytes));
  if (sent !== undefined) map.set("sent", [sent.envelope, idToBytes(sent.entryId), sent.as]);
  return keys.sealLocal(encodeCbor(map));
}

export async function parseRow(sealed: Bytes, keys: DeviceKeys): Promise<KeptRow | undefined> {
  const opened = await keys.openLocal(sealed);
  const decoded = opened.ok ? decodeStrict(opened.value, { maxBytes: 1_048_576 }) : undefined;
  if (decoded?.ok !== true || !isCborMap(decoded.value)) return undefined;
  return readRow(decoded.value);
}

function readRow(map: CborMap): KeptRow | undefined {
  const compBytes = asBytes(map.get("comp"), 32);
  const compId = compBytes === undefined ? undefined : bytesToId32<CompId>(compBytes);
  const oidBytes = asBytes(map.get("oid"), 16);
  const oid = oidBytes === undefined ? undefined : bytesToId16<Oid>(oidBytes);
  const createdMs = asCount(map.get("t"));
  const kind = asText(map.get("k"), 32);
  const body = map.get("b");
  const reBytes = asBytes(map.get("re"), 32);
  const re = reBytes === undefined ? undefined : bytesToId32<EntryId>(reBytes);
  if (compId === undefined || oid === undefined || createdMs === undefined || kind === undefined || body === undefined)
    return undefined;
  const provenance = readProvenance(map.get("pv"));
  const blobIds = asArrayOf(map.get("bl"), readBlobId);
  const draft: EntryDraft = {
    kind,
    body,
    ...(re === undefined ? {} : { re }),
    ...(provenance === undefined ? {} : { provenance }),
    ...(blobIds === undefined ? {} : { blobIds }),
  };
  return { compId, oid, draft, createdMs, sent: readSent(map.get("sent")) };
}

function readBlobId(value: CborValue): BlobId | undefined {
  const bytes = asBytes(value, 16);
  return bytes === undefined ? undefined : bytesToId16<BlobId>(bytes);
}

function readSent(value: CborValue | undefined): SentEntry | undefined {
  const parts = asArray(value);
  const envelope = asBytes(parts?.[0]);
  const idBytes = asBytes(parts?.[1], 32);
  const entryId = idBytes === undefined ? undefined : bytesToId32<EntryId>(idBytes);
  const as = asCount(parts?.[2]);
  return envelope === undefined || entryId === undefined || as === undefined ? undefined : { envelope, entryId, as };
}

function readProvenance(value: CborValue | undefined): DepositProvenance | undefined {
  const parts = asArray(value);
  const system = asText(parts?.[0], 256);
  const sourceId = asText(parts?.[1], 256);
  const receivedMs = asCount(parts?.[2]);
  const originalType = asText(parts?.[3], 128);
  const original = asBytes(parts?.[4]);
  if (system === undefined || sourceId === undefined || receivedMs === undefined) return undefined;
  return originalType === undefined || original === undefined
    ? undefined
    : { system, sourceId, receivedMs, originalType, original };
}
