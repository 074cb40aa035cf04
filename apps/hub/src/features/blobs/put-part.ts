import { type blobsPutPart, err, failure, ok } from "@caseroom/contract";
import type { Metrics } from "../../http/metrics.ts";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import { createLane, type Lane } from "../../lane.ts";
import type { Access } from "../spaces/access.ts";
import type { BlobFiles } from "./blob-files.ts";
import type { BlobStore } from "./blob-store.ts";

/** blobs.put-part: one part of a blob at a time; the file is durable before the row says so. */
export function putBlobPart(deps: {
  readonly access: Access;
  readonly blobs: BlobStore;
  readonly files: BlobFiles;
  readonly metrics: Metrics;
}): Handler<typeof blobsPutPart> {
  const lanes = new Map<string, { readonly lane: Lane; users: number }>();

  const inLane = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const held = lanes.get(key) ?? { lane: createLane(), users: 0 };
    lanes.set(key, held);
    held.users += 1;
    try {
      return await held.lane.run(work);
    } finally {
      held.users -= 1;
      if (held.users === 0) lanes.delete(key);
    }
  };

  return async (call) => {
    const { compId, blobId } = call.params;
    const { offset } = call.query;
    const found = deps.access.appender(compId, sessionOf(call).userId);
    if (!found.ok) return found;
    const comp = { spaceId: found.value.spaceId, compId };
    return inLane(`${compId}/${blobId}`, async () => {
      const row = await deps.blobs.find(comp, blobId);
      if (row === undefined) return err(failure("NOT_FOUND"));
      if (row.complete || offset !== row.received) return err(failure("BLOB_CONFLICT", "not the next bytes"));
      const received = offset + call.raw.length;
      if (received > row.size) return err(failure("TOO_LARGE"));
      await deps.files.write({ compId, blobId }, offset, call.raw);
      const complete = received === row.size;
      if (complete) await deps.files.complete({ compId, blobId }, row.size);
      await deps.blobs.advance(comp, blobId, { received, complete });
      deps.metrics.count("caseroom_blob_bytes_total", call.raw.length);
      return ok({ received, complete });
    });
  };
}
