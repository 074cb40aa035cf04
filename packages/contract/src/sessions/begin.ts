import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, countField, digestField, kidField, noFields, orgIdField, userIdField } from "../wire-fields.ts";

/** First step of signing in: a person proves password and one-time code; a gateway names its device. Answers a challenge for the device key. */
export const sessionsBegin = defineOperation({
  id: "sessions.begin",
  method: "POST",
  path: "/v1/sessions/begin",
  auth: "none",
  summary:
    "First step of signing in: a person proves password and one-time code; a gateway names its device. Answers a challenge for the device key.",
  params: noFields,
  query: noFields,
  request: {
    kind: "json",
    schema: z.union([
      z.object({
        login: z.string().min(1).max(64),
        password: z.string().min(1).max(256),
        code: z.string().regex(/^[0-9]{6}$/),
      }),
      z.object({ kid: kidField }),
    ]),
  },
  response: {
    kind: "json",
    schema: z.object({
      signInToken: z.string(),
      challenge: bytesField(32),
      account: z
        .object({
          login: z.string(),
          orgId: orgIdField,
          staffId: z.string(),
          name: z.string(),
          userId: userIdField.nullable(),
          /** Where the user's chain stands, for the proof of possession of a further device; a lie only makes that proof useless. */
          userHead: z.object({ n: countField, hash: digestField }).nullable(),
        })
        .nullable(),
    }),
  },
  errors: ["SIGN_IN_FAILED", "TOO_MANY_REQUESTS", "DEVICE_NOT_ENROLLED"],
});
