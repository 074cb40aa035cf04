import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { noFields } from "../wire-fields.ts";

/** Removes a request, approved or refused. */
export const devicesDismiss = defineOperation({
  id: "devices.dismiss",
  method: "DELETE",
  path: "/v1/devices/requests/:requestId",
  auth: "session",
  summary: "Removes a request, approved or refused.",
  params: z.object({ requestId: z.string().max(64) }),
  query: noFields,
  request: { kind: "none" },
  response: { kind: "none" },
  errors: ["NOT_FOUND"],
});
