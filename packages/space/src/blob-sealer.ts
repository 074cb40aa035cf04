import {
  type BlobId,
  type Bytes,
  bytesToId16,
  type ConsortiumId,
  InvariantError,
  type Random,
} from "@caseroom/contract";
import { createFloeWriter } from "@caseroom/crypto/secret";
import {
  appendLeaf,
  edgeRoot,
  emptyEdge,
  FLOE_HEADER_BYTES,
  leafHash,
  SEGMENT_BYTES,
  SEGMENT_PLAINTEXT,
} from "@caseroom/crypto/verify";
import { type BlobDescriptor, blobAad, countSegments, paddedSegmentLength, storedBlobSize } from "./blob.ts";

/** Seals a blob segment by segment, in any order, so that nobody has to hold a whole file. */
export type BlobSealer = {
  /** Stands before the first segment in the stored form. */
  readonly header: Bytes;
  readonly segments: number;
  /** The stored bytes of one segment from its true plaintext; padding is added here (phase-1 §3.4). Each segment is sealed once. */
  readonly sealSegment: (index: number, plaintext: Bytes) => Promise<Bytes>;
  /** When all segments are sealed. */
  readonly descriptor: () => BlobDescriptor;
};

/** A fresh blob id and key: one key never encrypts two different files; every segment has a fresh nonce (protocol §5.3). */
export async function createBlobSealer(input: {
  readonly consortiumId: ConsortiumId;
  readonly plainLength: number;
  readonly mediaType: string;
  readonly name: string;
  readonly random: Random;
}): Promise<BlobSealer> {
  const { consortiumId, plainLength, mediaType, name, random } = input;
  const blobId = bytesToId16<BlobId>(random(16));
  if (blobId === undefined) throw new RangeError("a blob id has 16 bytes");
  const key = random(32);
  const writer = await createFloeWriter({ key, aad: blobAad(consortiumId, blobId), random });
  const segments = countSegments(plainLength);
  const leaves = new Map<number, Bytes>();
  return {
    header: writer.header,
    segments,
    sealSegment: async (index, plaintext) => {
      if (plaintext.length !== Math.max(0, Math.min(SEGMENT_PLAINTEXT, plainLength - index * SEGMENT_PLAINTEXT)))
        throw new InvariantError("a segment holds exactly its part of the file");
      const padded = pad(plaintext, paddedSegmentLength(plainLength, index));
      const stored = await writer.sealSegment(index, index === segments - 1, padded);
      leaves.set(index, leafHash(stored));
      return stored;
    },
    descriptor: () => {
      let edge = emptyEdge;
      for (let i = 0; i < segments; i++) {
        const leaf = leaves.get(i);
        if (leaf === undefined) throw new InvariantError("a blob is described when all of it is sealed");
        edge = appendLeaf(edge, leaf);
      }
      const root = edgeRoot(edge);
      return { blobId, key, floeHeader: writer.header, plainLength, segments, root, mediaType, name };
    },
  };
}

function pad(plaintext: Bytes, length: number): Bytes {
  if (plaintext.length === length) return plaintext;
  const padded = new Uint8Array(length);
  padded.set(plaintext);
  return padded;
}

/** Stored form: the 74-byte header, then segments of 256 KiB, the last one shorter. */
export type SealedBlob = { readonly descriptor: BlobDescriptor; readonly stored: Bytes };

/** Seals a whole blob in memory. */
export async function sealBlob(
  input: Omit<Parameters<typeof createBlobSealer>[0], "plainLength"> & { readonly plaintext: Bytes },
): Promise<SealedBlob> {
  const { plaintext } = input;
  const sealer = await createBlobSealer({ ...input, plainLength: plaintext.length });
  const stored = new Uint8Array(storedBlobSize(plaintext.length));
  stored.set(sealer.header);
  for (let i = 0; i < sealer.segments; i++) {
    const plain = plaintext.subarray(i * SEGMENT_PLAINTEXT, (i + 1) * SEGMENT_PLAINTEXT);
    stored.set(await sealer.sealSegment(i, plain), FLOE_HEADER_BYTES + i * SEGMENT_BYTES);
  }
  return { descriptor: sealer.descriptor(), stored };
}
