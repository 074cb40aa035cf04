import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { digestField, noFields } from "../wire-fields.ts";

/** Wraps by hash. A wrap the hub does not hold comes back empty. */
export const wrapsGet = defineOperation({
  id: "wraps.get",
  method: "POST",
  path: "/v1/wraps/get",
  auth: "session",
  summary: "Wraps by hash. A wrap the hub does not hold comes back empty.",
  params: noFields,
  query: noFields,
  request: {
    kind: "json",
    schema: z.object({ hashes: z.array(digestField).max(512) }),
  },
  response: {
    kind: "framed",
    schema: z.object({}),
    maxParts: 512,
    maxPartBytes: 2048,
  },
  errors: [],
});
