import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, noFields } from "../wire-fields.ts";

/** A further device of a signed-in person asks to be added; another device of theirs approves it. Body: the request (device keys and proof of possession). */
export const devicesRequest = defineOperation({
  id: "devices.request",
  method: "POST",
  path: "/v1/devices/requests",
  auth: "sign-in",
  summary:
    "A further device of a signed-in person asks to be added; another device of theirs approves it. Body: the request (device keys and proof of possession).",
  params: noFields,
  query: noFields,
  request: { kind: "json", schema: z.object({ request: bytesField(8192) }) },
  response: { kind: "json", schema: z.object({ requestId: z.string() }) },
  errors: ["FORBIDDEN"],
});
