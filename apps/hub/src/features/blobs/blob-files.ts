import { constants, createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { type BlobId, type Bytes, type CompId, concatBytes, toBytes, utf8ToBytes } from "@caseroom/contract";
import { digestOf, FLOE_HEADER_BYTES, leafHash, SEGMENT_BYTES } from "@caseroom/crypto/verify";

export type BlobPlace = { readonly compId: CompId; readonly blobId: BlobId };

/** Where the bytes of blobs are. Files here; an object store is another driver of the same five. */
export type BlobFiles = {
  /** Durable when it resolves. Bytes beyond `offset` from an earlier attempt are overwritten. */
  readonly write: (place: BlobPlace, offset: number, bytes: Bytes) => Promise<void>;
  /** Computes the Merkle leaf hashes and makes file, tree and their names durable. Afterwards the blob never changes. */
  readonly complete: (place: BlobPlace, size: number) => Promise<void>;
  readonly read: (place: BlobPlace, range: { readonly start: number; readonly end: number }) => Readable;
  readonly tree: (place: BlobPlace) => Promise<Bytes>;
};

/** `folder`/blobs/aa/…: named by a hash, so that a name says nothing about space or compartment. */
export function createBlobFiles(folder: string): BlobFiles {
  const fileOf = ({ compId, blobId }: BlobPlace): string => {
    const name = digestOf(utf8ToBytes(`${compId}/${blobId}`));
    return join(folder, "blobs", name.slice(0, 2), name.slice(2));
  };
  return {
    write: async (place, offset, bytes) => {
      const file = fileOf(place);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await withFile(file, constants.O_RDWR | constants.O_CREAT, async (handle) => {
        await handle.write(bytes, 0, bytes.length, offset);
        await handle.datasync();
      });
    },
    complete: async (place, size) => {
      const file = fileOf(place);
      const tree = await withFile(file, "r", (handle) => hashSegments(handle, size));
      await withFile(`${file}.tree`, "w", async (handle) => {
        await handle.writeFile(tree);
        await handle.sync();
      });
      await withFile(file, "r+", (handle) => handle.sync());
      await syncFolder(dirname(file));
      await syncFolder(dirname(dirname(file)));
    },
    read: (place, { start, end }) => createReadStream(fileOf(place), { start, end: end - 1 }),
    tree: async (place) => toBytes(await readFile(`${fileOf(place)}.tree`)),
  };
}

/** The stored object is a header and then segments; a leaf is a whole segment as stored (phase-1 §3.5). */
async function hashSegments(handle: FileHandle, size: number): Promise<Bytes> {
  const hashes: Bytes[] = [];
  const segment = Buffer.alloc(SEGMENT_BYTES);
  for (let at = FLOE_HEADER_BYTES; at < size; at += SEGMENT_BYTES) {
    const length = Math.min(SEGMENT_BYTES, size - at);
    await handle.read(segment, 0, length, at);
    hashes.push(leafHash(segment.subarray(0, length)));
  }
  return concatBytes(...hashes);
}

async function withFile<T>(file: string, flags: string | number, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, flags, 0o600);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

/** A name is durable when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  await withFile(folder, "r", (handle) => handle.sync());
}
