import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { queryCountField } from "../wire-fields.ts";

/** One tile of Merkle hashes (C2SP tlog-tiles); `index` may end in `.p/W`-style partial width as `?width=`. */
export const logTile = defineOperation({
  id: "log.tile",
  method: "GET",
  path: "/tile/:level/:index",
  auth: "none",
  summary: "One tile of Merkle hashes (C2SP tlog-tiles); `index` may end in `.p/W`-style partial width as `?width=`.",
  params: z.object({ level: z.string(), index: z.string() }),
  query: z.object({ width: queryCountField.optional() }),
  request: { kind: "none" },
  response: {
    kind: "raw",
    mediaType: "application/octet-stream",
    maxBytes: 8192,
  },
  errors: ["NOT_FOUND"],
});
