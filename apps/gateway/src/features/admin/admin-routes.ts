import {
  type CasePatient,
  type Client,
  encodeRequest,
  type HubApi,
  planCase,
  type RequestEntry,
} from "@caseroom/client";
import {
  accountsCreate,
  type Failure,
  failure,
  type OrgId,
  orgIdField,
  type Result,
  type UserId,
  userIdField,
} from "@caseroom/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type postgres from "postgres";
import { z } from "zod";
import { sendProblem } from "../../http-problem.ts";
import type { Institution } from "../../institution.ts";
import { type CasePolicy, roomOf } from "../cases/case-policy-loop.ts";
import { bearerOf } from "../fhir/fhir-routes.ts";
import { findPatientsByIdentifier } from "../patients/patient-index.ts";
import { hashPassword } from "../staff/password.ts";
import type { StaffStore } from "../staff/staff-store.ts";
import { importFhir } from "./import-fhir.ts";

const staffForm = z.object({
  login: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,63}$/),
  password: z.string().min(8).max(256),
  totpSecret: z.string().regex(/^[A-Z2-7]{16,64}$/),
  staffId: z.string().min(1).max(64),
  name: z.string().min(1).max(128),
  role: z.string().min(1).max(64),
  specialty: z.string().max(64).optional(),
});
const shareForm = z.object({ system: z.string().max(512).optional(), value: z.string().max(512), toOrgId: orgIdField });
const caseForm = z.object({
  name: z.string().min(1).max(200),
  patient: z.object({
    name: z.string(),
    birthDate: z.string().optional(),
    sex: z.string().optional(),
    identifiers: z.array(z.object({ system: z.string(), value: z.string() })),
  }),
  invite: z.array(z.object({ orgId: orgIdField, staffId: z.string(), name: z.string(), role: z.string() })),
});
const credentialForm = z.object({ userId: userIdField });

export type AdminDeps = {
  readonly sql: postgres.Sql;
  readonly api: HubApi;
  readonly client: Client;
  readonly institution: Institution;
  readonly staff: StaffStore;
  readonly policy: CasePolicy;
  readonly onAccepted: () => void;
  readonly isToken: (token: string | undefined) => boolean;
  readonly nowMs: () => number;
  readonly revokeCredential: (userId: UserId) => Promise<Result<undefined, Failure>>;
};

/** For the institution's own administration and the command line; bearer of the gateway's token. */
export function registerAdminRoutes(app: FastifyInstance, deps: AdminDeps): void {
  const { sql, client } = deps;
  const guarded =
    (handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) =>
    async (request: FastifyRequest, reply: FastifyReply) =>
      deps.isToken(bearerOf(request.headers.authorization))
        ? handle(request, reply)
        : sendProblem(reply, failure("SESSION_REQUIRED"));

  app.post(
    "/admin/staff",
    guarded(async (request, reply) => {
      const form = staffForm.safeParse(request.body);
      if (!form.success) return sendProblem(reply, failure("BAD_REQUEST"));
      const { password, specialty, ...member } = form.data;
      const passwordHash = await hashPassword(password);
      // The hub first: a name that is taken there must not exist here.
      const account = await deps.api.call(accountsCreate, {
        head: { ...member, passwordHash, ...(specialty === undefined ? {} : { specialty }) },
      });
      if (!account.ok && account.error.code !== "NAME_TAKEN") return sendProblem(reply, account.error);
      const added = await deps.staff.add({ ...member, specialty, passwordHash });
      return added ? reply.code(201).send({ created: true }) : sendProblem(reply, failure("NAME_TAKEN"));
    }),
  );

  app.post(
    "/admin/fhir",
    { bodyLimit: 5_242_880 },
    guarded(async (request, reply) => {
      const sender = "import";
      const imported = await importFhir({ ...deps, sender }, typeof request.body === "string" ? request.body : "");
      return imported.ok ? reply.send(imported.value) : sendProblem(reply, imported.error);
    }),
  );

  app.post(
    "/admin/shares",
    guarded(async (request, reply) => {
      const form = shareForm.safeParse(request.body);
      if (!form.success) return sendProblem(reply, failure("BAD_REQUEST"));
      return share(deps, form.data, reply);
    }),
  );

  app.post(
    "/admin/cases",
    guarded(async (request, reply) => {
      const form = caseForm.safeParse(request.body);
      if (!form.success) return sendProblem(reply, failure("BAD_REQUEST"));
      const created = await createSeededCase(client, form.data);
      if (!created.ok) return sendProblem(reply, created.error);
      deps.policy.notify();
      return reply.code(201).send({ spaceId: created.value });
    }),
  );

  app.post(
    "/admin/credentials/revoke",
    guarded(async (request, reply) => {
      const form = credentialForm.safeParse(request.body);
      if (!form.success) return sendProblem(reply, failure("BAD_REQUEST"));
      const revoked = await deps.revokeCredential(form.data.userId);
      deps.policy.notify();
      return revoked.ok ? reply.send({}) : sendProblem(reply, revoked.error);
    }),
  );

  app.get(
    "/admin/delivery",
    guarded(async (_request, reply) => {
      const rows = await sql<
        { state: string; count: string }[]
      >`SELECT state, count(*)::text AS count FROM inbound GROUP BY state`;
      return reply.send(Object.fromEntries(rows.map((row) => [row.state, Number(row.count)])));
    }),
  );
}

