import {
  type BlobId,
  type Bytes,
  bytesToId16,
  type ConsortiumId,
  concatBytes,
  equalBytes,
  err,
  type Failure,
  failure,
  idToBytes,
  ok,
  type Result,
  toBytes,
} from "@caseroom/contract";
import { createFloeReader, padme } from "@caseroom/crypto/secret";
import {
  AAD_LABELS,
  appendLeaf,
  asBytes,
  asCount,
  asText,
  type CborMap,
  type CborValue,
  edgeRoot,
  emptyEdge,
  encodeCbor,
  FLOE_HEADER_BYTES,
  isCborMap,
  leafHash,
  SEGMENT_BYTES,
  SEGMENT_OVERHEAD,
  SEGMENT_PLAINTEXT,
} from "@caseroom/crypto/verify";

/** Names and opens a blob; stands only inside a signed entry (protocol §5.3). */
export type BlobDescriptor = {
  readonly blobId: BlobId;
  readonly key: Bytes;
  readonly floeHeader: Bytes;
  /** True length; the sealed plaintext is zero-padded to Padmé (phase-1 §3.4). */
  readonly plainLength: number;
  readonly segments: number;
  /** RFC 6962 root over the segments as stored. */
  readonly root: Bytes;
  readonly mediaType: string;
  readonly name: string;
};

/** max(1, ⌈padded / 262112⌉); there is no empty extra segment (phase-1 §3.5). */
export function countSegments(plainLength: number): number {
  return Math.max(1, Math.ceil(padme(plainLength) / SEGMENT_PLAINTEXT));
}

/** The byte range of stored segments that hold plaintext [from, until). */
export function segmentRange(
  from: number,
  until: number,
): { readonly first: number; readonly last: number; readonly offset: number; readonly length: number } {
  const first = Math.floor(from / SEGMENT_PLAINTEXT);
  const last = Math.floor(Math.max(from, until - 1) / SEGMENT_PLAINTEXT);
  return { first, last, offset: FLOE_HEADER_BYTES + first * SEGMENT_BYTES, length: (last - first + 1) * SEGMENT_BYTES };
}

export type BlobReader = {
  /** One segment as stored; refused unless it stands at this position in the signed tree and opens under the signed key. */
  readonly openSegment: (index: number, stored: Bytes) => Promise<Result<Bytes, Failure<"BLOB_INVALID">>>;
};

/** Begins to read: the untrusted list of leaf hashes must give the signed root, and the signed header must fit the key. */
export async function createBlobReader(
  descriptor: BlobDescriptor,
  consortiumId: ConsortiumId,
  tree: Bytes,
): Promise<Result<BlobReader, Failure<"BLOB_INVALID">>> {
  if (descriptor.segments !== countSegments(descriptor.plainLength) || tree.length !== descriptor.segments * 32) {
    return err(failure("BLOB_INVALID"));
  }
  let edge = emptyEdge;
  for (let i = 0; i < descriptor.segments; i++) edge = appendLeaf(edge, leafAt(tree, i));
  if (!equalBytes(edgeRoot(edge), descriptor.root)) return err(failure("BLOB_INVALID", "segments of another blob"));
  const aad = blobAad(consortiumId, descriptor.blobId);
  const reader = await createFloeReader({ key: descriptor.key, aad, header: descriptor.floeHeader });
  if (!reader.ok) return err(failure("BLOB_INVALID"));
  const openSegment: BlobReader["openSegment"] = async (index, stored) => {
    if (index >= descriptor.segments || !equalBytes(leafHash(stored), leafAt(tree, index)))
      return err(failure("BLOB_INVALID"));
    const plain = await reader.value.openSegment(index, index === descriptor.segments - 1, stored);
    if (!plain.ok) return err(failure("BLOB_INVALID"));
    const end = Math.max(0, descriptor.plainLength - index * SEGMENT_PLAINTEXT);
    if (plain.value.subarray(end).some((byte) => byte !== 0)) return err(failure("BLOB_INVALID", "padding"));
    return ok(toBytes(plain.value.subarray(0, end)));
  };
  return ok({ openSegment });
}

/** Opens a whole stored blob. */
export async function openBlob(
  descriptor: BlobDescriptor,
  consortiumId: ConsortiumId,
  stored: Bytes,
  tree: Bytes,
): Promise<Result<Bytes, Failure<"BLOB_INVALID">>> {
  const reader = await createBlobReader(descriptor, consortiumId, tree);
  if (!reader.ok) return reader;
  const parts: Bytes[] = [];
  for (let i = 0; i < descriptor.segments; i++) {
    const at = FLOE_HEADER_BYTES + i * SEGMENT_BYTES;
    const isLast = i === descriptor.segments - 1;
    const part = await reader.value.openSegment(
      i,
      toBytes(stored.subarray(at, isLast ? stored.length : at + SEGMENT_BYTES)),
    );
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return ok(concatBytes(...parts));
}

export function encodeBlobDescriptor(descriptor: BlobDescriptor): CborMap {
  return new Map<string, CborValue>([
    ["id", idToBytes(descriptor.blobId)],
    ["k", descriptor.key],
    ["fh", descriptor.floeHeader],
    ["plen", descriptor.plainLength],
    ["nseg", descriptor.segments],
    ["mr", descriptor.root],
    ["ty", descriptor.mediaType],
    ["nm", descriptor.name],
  ]);
}

export function parseBlobDescriptor(value: CborValue | undefined): BlobDescriptor | undefined {
  if (!isCborMap(value)) return undefined;
  const id = asBytes(value.get("id"), 16);
  const blobId = id === undefined ? undefined : bytesToId16<BlobId>(id);
  const key = asBytes(value.get("k"), 32);
  const floeHeader = asBytes(value.get("fh"), FLOE_HEADER_BYTES);
  const plainLength = asCount(value.get("plen"));
  const segments = asCount(value.get("nseg"));
  const root = asBytes(value.get("mr"), 32);
  const mediaType = asText(value.get("ty"), 128);
  const name = asText(value.get("nm"), 256);
  if (blobId === undefined || key === undefined || floeHeader === undefined || plainLength === undefined)
    return undefined;
  if (segments === undefined || root === undefined || mediaType === undefined || name === undefined) return undefined;
  return { blobId, key, floeHeader, plainLength, segments, root, mediaType, name };
}

/** Plaintext length of one segment, padding included. */
export function paddedSegmentLength(plainLength: number, index: number): number {
  return Math.min(SEGMENT_PLAINTEXT, padme(plainLength) - index * SEGMENT_PLAINTEXT);
}

/** Bytes of the stored form: the 74-byte header, then segments of 256 KiB, the last one shorter (phase-1 §3.5). */
export function storedBlobSize(plainLength: number): number {
  return FLOE_HEADER_BYTES + padme(plainLength) + countSegments(plainLength) * SEGMENT_OVERHEAD;
}

/** FLOE's associated data of a blob. */
export function blobAad(consortiumId: ConsortiumId, blobId: BlobId): Bytes {
  return encodeCbor([AAD_LABELS.blob, idToBytes(consortiumId), idToBytes(blobId)]);
}

function leafAt(tree: Bytes, index: number): Bytes {
  return toBytes(tree.subarray(index * 32, (index + 1) * 32));
}
