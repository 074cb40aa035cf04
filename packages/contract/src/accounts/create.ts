import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { noFields } from "../wire-fields.ts";

/** An institution's gateway registers a member of its staff: how they sign in and how they stand in the directory. */
export const accountsCreate = defineOperation({
  id: "accounts.create",
  method: "POST",
  path: "/v1/accounts",
  auth: "session",
  summary:
    "An institution's gateway registers a member of its staff: how they sign in and how they stand in the directory.",
  params: noFields,
  query: noFields,
  request: {
    kind: "json",
    schema: z.object({
      login: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,63}$/),
      passwordHash: z.string().max(512),
      totpSecret: z.string().regex(/^[A-Z2-7]{16,64}$/),
      staffId: z.string().min(1).max(64),
      name: z.string().min(1).max(128),
      role: z.string().min(1).max(64),
      specialty: z.string().max(64).optional(),
    }),
  },
  response: { kind: "json", schema: z.object({ created: z.boolean() }) },
  errors: ["FORBIDDEN", "NAME_TAKEN"],
});
