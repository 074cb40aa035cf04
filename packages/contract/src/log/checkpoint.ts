import { defineOperation } from "../operation.ts";
import { noFields } from "../wire-fields.ts";

/** The newest signed checkpoint, as C2SP tlog-checkpoint. */
export const logCheckpoint = defineOperation({
  id: "log.checkpoint",
  method: "GET",
  path: "/checkpoint",
  auth: "none",
  summary: "The newest signed checkpoint, as C2SP tlog-checkpoint.",
  params: noFields,
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "raw",
    mediaType: "text/plain; charset=utf-8",
    maxBytes: 4096,
  },
  errors: ["UNAVAILABLE"],
});
