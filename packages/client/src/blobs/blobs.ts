import type { CompId, ConsortiumId, Failure, Random, Result } from "@caseroom/contract";
import type { BlobDescriptor } from "@caseroom/space/secret";
import type { DeviceKeys } from "../device-keys.ts";
import type { HubApi } from "../hub-api.ts";
import { type BlobUpload, uploadBlob } from "./blob-upload.ts";
import { type OpenBlob, openRemoteBlob } from "./open-blob.ts";
import { createSegmentCache } from "./segment-cache.ts";

/** Large sealed things: files and packs of images (protocol §5.3). */
export type Blobs = {
  /**
   * Seals a file segment by segment, spools the ciphertext, uploads resumably; the same spool resends the same bytes (phase-1 §2.9).
   * The spool stays: its owner removes it when the entry that names the blob is accepted.
   */
  readonly upload: (compId: CompId, input: BlobUpload) => Promise<Result<BlobDescriptor, Failure>>;
  readonly open: (compId: CompId, descriptor: BlobDescriptor) => OpenBlob;
  /** Drops every opened segment from memory: on lock and when a case is closed. */
  readonly forget: () => void;
};

/** `cachedSegments`: how many opened segments of 256 KiB stay in memory for the next read. */
export function createBlobs(deps: {
  readonly api: HubApi;
  readonly keys: DeviceKeys;
  readonly consortiumId: ConsortiumId;
  readonly random: Random;
  readonly cachedSegments: number;
}): Blobs {
  const cache = createSegmentCache(deps.cachedSegments);
  return {
    upload: (compId, input) => uploadBlob(deps, compId, input),
    open: (compId, descriptor) => openRemoteBlob({ ...deps, cache }, compId, descriptor),
    forget: cache.clear,
  };
}
