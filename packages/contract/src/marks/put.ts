import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { compIdField, noFields } from "../wire-fields.ts";

/** Replaces this device's sealed delivered-or-read mark in a compartment. */
export const marksPut = defineOperation({
  id: "marks.put",
  method: "PUT",
  path: "/v1/comps/:compId/mark",
  auth: "session",
  summary: "Replaces this device's sealed delivered-or-read mark in a compartment.",
  params: z.object({ compId: compIdField }),
  query: noFields,
  request: {
    kind: "raw",
    mediaType: "application/octet-stream",
    maxBytes: 8192,
  },
  response: { kind: "none" },
  errors: ["NOT_FOUND", "FORBIDDEN"],
});
