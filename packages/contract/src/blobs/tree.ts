import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { blobIdField, compIdField, noFields } from "../wire-fields.ts";

/** The Merkle leaf hashes of a blob's segments, concatenated. Untrusted: the reader checks them against the signed root. */
export const blobsTree = defineOperation({
  id: "blobs.tree",
  method: "GET",
  path: "/v1/comps/:compId/blobs/:blobId/tree",
  auth: "session",
  summary:
    "The Merkle leaf hashes of a blob's segments, concatenated. Untrusted: the reader checks them against the signed root.",
  params: z.object({ compId: compIdField, blobId: blobIdField }),
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "raw",
    mediaType: "application/octet-stream",
    maxBytes: 262_144,
  },
  errors: ["NOT_FOUND", "FORBIDDEN", "BLOB_INCOMPLETE"],
});
