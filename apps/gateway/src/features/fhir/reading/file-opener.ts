import type { Blobs } from "@caseroom/client";
import { type Bytes, type CompId, err, type Failure, failure, type Result } from "@caseroom/contract";

type Descriptor = Parameters<Blobs["open"]>[1];

/** The bytes of a file that is a blob beside its fragment (protocol §6.2). */
export type OpenFile = (compId: CompId, descriptor: Descriptor) => Promise<Result<Bytes, Failure>>;

/** As large as a body that the door takes. */
const MAX_FILE_BYTES = 5_242_880;

/** Opens through the institution's own client: nothing unverified comes out. */
export function createFileOpener(blobs: Blobs): OpenFile {
  return async (compId, descriptor) => {
    const blob = blobs.open(compId, descriptor);
    if (blob.size > MAX_FILE_BYTES) return err(failure("BLOB_INVALID", "larger than a file beside a fragment"));
    return blob.read(0, blob.size);
  };
}
