import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, consortiumIdField, countField, noFields, timeField } from "../wire-fields.ts";

/** What a client must know before it trusts anything: the consortium, the log keys and the limits. */
export const metaGet = defineOperation({
  id: "meta.get",
  method: "GET",
  path: "/v1/meta",
  auth: "none",
  summary: "What a client must know before it trusts anything: the consortium, the log keys and the limits.",
  params: noFields,
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "json",
    schema: z.object({
      consortiumId: consortiumIdField.nullable(),
      origin: z.string(),
      logKey: bytesField(32),
      cosignKey: bytesField(32),
      protocolLevel: countField,
      nowMs: timeField,
    }),
  },
  errors: [],
});
