import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { compIdField, kidField, noFields } from "../wire-fields.ts";

/** The newest sealed mark of every device. Parts: the marks. */
export const marksList = defineOperation({
  id: "marks.list",
  method: "GET",
  path: "/v1/comps/:compId/marks",
  auth: "session",
  summary: "The newest sealed mark of every device. Parts: the marks.",
  params: z.object({ compId: compIdField }),
  query: noFields,
  request: { kind: "none" },
  response: {
    kind: "framed",
    schema: z.object({ marks: z.array(z.object({ kid: kidField })) }),
    maxParts: 4096,
    maxPartBytes: 8192,
  },
  errors: ["NOT_FOUND", "FORBIDDEN"],
});
