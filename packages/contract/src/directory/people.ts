import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { noFields, orgIdField, userIdField } from "../wire-fields.ts";

/** Colleagues by name, role, specialty or institution. */
export const directoryPeople = defineOperation({
  id: "directory.people",
  method: "GET",
  path: "/v1/directory/people",
  auth: "session",
  summary: "Colleagues by name, role, specialty or institution.",
  params: noFields,
  query: z.object({
    q: z.string().max(128).optional(),
    orgId: orgIdField.optional(),
  }),
  request: { kind: "none" },
  response: {
    kind: "json",
    schema: z.object({
      people: z
        .array(
          z.object({
            orgId: orgIdField,
            staffId: z.string(),
            name: z.string(),
            role: z.string(),
            specialty: z.string().optional(),
            userId: userIdField.nullable(),
          }),
        )
        .max(500),
    }),
  },
  errors: [],
});
