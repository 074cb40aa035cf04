import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, countField, noFields } from "../wire-fields.ts";

/** Inclusion proofs of leaves, and a consistency proof from an older size, all towards one checkpoint size. */
export const logProve = defineOperation({
  id: "log.prove",
  method: "POST",
  path: "/v1/log/prove",
  auth: "none",
  summary: "Inclusion proofs of leaves, and a consistency proof from an older size, all towards one checkpoint size.",
  params: noFields,
  query: noFields,
  request: {
    kind: "json",
    schema: z.object({
      size: countField,
      indexes: z.array(countField).max(1024),
      from: countField.optional(),
    }),
  },
  response: {
    kind: "json",
    schema: z.object({
      inclusion: z.array(z.array(bytesField(32)).max(64)),
      consistency: z.array(bytesField(32)).max(128).optional(),
    }),
  },
  errors: ["BAD_REQUEST"],
});
