import { restoreLargeData } from "@caseroom/client";
import { err, ok, type Result } from "@caseroom/contract";
import { MAX_FHIR_BYTES, readResource } from "@caseroom/fhir";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type postgres from "postgres";
import { type FhirAccess, readAccess } from "./access/fhir-access.ts";
import { registerFhirClientRoutes } from "./access/fhir-clients.ts";
import { registerSmartRoutes } from "./access/smart-token.ts";
import { answerBundle } from "./bundles.ts";
import { capabilityStatement } from "./capability-statement.ts";
import { answerRead, answerWrite, type FhirAnswer, type Interaction, notOffered } from "./interactions.ts";
import type { OpenFile } from "./reading/file-opener.ts";
import { type FhirRefusal, outcomeOf, refusal, refuse } from "./refusal.ts";
import type { FhirWriter } from "./writing/writer.ts";

export { bearerOf } from "./access/bearer.ts";

const MEDIA_TYPE = "application/fhir+json; charset=utf-8";

export type FhirDoorDeps = {
  readonly sql: postgres.Sql;
  /** Of the gateway; the door is `/fhir` below it. */
  readonly baseUrl: string;
  readonly writer: FhirWriter;
  readonly openFile: OpenFile;
  readonly isToken: (token: string | undefined) => boolean;
  readonly nowMs: () => number;
};

/** The FHIR R4 door of an institution's own systems (FHIR R4 §3.1): what works is what `/fhir/metadata` says. */
export function registerFhirRoutes(app: FastifyInstance, deps: FhirDoorDeps): void {
  registerSmartRoutes(app, deps);
  registerFhirClientRoutes(app, deps);
  app.register(async (door) => {
    // As text: a parsed and re-written number would lose its decimals.
    door.removeAllContentTypeParsers();
    door.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    door.setErrorHandler(async (error: unknown, request, reply) => {
      const status = statusOf(error);
      if (status >= 500) request.log.error({ name: error instanceof Error ? error.name : "unknown" }, "fhir door");
      const words = status >= 500 ? "the server failed" : "the request is not valid HTTP for this door";
      return send(
        reply,
        err(refusal(status, status === 413 ? "too-long" : status >= 500 ? "exception" : "invalid", words)),
      );
    });
    door.get("/fhir/metadata", async (_request, reply) =>
      reply.type(MEDIA_TYPE).send(JSON.stringify(capabilityStatement(deps.baseUrl))),
    );
    const handle = async (request: FastifyRequest, reply: FastifyReply) => {
      const access = await readAccess(deps, request.headers.authorization);
      if (access === undefined) return send(reply, refuse(401, "login", "a bearer token is required"));
      return send(reply, await withFiles(deps.openFile, await answerRequest(deps, access, request)));
    };
    for (const url of ["/fhir", "/fhir/*"])
      door.route({
        method: ["GET", "POST", "PUT", "DELETE", "PATCH"],
        url,
        bodyLimit: MAX_FHIR_BYTES,
        handler: handle,
      });
  });
}

/** Files that lie beside their fragments are put back: the texts are as they were deposited. */
async function withFiles(
  openFile: OpenFile,
  answer: Result<FhirAnswer, FhirRefusal>,
): Promise<Result<FhirAnswer, FhirRefusal>> {
  if (!answer.ok || answer.value.body === undefined) return answer;
  const body = await restoreLargeData(answer.value.body, openFile);
  if (!body.ok && body.error.code === "TOO_LARGE")
    return refuse(413, "too-costly", "the answer holds too many files: ask for fewer resources a page (_count)");
  if (!body.ok) return refuse(503, "transient", "a file of the answer cannot be fetched now");
  return ok({ ...answer.value, body: body.value });
}

function statusOf(error: unknown): number {
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? status : 500;
}

async function answerRequest(
  deps: FhirDoorDeps,
  access: FhirAccess,
  request: FastifyRequest,
): Promise<Result<FhirAnswer, FhirRefusal>> {
  const url = new URL(request.url, deps.baseUrl);
  const path = decodeURIComponent(url.pathname).replace(/^\/fhir\/?/, "");
  const text = typeof request.body === "string" ? request.body : "";
  const interaction: Interaction = {
    method: request.method,
    path,
    parameters: [...url.searchParams],
    resource: undefined,
    ifNoneExist: headerOf(request, "if-none-exist"),
    ifMatch: headerOf(request, "if-match"),
    place: "",
    text,
  };
  if (request.method === "GET") return answerRead(deps, access, interaction);
  if (request.method === "DELETE") return answerWrite(deps, access, interaction);
  if (request.method === "POST" && path.endsWith("/_search"))
    return answerRead(deps, access, {
      ...interaction,
      parameters: [...interaction.parameters, ...new URLSearchParams(text)],
    });
  if (request.method === "PATCH") return notOffered();
  if (!isJson(headerOf(request, "content-type")))
    return refuse(415, "not-supported", "the body is application/fhir+json");
  const resource = readResource(text);
  if (!resource.ok) {
    const { tooLarge, issue } = resource.error;
    return err({ status: tooLarge ? 413 : 400, issues: [issue] });
  }
  if (request.method === "POST" && path === "") return answerBundle(deps, access, resource.value, text);
  return answerWrite(deps, access, { ...interaction, resource: resource.value });
}

function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^\s*application\/(?:fhir\+)?json\b/i.test(contentType);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}

function send(reply: FastifyReply, answer: Result<FhirAnswer, FhirRefusal>): FastifyReply {
  reply.type(MEDIA_TYPE).header("cache-control", "no-store");
  if (!answer.ok) {
    if (answer.error.status === 401) reply.header("www-authenticate", "Bearer");
    return reply.code(answer.error.status).send(outcomeOf(answer.error));
  }
  const { status, body, etag, lastModified, location } = answer.value;
  reply.code(status);
  if (etag !== undefined) reply.header("etag", etag);
  if (lastModified !== undefined) reply.header("last-modified", new Date(lastModified).toUTCString());
  if (location !== undefined) reply.header("location", location);
  return reply.send(body ?? "");
}
