import type { Client } from "@caseroom/client";
import { maskIdentifier } from "@caseroom/clinical";
import {
  bytesToBase64url,
  type EntryId,
  enrolRequest,
  err,
  type Failure,
  failure,
  gatewaySessionBegin,
  gatewaySessionFinish,
  isId32,
  type PatientChoice,
  parseId32,
  type Result,
} from "@caseroom/contract";
import { credentialsAt, presentMoment } from "@caseroom/space/verify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type postgres from "postgres";
import type { z } from "zod";
import { sendProblem } from "../../http-problem.ts";
import type { Institution } from "../../institution.ts";
import type { CasePolicy } from "../cases/case-policy-loop.ts";
import type { CaseStore } from "../cases/case-store.ts";
import { bearerOf } from "../fhir/fhir-routes.ts";
import { searchPatients } from "../patients/patient-index.ts";
import type { GatewaySessions, StaffSession } from "../sessions/gateway-sessions.ts";
import { type EnrolDeps, enrol } from "../staff/enrol.ts";

export type AppDeps = {
  readonly sql: postgres.Sql;
  readonly client: Client;
  readonly institution: Institution;
  readonly sessions: GatewaySessions;
  readonly enrolment: EnrolDeps;
  readonly cases: CaseStore;
  readonly policy: CasePolicy;
  readonly nowMs: () => number;
};

const PATIENTS_PER_PAGE = 20;

/** What the gateway does for the web app of its own staff. */
export function registerAppRoutes(app: FastifyInstance, deps: AppDeps): void {
  const { sessions } = deps;

  app.post("/app/enrol", { config: { rateLimit: { max: 20, timeWindow: "1 minute" } } }, async (request, reply) => {
    const form = parse(enrolRequest, request.body);
    if (!form.ok) return sendProblem(reply, form.error);
    return send(reply, await enrol(deps.enrolment, form.value));
  });

  app.post("/app/sessions/begin", async (request, reply) => {
    const form = parse(gatewaySessionBegin, request.body);
    if (!form.ok) return sendProblem(reply, form.error);
    const begun = sessions.begin(form.value.userId);
    return reply.send({ signInToken: begun.signInToken, challenge: bytesToBase64url(begun.challenge) });
  });

  app.post("/app/sessions", async (request, reply) => {
    const form = parse(gatewaySessionFinish, request.body);
    if (!form.ok) return sendProblem(reply, form.error);
    return send(reply, await sessions.finish(form.value.signInToken, form.value.statement));
  });

  const withStaff =
    (handle: (staff: StaffSession, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const staff = sessions.who(bearerOf(request.headers.authorization));
      return staff.ok ? handle(staff.value, request, reply) : sendProblem(reply, staff.error);
    };

  app.get(
    "/app/invitations",
    withStaff(async (staff, _request, reply) => {
      const invites = await deps.cases.openInvitesFor(deps.institution.orgId, staff.staffId);
      const files = new Map((await deps.cases.cases()).map((file) => [file.spaceId, file]));
      const invitations = invites.flatMap((invite) => {
        const file = files.get(invite.spaceId);
        if (file === undefined) return [];
        const by = credentialsAt(deps.client.directory, invite.invitedBy, presentMoment(deps.nowMs()))[0];
        return [
          {
            id: invite.entryId,
            spaceId: invite.spaceId,
            caseName: file.name,
            patientLabel: file.patient.name,
            invitedBy: by?.name ?? "",
            invitedByInstitution:
              by === undefined ? "" : (deps.client.directory.consortium()?.orgs.get(by.orgId)?.name ?? ""),
            role: invite.role,
            atMs: invite.atMs,
          },
        ];
      });
      return reply.send({ invitations });
    }),
  );

  app.post(
    "/app/invitations/:id/:answer",
    withStaff(async (staff, request, reply) => {
      const { id, answer } = pathOf(request);
      const entryId = id !== undefined && isId32(id) ? parseId32<EntryId>(id) : undefined;
      const invite = entryId === undefined ? undefined : await deps.cases.invite(entryId);
      const isTheirs = invite?.orgId === deps.institution.orgId && invite.staffId === staff.staffId;
      if (invite === undefined || !isTheirs || (answer !== "accept" && answer !== "decline"))
        return sendProblem(reply, failure("NOT_FOUND"));
      return send(reply, await deps.policy.respond(invite, answer, staff.userId));
    }),
  );

  app.get(
    "/app/patients",
    withStaff(async (_staff, request, reply) => {
      const query =
        typeof request.query === "object" && request.query !== null ? Reflect.get(request.query, "q") : undefined;
      const found = await searchPatients(
        deps.sql,
        typeof query === "string" ? query.slice(0, 128) : "",
        PATIENTS_PER_PAGE,
      );
      const patients: PatientChoice[] = found.flatMap((patient) =>
        patient.spaceId === undefined
          ? []
          : [
              {
                chartSpaceId: patient.spaceId,
                name: patient.name,
                birthDate: patient.birthDate ?? null,
                sex: patient.sex ?? null,
                identifiers: patient.identifiers.map(({ system, value }) => ({
                  system,
                  value,
                  masked: maskIdentifier(value),
                })),
              },
            ],
      );
      return reply.send({ patients });
    }),
  );
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): Result<z.output<Schema>, Failure> {
  const parsed = schema.safeParse(body);
  return parsed.success ? { ok: true, value: parsed.data } : err(failure("BAD_REQUEST"));
}

function pathOf(request: FastifyRequest): { readonly id: string | undefined; readonly answer: string | undefined } {
  const { params } = request;
  if (typeof params !== "object" || params === null) return { id: undefined, answer: undefined };
  return { id: String(Reflect.get(params, "id")), answer: String(Reflect.get(params, "answer")) };
}

function send(reply: FastifyReply, result: Result<unknown, Failure>): FastifyReply {
  return result.ok ? reply.send(result.value ?? {}) : sendProblem(reply, result.error);
}
