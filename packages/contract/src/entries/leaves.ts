import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, compIdField, countField, queryCountField } from "../wire-fields.ts";

/** The log leaves that cover the feed after position `from`, oldest first. */
export const entriesLeaves = defineOperation({
  id: "entries.leaves",
  method: "GET",
  path: "/v1/comps/:compId/leaves",
  auth: "session",
  summary: "The log leaves that cover the feed after position `from`, oldest first.",
  params: z.object({ compId: compIdField }),
  query: z.object({ from: queryCountField }),
  request: { kind: "none" },
  response: {
    kind: "json",
    schema: z.object({
      leaves: z.array(z.object({ logIndex: countField, leaf: bytesField(512) })).max(4096),
    }),
  },
  errors: ["NOT_FOUND", "FORBIDDEN"],
});
