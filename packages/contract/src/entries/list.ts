import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { compIdField, countField, feedItem, queryCountField } from "../wire-fields.ts";

/** The feed of a compartment from position `from`: entries and links in order of acceptance. Parts: their bytes. */
export const entriesList = defineOperation({
  id: "entries.list",
  method: "GET",
  path: "/v1/comps/:compId/feed",
  auth: "session",
  summary:
    "The feed of a compartment from position `from`: entries and links in order of acceptance. Parts: their bytes.",
  params: z.object({ compId: compIdField }),
  query: z.object({ from: queryCountField, limit: queryCountField.optional() }),
  request: { kind: "none" },
  response: {
    kind: "framed",
    schema: z.object({
      items: z.array(feedItem),
      total: countField,
    }),
    maxParts: 1024,
    maxPartBytes: 262_144,
  },
  errors: ["NOT_FOUND", "FORBIDDEN"],
});
