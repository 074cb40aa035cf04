import { z } from "zod";
import {
  bytesField,
  compIdField,
  consortiumIdField,
  entryIdField,
  orgIdField,
  spaceIdField,
  timeField,
  userIdField,
} from "../wire-fields.ts";

/** What a gateway serves to the web app of its own institution, from the app's own origin. */

/** GET /config.json: the anchors of trust, served with the code itself. */
export const gatewayConfig = z.object({
  consortiumId: consortiumIdField,
  hubUrl: z.url(),
  gateway: z.object({
    id: z.string(),
    name: z.string(),
    orgId: orgIdField,
    userId: userIdField,
  }),
  enrol: z.enum(["auto", "officer"]),
  demo: z.boolean(),
});

/** POST /app/enrol: first device of a member of staff. Password and code are checked by the institution itself. */
export const enrolRequest = z.object({
  login: z.string().max(64),
  password: z.string().max(256),
  code: z.string().regex(/^[0-9]{6}$/),
  links: z.array(bytesField(262_144)).length(2),
  wraps: z.array(bytesField(2048)).max(4),
});
export const enrolResponse = z.object({
  status: z.enum(["issued", "pending"]),
  userId: userIdField,
});

/** POST /app/sessions/begin and POST /app/sessions: a bearer for the gateway, bound to the device key like the hub's. */
export const gatewaySessionBegin = z.object({ userId: userIdField });
export const gatewaySessionChallenge = z.object({
  challenge: bytesField(32),
  signInToken: z.string(),
});
export const gatewaySessionFinish = z.object({
  signInToken: z.string(),
  statement: bytesField(4096),
});
export const gatewaySession = z.object({
  token: z.string(),
  expiresMs: timeField,
});

/** GET /app/invitations; POST /app/invitations/:id/accept and …/decline. */
export const invitation = z.object({
  id: entryIdField,
  spaceId: spaceIdField,
  caseName: z.string(),
  patientLabel: z.string(),
  invitedBy: z.string(),
  invitedByInstitution: z.string(),
  role: z.string(),
  atMs: timeField,
});
export const invitations = z.object({ invitations: z.array(invitation) });

/** GET /app/patients?q=: patients of this institution, to choose from when a case is created. */
export const patientChoice = z.object({
  chartSpaceId: spaceIdField,
  name: z.string(),
  birthDate: z.string().nullable(),
  sex: z.string().nullable(),
  identifiers: z.array(z.object({ system: z.string(), value: z.string(), masked: z.string() })),
});
export const patientChoices = z.object({ patients: z.array(patientChoice) });

/**
 * Bodies of `request` entries of a case (CBOR maps inside the seal). `t` tells them apart:
 * invite {t, org, staff, role, accept: bool, name: case name} · accept {t, of: entryId, user} · decline {t, of}
 * chart-access {t, sys, val}: asks the gateways of the case to link their chart of that patient and let the members in.
 */
export const REQUEST_KINDS = ["invite", "accept", "decline", "chart-access", "case-info"] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

export type GatewayConfig = z.infer<typeof gatewayConfig>;
export type Invitation = z.infer<typeof invitation>;
export type PatientChoice = z.infer<typeof patientChoice>;
export const compIdList = z.array(compIdField);