async function share(deps: AdminDeps, form: z.infer<typeof shareForm>, reply: FastifyReply): Promise<FastifyReply> {
  const { sql, client } = deps;
  const patients = await findPatientsByIdentifier(sql, form.value, form.system);
  const [patient] = patients;
  if (patient === undefined) return sendProblem(reply, failure("NOT_FOUND"));
  if (patients.length > 1) return sendProblem(reply, failure("PATIENT_MISMATCH", "several patients have this number"));
  const gateways = activeGateways(client, form.toOrgId);
  if (gateways.length === 0) return sendProblem(reply, failure("NOT_FOUND"));
  for (const userId of gateways) {
    await sql`INSERT INTO share (patient_id, user_id) VALUES (${patient.id}::bigint, ${userId}) ON CONFLICT DO NOTHING`;
  }
  const done = await deps.policy.pass();
  return done.ok ? reply.send({ shared: true }) : sendProblem(reply, done.error);
}

function activeGateways(client: Client, orgId: OrgId): readonly UserId[] {
  return [...(client.directory.org(orgId)?.gateways ?? [])].flatMap(([userId, gateway]) =>
    gateway.until === undefined ? [userId] : [],
  );
}

/** A case that an institution opens for people who join when they first sign in (phase-1 §2.5). */
async function createSeededCase(client: Client, form: z.infer<typeof caseForm>): Promise<Result<string, Failure>> {
  const others = [...new Set(form.invite.map((one) => one.orgId))].flatMap((orgId) => activeGateways(client, orgId));
  const created = await client.commits.createSpace(planCase(client.userId, client.userId, others));
  if (!created.ok) return created;
  const synced = await client.sync();
  if (!synced.ok) return synced;
  const room = roomOf(client, created.value.spaceId);
  if (room === undefined) return { ok: false, error: failure("UNAVAILABLE") };
  const { name, birthDate, sex, identifiers } = form.patient;
  const patient: CasePatient = { name, birthDate, sex, identifiers };
  const requests: readonly RequestEntry[] = [
    { type: "case-info", name: form.name, patient },
    ...form.invite.map((one): RequestEntry => ({ type: "invite", ...one, accept: false })),
  ];
  const sent = await client.outbox.appendKept(
    room,
    requests.map((request) => ({ kind: "request", body: encodeRequest(request) })),
  );
  return sent.ok ? { ok: true, value: created.value.spaceId } : sent;
}
