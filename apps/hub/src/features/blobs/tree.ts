import { type blobsTree, err, failure, ok } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Access } from "../spaces/access.ts";
import type { BlobFiles } from "./blob-files.ts";
import type { BlobStore } from "./blob-store.ts";

/** blobs.tree */
export function getBlobTree(deps: {
  readonly access: Access;
  readonly blobs: BlobStore;
  readonly files: BlobFiles;
}): Handler<typeof blobsTree> {
  return async (call) => {
    const { compId, blobId } = call.params;
    const found = deps.access.reader(compId, sessionOf(call).userId);
    if (!found.ok) return found;
    const row = await deps.blobs.find({ spaceId: found.value.spaceId, compId }, blobId);
    if (row === undefined) return err(failure("NOT_FOUND"));
    if (!row.complete) return err(failure("BLOB_INCOMPLETE"));
    return ok({ body: await deps.files.tree({ compId, blobId }) });
  };
}
