import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { chainIdField, chainTypeField, countField, queryCountField, timeField } from "../wire-fields.ts";

/** Links of a chain from position `from`, each with its log index. Space and compartment chains are served to their members only. */
export const linksList = defineOperation({
  id: "links.list",
  method: "GET",
  path: "/v1/chains/:chainId/links",
  auth: "session",
  summary:
    "Links of a chain from position `from`, each with its log index. Space and compartment chains are served to their members only.",
  params: z.object({ chainId: chainIdField }),
  query: z.object({ from: queryCountField.optional() }),
  request: { kind: "none" },
  response: {
    kind: "framed",
    schema: z.object({
      ct: chainTypeField,
      links: z.array(z.object({ n: countField, logIndex: countField, ts: timeField })),
      total: countField,
    }),
    maxParts: 512,
    maxPartBytes: 262_144,
  },
  errors: ["NOT_FOUND", "FORBIDDEN"],
});
