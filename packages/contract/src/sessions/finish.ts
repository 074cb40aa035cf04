import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, kidField, noFields, timeField, userIdField } from "../wire-fields.ts";

/** Second step: the device signs the challenge (typ cr1/session). Answers a short-lived bearer bound to that device. */
export const sessionsFinish = defineOperation({
  id: "sessions.finish",
  method: "POST",
  path: "/v1/sessions",
  auth: "sign-in",
  summary:
    "Second step: the device signs the challenge (typ cr1/session). Answers a short-lived bearer bound to that device.",
  params: noFields,
  query: noFields,
  request: { kind: "json", schema: z.object({ statement: bytesField(4096) }) },
  response: {
    kind: "json",
    schema: z.object({
      token: z.string(),
      expiresMs: timeField,
      userId: userIdField,
      kid: kidField,
    }),
  },
  errors: ["SIGN_IN_FAILED", "DEVICE_NOT_ENROLLED", "DEVICE_REVOKED", "SESSION_EXPIRED"],
});
