import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { blobIdField, compIdField, countField, noFields } from "../wire-fields.ts";

/** Announces a blob: its size as stored. Repeating it with the same size resumes. */
export const blobsCreate = defineOperation({
  id: "blobs.create",
  method: "POST",
  path: "/v1/comps/:compId/blobs",
  auth: "session",
  summary: "Announces a blob: its size as stored. Repeating it with the same size resumes.",
  params: z.object({ compId: compIdField }),
  query: noFields,
  request: {
    kind: "json",
    schema: z.object({
      blobId: blobIdField,
      size: countField.max(1_073_741_824),
    }),
  },
  response: {
    kind: "json",
    schema: z.object({ received: countField, complete: z.boolean() }),
  },
  errors: ["FORBIDDEN", "BLOB_CONFLICT", "TOO_LARGE"],
});
