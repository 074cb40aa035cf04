import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { compIdField, countField, noFields, spaceIdField } from "../wire-fields.ts";

/** The spaces of which the caller is a member now, with chain lengths and compartments. */
export const spacesList = defineOperation({
  id: "spaces.list",
  method: "GET",
  path: "/v1/spaces",
  auth: "session",
  summary: "The spaces of which the caller is a member now, with chain lengths and compartments.",
  params: noFields,
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "json",
    schema: z.object({
      spaces: z.array(
        z.object({
          spaceId: spaceIdField,
          n: countField,
          comps: z.array(
            z.object({
              compId: compIdField,
              links: countField,
              feedN: countField,
            }),
          ),
        }),
      ),
    }),
  },
  errors: [],
});
