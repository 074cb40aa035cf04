import { type Bytes, concatBytes, toBytes } from "@caseroom/contract";

/** What is to be sealed; read in pieces, each at least once. */
export type BlobSource = {
  readonly size: number;
  /** Plaintext [from, until). */
  readonly read: (from: number, until: number) => Promise<Bytes>;
};

/**
 * Where sealed bytes wait until the hub has them: the same bytes are sent again after a crash (phase-1 §2.9). One spool is for one blob.
 * `note` is opaque: sealed under the device's own key.
 */
export type BlobSpool = {
  /** The note of `finish`, if there was one: only then is everything there. */
  readonly note: () => Promise<Bytes | undefined>;
  readonly write: (offset: number, bytes: Bytes) => Promise<void>;
  /** Everything written before, and then the note, is durable when it resolves. */
  readonly finish: (note: Bytes) => Promise<void>;
  readonly read: (offset: number, length: number) => Promise<Bytes>;
  /** For the owner, when an entry that names the blob is accepted. */
  readonly remove: () => Promise<void>;
};

/** A source that is in memory already. */
export function bytesSource(bytes: Bytes): BlobSource {
  return { size: bytes.length, read: async (from, until) => bytes.subarray(from, until) };
}

/** A spool in memory: for small blobs whose source outlives a crash. */
export function createMemorySpool(): BlobSpool {
  let parts: { readonly offset: number; readonly bytes: Bytes }[] = [];
  let whole: Bytes | undefined;
  let note: Bytes | undefined;
  return {
    note: async () => note,
    write: async (offset, bytes) => {
      parts.push({ offset, bytes: toBytes(bytes) });
    },
    finish: async (value) => {
      whole = concatBytes(...parts.sort((a, b) => a.offset - b.offset).map((part) => part.bytes));
      parts = [];
      note = value;
    },
    read: async (offset, length) => toBytes((whole ?? new Uint8Array(0)).subarray(offset, offset + length)),
    remove: async () => {
      parts = [];
      whole = undefined;
      note = undefined;
    },
  };
}
