import type { Client } from "@caseroom/client";
import { credentialRequest, failure, type GatewayPerson, type UserId } from "@caseroom/contract";
import { credentialsAt, presentMoment } from "@caseroom/space/verify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "../../http-problem.ts";
import type { Institution, Registrar } from "../../institution.ts";
import { bearerOf } from "../fhir/fhir-routes.ts";
import type { StaffStore } from "./staff-store.ts";

export type StaffRoutesDeps = {
  readonly staff: StaffStore;
  readonly client: Client;
  readonly institution: Institution;
  readonly registrar: Registrar;
  readonly isToken: (token: string | undefined) => boolean;
  readonly nowMs: () => number;
};

/** For the institution's officers: who works here, and the institution's word for who has a device; bearer of the gateway's token. */
export function registerStaffRoutes(app: FastifyInstance, deps: StaffRoutesDeps): void {
  const { staff, client, institution, nowMs } = deps;
  const guarded =
    (handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) =>
    async (request: FastifyRequest, reply: FastifyReply) =>
      deps.isToken(bearerOf(request.headers.authorization))
        ? handle(request, reply)
        : sendProblem(reply, failure("SESSION_REQUIRED"));

  const stateOf = (userId: UserId | undefined): GatewayPerson["state"] => {
    if (userId === undefined) return "no-device";
    const credentials = credentialsAt(client.directory, userId, presentMoment(nowMs()));
    return credentials.some(({ orgId }) => orgId === institution.orgId) ? "enrolled" : "waiting";
  };

  app.get(
    "/admin/people",
    guarded(async (_request, reply) => {
      const people: GatewayPerson[] = (await staff.list()).map(({ login, staffId, name, role, specialty, userId }) => ({
        ...{ login, staffId, name, role, state: stateOf(userId) },
        ...(specialty === undefined ? {} : { specialty }),
        ...(userId === undefined ? {} : { userId }),
      }));
      return reply.send({ people });
    }),
  );

  app.post(
    "/admin/credentials",
    guarded(async (request, reply) => {
      const form = credentialRequest.safeParse(request.body);
      if (!form.success) return sendProblem(reply, failure("BAD_REQUEST"));
      const member = (await staff.list()).find(({ login }) => login === form.data.login);
      if (member === undefined) return sendProblem(reply, failure("NOT_FOUND"));
      if (member.userId === undefined) return sendProblem(reply, failure("DEVICE_NOT_ENROLLED"));
      if (stateOf(member.userId) === "enrolled") return reply.send({});
      const { userId, staffId, name, role } = member;
      const issued = await deps.registrar.state({ op: "cred.issue", userId, staffId, name, role });
      return issued.ok ? reply.code(201).send({}) : sendProblem(reply, issued.error);
    }),
  );
}
