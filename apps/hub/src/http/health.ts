import { failure } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "./metrics.ts";
import { describeApi } from "./openapi.ts";
import { sendProblem } from "./problem.ts";

/** For operators: is it alive, can it work, what does it do, what does it offer. */
export function registerHealth(
  app: FastifyInstance,
  deps: {
    readonly sql: Sql;
    readonly metrics: Metrics;
    readonly publicUrl: string;
    readonly isStopping: () => boolean;
  },
): void {
  const description = JSON.stringify(describeApi(deps.publicUrl));
  const json = "application/json";
  app.get("/openapi.json", async (_request, reply) => reply.type(json).send(description));
  app.get("/healthz", async (_request, reply) => reply.type(json).send('{"status":"ok"}'));
  app.get("/readyz", async (_request, reply) => {
    if (deps.isStopping() || !(await answers(deps.sql))) return sendProblem(reply, failure("UNAVAILABLE"));
    return reply.type(json).send('{"status":"ready"}');
  });
  app.get("/metrics", async (_request, reply) => {
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(deps.metrics.render());
  });
}

async function answers(sql: Sql): Promise<boolean> {
  try {
    await sql`SELECT 1`;
    return true;
  } catch {
    return false;
  }
}
