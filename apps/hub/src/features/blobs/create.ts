import { type blobsCreate, err, failure, ok } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Access } from "../spaces/access.ts";
import type { BlobStore } from "./blob-store.ts";

/** blobs.create */
export function createBlob(deps: { readonly access: Access; readonly blobs: BlobStore }): Handler<typeof blobsCreate> {
  return async (call) => {
    const { compId } = call.params;
    const { blobId, size } = call.head;
    const found = deps.access.appender(compId, sessionOf(call).userId);
    if (!found.ok) return found;
    const row = await deps.blobs.create({ spaceId: found.value.spaceId, compId }, blobId, size);
    if (row.size !== size) return err(failure("BLOB_CONFLICT", "announced with another size"));
    return ok({ received: row.received, complete: row.complete });
  };
}
