import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { blobIdField, bytesField, compIdField, countField, digestField, noFields, oidField } from "../wire-fields.ts";

/** Appends entries of one device in order; the hub accepts a prefix and says where and why it stopped. Parts: the envelopes. */
export const entriesAppend = defineOperation({
  id: "entries.append",
  method: "POST",
  path: "/v1/comps/:compId/entries",
  auth: "session",
  summary:
    "Appends entries of one device in order; the hub accepts a prefix and says where and why it stopped. Parts: the envelopes.",
  params: z.object({ compId: compIdField }),
  query: noFields,
  request: {
    kind: "framed",
    schema: z.object({
      entries: z
        .array(
          z.object({
            oid: oidField,
            blobs: z.array(blobIdField).max(64).optional(),
          }),
        )
        .min(1)
        .max(256),
    }),
    maxParts: 256,
    maxPartBytes: 131_072,
  },
  response: {
    kind: "json",
    schema: z.object({
      accepted: z.array(z.object({ oid: oidField, n: countField, repeated: z.boolean() })),
      receipt: bytesField(4096).nullable(),
      stopped: z
        .object({
          oid: oidField,
          code: z.string(),
          hash: digestField.optional(),
        })
        .nullable(),
    }),
  },
  errors: ["NOT_FOUND", "FORBIDDEN", "TOO_LARGE", "TOO_MANY_REQUESTS"],
});
