import { chartLinkAnswer, failure } from "@caseroom/contract";
import type { FastifyInstance } from "fastify";
import type postgres from "postgres";
import { sendProblem } from "../../http-problem.ts";
import { bearerOf } from "../fhir/access/bearer.ts";
import type { ActorOf } from "../quarantine/quarantine-routes.ts";
import type { CasePolicy } from "./case-policy-loop.ts";
import { answerLink, listLinks } from "./chart-links.ts";

/** …/links below /app for members of staff and below /admin for the bearer of the gateway's token. */
export function registerLinkRoutes(
  app: FastifyInstance,
  deps: {
    readonly sql: postgres.Sql;
    readonly policy: Pick<CasePolicy, "pass">;
    readonly staff: ActorOf;
    readonly administration: ActorOf;
    readonly nowMs: () => number;
  },
): void {
  const { sql, policy, nowMs } = deps;
  for (const [url, actorOf] of [
    ["/app/links", deps.staff],
    ["/admin/links", deps.administration],
  ] as const) {
    app.get(url, async (request, reply) => {
      const by = actorOf(bearerOf(request.headers.authorization));
      return by.ok ? reply.send({ links: await listLinks(sql) }) : sendProblem(reply, by.error);
    });
    app.post(url, async (request, reply) => {
      const by = actorOf(bearerOf(request.headers.authorization));
      if (!by.ok) return sendProblem(reply, by.error);
      const form = chartLinkAnswer.safeParse(request.body);
      if (!form.success) return sendProblem(reply, failure("BAD_REQUEST"));
      const answered = await answerLink(sql, form.data, by.value, nowMs());
      if (!answered.ok) return sendProblem(reply, answered.error);
      // What the answer changes is done when it is answered: readers, keys, and what the case is told.
      const done = await policy.pass();
      return done.ok ? reply.send({}) : sendProblem(reply, done.error);
    });
  }
}
