import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { chainIdField, chainTypeField, countField, noFields } from "../wire-fields.ts";

/** Every chain of the directory (consortium, institutions, users) with its length, so that a client knows what to fetch. */
export const directoryChains = defineOperation({
  id: "directory.chains",
  method: "GET",
  path: "/v1/directory/chains",
  auth: "session",
  summary:
    "Every chain of the directory (consortium, institutions, users) with its length, so that a client knows what to fetch.",
  params: noFields,
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "json",
    schema: z.object({
      chains: z
        .array(
          z.object({
            chainId: chainIdField,
            ct: chainTypeField,
            n: countField,
          }),
        )
        .max(100_000),
    }),
  },
  errors: [],
});
