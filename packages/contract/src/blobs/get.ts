import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { blobIdField, compIdField, noFields } from "../wire-fields.ts";

/** The stored bytes of a complete blob; honours one HTTP Range. */
export const blobsGet = defineOperation({
  id: "blobs.get",
  method: "GET",
  path: "/v1/comps/:compId/blobs/:blobId",
  auth: "session",
  summary: "The stored bytes of a complete blob; honours one HTTP Range.",
  params: z.object({ compId: compIdField, blobId: blobIdField }),
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "raw",
    mediaType: "application/octet-stream",
    maxBytes: 1_073_741_824,
  },
  errors: ["NOT_FOUND", "FORBIDDEN", "BLOB_INCOMPLETE"],
});
