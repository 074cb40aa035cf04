import {
  type Bytes,
  blobsGet,
  blobsTree,
  bytesToHex,
  type CompId,
  type ConsortiumId,
  concatBytes,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  toBytes,
} from "@caseroom/contract";
import { SEGMENT_BYTES, SEGMENT_PLAINTEXT } from "@caseroom/crypto/verify";
import {
  type BlobDescriptor,
  type BlobReader,
  createBlobReader,
  segmentRange,
  storedBlobSize,
} from "@caseroom/space/secret";
import type { HubApi } from "../hub-api.ts";
import type { SegmentCache, SegmentResult } from "./segment-cache.ts";

export type OpenBlob = {
  readonly size: number;
  /**
   * Plaintext [from, until), cut at the end of the blob. Fetches, verifies and opens just the segments that hold it; keeps the tree.
   * BLOB_INVALID for a single wrong byte.
   */
  readonly read: (from: number, until: number) => Promise<Result<Bytes, Failure>>;
};

/** One request asks for at most 16 MiB, so that it ends within the time a request may take. */
const MAX_RUN = 64;

/** A blob by its signed descriptor. Nothing is fetched before the first read. */
export function openRemoteBlob(
  deps: { readonly api: HubApi; readonly consortiumId: ConsortiumId; readonly cache: SegmentCache },
  compId: CompId,
  descriptor: BlobDescriptor,
): OpenBlob {
  const { api, cache } = deps;
  const { blobId, plainLength } = descriptor;
  const params = { compId, blobId };
  // By key and root as well: somebody's other descriptor of the same blob must not be answered from this one's segments.
  const name = `${compId}/${blobId}/${bytesToHex(descriptor.root)}/${bytesToHex(descriptor.key)}`;
  let reading: Promise<Result<BlobReader, Failure>> | undefined;

  const fetchReader = async (): Promise<Result<BlobReader, Failure>> => {
    const tree = await api.call(blobsTree, { params });
    return tree.ok ? createBlobReader(descriptor, deps.consortiumId, tree.value.raw) : tree;
  };
  const readerOf = async (): Promise<Result<BlobReader, Failure>> => {
    reading ??= fetchReader();
    const reader = await reading;
    if (!reader.ok) reading = undefined;
    return reader;
  };

  /** The stored bytes of segments [first, last], in one request. */
  const fetchRun = async (first: number, last: number): Promise<Result<Bytes, Failure>> => {
    const { offset, length } = segmentRange(first * SEGMENT_PLAINTEXT, (last + 1) * SEGMENT_PLAINTEXT);
    const range = { offset, length: Math.min(length, storedBlobSize(plainLength) - offset) };
    const reply = await api.call(blobsGet, { params, range });
    if (!reply.ok) return reply;
    return reply.value.raw.length === range.length
      ? ok(reply.value.raw)
      : err(failure("BLOB_INVALID", "not the range"));
  };

  const keyOf = (index: number) => `${name}/${index}`;

  const openRun = (reader: BlobReader, first: number, last: number): readonly Promise<SegmentResult>[] => {
    const run = fetchRun(first, last);
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const segment = run.then((stored): Promise<SegmentResult> | SegmentResult => {
        if (!stored.ok) return stored;
        return reader.openSegment(first + i, stored.value.subarray(i * SEGMENT_BYTES, (i + 1) * SEGMENT_BYTES));
      });
      cache.put(keyOf(first + i), segment);
      return segment;
    });
  };

  /** Those in memory, and one request for each run of those that are not. */
  const segmentsOf = (reader: BlobReader, first: number, last: number): readonly Promise<SegmentResult>[] => {
    const found: Promise<SegmentResult>[] = [];
    let index = first;
    while (index <= last) {
      const kept = cache.get(keyOf(index));
      if (kept !== undefined) {
        found.push(kept);
        index += 1;
        continue;
      }
      let end = index;
      while (end < last && end - index < MAX_RUN - 1 && cache.get(keyOf(end + 1)) === undefined) end += 1;
      found.push(...openRun(reader, index, end));
      index = end + 1;
    }
    return found;
  };

  return {
    size: plainLength,
    read: async (from, until) => {
      const end = Math.min(until, plainLength);
      if (from < 0 || from >= end) return ok(toBytes([]));
      const reader = await readerOf();
      if (!reader.ok) return reader;
      const { first, last } = segmentRange(from, end);
      const parts: Bytes[] = [];
      for (const segment of await Promise.all(segmentsOf(reader.value, first, last))) {
        if (!segment.ok) return segment;
        parts.push(segment.value);
      }
      const start = first * SEGMENT_PLAINTEXT;
      return ok(slice(parts, from - start, end - start));
    },
  };
}

function slice(parts: readonly Bytes[], from: number, until: number): Bytes {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return toBytes(only.subarray(from, until));
  const last = parts.length - 1;
  const lastStart = last * SEGMENT_PLAINTEXT;
  return concatBytes(
    ...parts.map((part, i) => part.subarray(i === 0 ? from : 0, i === last ? until - lastStart : part.length)),
  );
}
