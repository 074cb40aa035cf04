import { z } from "zod";
import { defineOperation } from "../operation.ts";
import { bytesField, chainIdField, countField, noFields, timeField } from "../wire-fields.ts";

/** Appends up to 32 links of chains of one space, or of one directory chain, all or nothing. Parts: the links in order, then the wraps. The compare-and-swap is in each link (n, p). A user genesis needs an enrolment ticket. The consortium genesis needs no session but the hub's bootstrap token in `ticket`. */
export const linksAppend = defineOperation({
  id: "links.append",
  method: "POST",
  path: "/v1/links",
  auth: "session",
  summary:
    "Appends up to 32 links of chains of one space, or of one directory chain, all or nothing. Parts: the links in order, then the wraps. The compare-and-swap is in each link (n, p). A user genesis needs an enrolment ticket. The consortium genesis needs no session but the hub's bootstrap token in `ticket`.",
  params: noFields,
  query: noFields,
  request: {
    kind: "framed",
    schema: z.object({
      links: countField.max(32),
      wraps: countField.max(4096),
      ticket: bytesField(4096).optional(),
    }),
    maxParts: 4128,
    maxPartBytes: 262_144,
  },
  response: {
    kind: "json",
    schema: z.object({
      links: z.array(
        z.object({
          chainId: chainIdField,
          n: countField,
          logIndex: countField,
          ts: timeField,
        }),
      ),
    }),
  },
  errors: [
    "CHAIN_CONFLICT",
    "STALE_VIEW",
    "LINK_INVALID",
    "LINK_REFUSED",
    "SIGNATURE_INVALID",
    "COSE_INVALID",
    "CBOR_INVALID",
    "KEY_INVALID",
    "WRAP_MISSING",
    "WRAP_INVALID",
    "HISTORY_CUT",
    "UPDATE_REQUIRED",
    "FORBIDDEN",
    "ENROLMENT_REFUSED",
  ],
});
