import { operationOutcome, toSearchBundle } from "@caseroom/fhir";
import type { FastifyInstance, FastifyReply } from "fastify";
import type postgres from "postgres";
import { SEARCHED_TYPES, searchParameters, searchResources } from "./search.ts";

const MEDIA_TYPE = "application/fhir+json; charset=utf-8";

/** The FHIR R4 read door of an institution's own systems: bearer token, search, and OperationOutcome for what it cannot do. */
export function registerFhirRoutes(
  app: FastifyInstance,
  deps: {
    readonly sql: postgres.Sql;
    readonly baseUrl: string;
    readonly isToken: (token: string | undefined) => boolean;
  },
): void {
  const { sql, baseUrl } = deps;
  const refuse = (reply: FastifyReply, status: number, code: string, diagnostics: string) =>
    reply
      .code(status)
      .type(MEDIA_TYPE)
      .send(operationOutcome({ severity: "error", code, diagnostics }));

  app.get("/fhir/metadata", async (_request, reply) =>
    reply.type(MEDIA_TYPE).send(JSON.stringify(capabilities(baseUrl))),
  );

  for (const type of SEARCHED_TYPES) {
    app.get(`/fhir/${type}`, async (request, reply) => {
      if (!deps.isToken(bearerOf(request.headers.authorization)))
        return refuse(reply, 401, "login", "a bearer token is required");
      const parameters = searchParameters.safeParse(request.query);
      if (!parameters.success) {
        const names = parameters.error.issues.map((issue) =>
          "keys" in issue ? issue.keys.join(", ") : issue.path.join("."),
        );
        return refuse(reply, 400, "not-supported", `search parameter not understood: ${names.join("; ")}`);
      }
      const result = await searchResources(sql, type, parameters.data);
      if (result === undefined) return refuse(reply, 400, "value", "date is not a FHIR date");
      const resources = result.found.map((one) => one.json);
      const selfUrl = new URL(request.url, baseUrl).href;
      return reply
        .type(MEDIA_TYPE)
        .send(toSearchBundle({ baseUrl: `${baseUrl}/fhir`, resources, total: result.total, selfUrl }));
    });
  }

  app.all("/fhir/*", async (request, reply) => {
    if (!deps.isToken(bearerOf(request.headers.authorization)))
      return refuse(reply, 401, "login", "a bearer token is required");
    return refuse(reply, 404, "not-supported", "this interaction is not offered; see /fhir/metadata");
  });
}

export function bearerOf(header: string | undefined): string | undefined {
  return header?.startsWith("Bearer ") === true ? header.slice(7) : undefined;
}

/** CapabilityStatement (FHIR R4 §5.5): exactly what works. */
function capabilities(baseUrl: string) {
  const token = (name: string) => ({ name, type: "token" });
  const search = [{ code: "search-type" }];
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: "2026-11-25",
    kind: "instance",
    fhirVersion: "4.0.1",
    format: ["json"],
    implementation: { description: "What this institution may read, opened by its gateway", url: `${baseUrl}/fhir` },
    rest: [
      {
        mode: "server",
        resource: [
          { type: "Patient", interaction: search, searchParam: [token("identifier")] },
          {
            type: "Observation",
            interaction: search,
            searchParam: [
              token("identifier"),
              token("code"),
              { name: "date", type: "date" },
              token("patient.identifier"),
            ],
          },
        ],
      },
    ],
  };
}
