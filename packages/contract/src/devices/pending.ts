import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, noFields, timeField } from "../wire-fields.ts";

/** Requests of further devices of the caller that wait for approval. */
export const devicesPending = defineOperation({
  id: "devices.pending",
  method: "GET",
  path: "/v1/devices/requests",
  auth: "session",
  summary: "Requests of further devices of the caller that wait for approval.",
  params: noFields,
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "json",
    schema: z.object({
      requests: z
        .array(
          z.object({
            requestId: z.string(),
            request: bytesField(8192),
            atMs: timeField,
          }),
        )
        .max(32),
    }),
  },
  errors: [],
});
