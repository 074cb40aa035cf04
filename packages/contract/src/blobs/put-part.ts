import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { blobIdField, compIdField, countField, queryCountField } from "../wire-fields.ts";

/** Appends bytes at `offset`, which must equal what has been received. */
export const blobsPutPart = defineOperation({
  id: "blobs.put-part",
  method: "PUT",
  path: "/v1/comps/:compId/blobs/:blobId",
  auth: "session",
  summary: "Appends bytes at `offset`, which must equal what has been received.",
  params: z.object({ compId: compIdField, blobId: blobIdField }),
  query: z.object({ offset: queryCountField }),
  request: {
    kind: "raw",
    mediaType: "application/octet-stream",
    maxBytes: 4_259_840,
  },
  response: {
    kind: "json",
    schema: z.object({ received: countField, complete: z.boolean() }),
  },
  errors: ["NOT_FOUND", "FORBIDDEN", "BLOB_CONFLICT", "TOO_LARGE"],
});
