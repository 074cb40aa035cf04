import { z } from "zod";
import { userIdField } from "../wire-fields.ts";

/**
 * GET /admin/people: the staff as their gateway knows them. `no-device`: has never signed in. `waiting`: has a device, and nobody has vouched
 * for them yet, or not any more. `enrolled`: the institution vouches for them now.
 */
export const gatewayPerson = z.object({
  login: z.string(),
  staffId: z.string(),
  name: z.string(),
  role: z.string(),
  specialty: z.string().optional(),
  userId: userIdField.optional(),
  state: z.enum(["no-device", "waiting", "enrolled"]),
});
export const gatewayPeople = z.object({ people: z.array(gatewayPerson) });
export type GatewayPerson = z.infer<typeof gatewayPerson>;

/** POST /admin/credentials: the institution vouches for a member of staff who has a device. */
export const credentialRequest = z.object({ login: z.string().max(64) });
