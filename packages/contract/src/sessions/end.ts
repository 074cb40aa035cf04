import { defineOperation } from "../operation.ts";
import { noFields } from "../wire-fields.ts";

/** Signs out. */
export const sessionsEnd = defineOperation({
  id: "sessions.end",
  method: "DELETE",
  path: "/v1/sessions/current",
  auth: "session",
  summary: "Signs out.",
  params: noFields,
  query: noFields,
  request: { kind: "none" },
  response: { kind: "none" },
  errors: [],
});
