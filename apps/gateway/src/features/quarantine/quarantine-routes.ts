import {
  err,
  type Failure,
  failure,
  MAX_IMPORT_BYTES,
  ok,
  quarantineAddress,
  quarantineDiscard,
  quarantineQuery,
  quarantineRepair,
  quarantineRepairQuery,
  quarantineReplay,
  quarantineVersionAddress,
  quarantineVersionQuery,
  type Result,
  toBytes,
} from "@caseroom/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type postgres from "postgres";
import type { z } from "zod";
import { sendProblem } from "../../http-problem.ts";
import { bearerOf } from "../fhir/access/bearer.ts";
import type { QuarantineActs } from "./quarantine-acts.ts";
import { type Actor, listQuarantine } from "./quarantine-store.ts";

/** Who asks, by their bearer, when they may. */
export type ActorOf = (token: string | undefined) => Result<Actor, Failure>;

type Handle = (request: FastifyRequest, by: Actor, reply: FastifyReply) => Promise<Result<unknown, Failure>>;
type Route = readonly [method: HTTPMethods, path: string, handle: Handle];

/**
 * …/quarantine below /app for members of staff and below /admin for the bearer of the gateway's token: look, download, repair, replay,
 * discard. Every one of them is recorded with its person.
 */
export function registerQuarantineRoutes(
  app: FastifyInstance,
  deps: {
    readonly sql: postgres.Sql;
    readonly acts: QuarantineActs;
    readonly staff: ActorOf;
    readonly administration: ActorOf;
  },
): void {
  const { sql, acts } = deps;
  const routes: readonly Route[] = [
    [
      "GET",
      "/quarantine",
      async ({ query }) => {
        const asked = parse(quarantineQuery, query);
        return asked.ok ? ok(await listQuarantine(sql, asked.value)) : asked;
      },
    ],
    [
      "GET",
      "/quarantine/:id",
      async ({ params, query }, by) => {
        const address = parse(quarantineAddress, params);
        const asked = parse(quarantineVersionQuery, query);
        if (!address.ok || !asked.ok) return badRequest();
        return acts.open(address.value.id, asked.value.version, by);
      },
    ],
    [
      "GET",
      "/quarantine/:id/versions/:version",
      async ({ params }, by, reply) => {
        const address = parse(quarantineVersionAddress, params);
        if (!address.ok) return address;
        const { id, version } = address.value;
        const found = await acts.download(id, version, by);
        if (!found.ok) return found;
        // What somebody sent in is never shown as a page of this origin.
        reply
          .type("application/octet-stream")
          .header(
            "content-disposition",
            `attachment; filename="quarantine-${id}-${version}${extensionOf(found.value.mediaType)}"`,
          )
          .header("x-content-type-options", "nosniff")
          .header("cache-control", "no-store");
        return ok(Buffer.from(found.value.bytes));
      },
    ],
    [
      "POST",
      "/quarantine/:id/versions",
      async ({ params, query, body }, by) => {
        const address = parse(quarantineAddress, params);
        const asked = parse(quarantineRepairQuery, query);
        const text = body instanceof Buffer ? undefined : parse(quarantineRepair, body);
        if (!address.ok || !asked.ok || text?.ok === false) return badRequest();
        const content = body instanceof Buffer ? toBytes(body) : (text?.value.text ?? "");
        if (content.length === 0) return badRequest();
        return acts.repair(address.value.id, { base: asked.value.base, content }, by);
      },
    ],
    [
      "POST",
      "/quarantine/:id/replay",
      async ({ params, body }, by) => {
        const address = parse(quarantineAddress, params);
        const form = parse(quarantineReplay, body);
        if (!address.ok || !form.ok) return badRequest();
        return acts.replay(address.value.id, form.value.version, by);
      },
    ],
    [
      "POST",
      "/quarantine/:id/discard",
      async ({ params, body }, by) => {
        const address = parse(quarantineAddress, params);
        const form = parse(quarantineDiscard, body);
        if (!address.ok || !form.ok) return badRequest();
        return acts.discard(address.value.id, form.value.reason, by);
      },
    ],
  ];
  for (const [prefix, actorOf] of [
    ["/app", deps.staff],
    ["/admin", deps.administration],
  ] as const)
    for (const [method, path, handle] of routes)
      app.route({
        method,
        url: `${prefix}${path}`,
        bodyLimit: path.endsWith("/versions") ? MAX_IMPORT_BYTES : 4096,
        // Before a body is read: a gigabyte from a stranger is not.
        onRequest: async (request, reply) => {
          const by = actorOf(bearerOf(request.headers.authorization));
          if (!by.ok) await sendProblem(reply, by.error);
        },
        handler: async (request, reply) => {
          const by = actorOf(bearerOf(request.headers.authorization));
          if (!by.ok) return sendProblem(reply, by.error);
          const done = await handle(request, by.value, reply);
          return done.ok ? reply.send(done.value ?? {}) : sendProblem(reply, done.error);
        },
      });
}

const EXTENSIONS = [
  ["x-application/hl7-v2", ".hl7"],
  ["application/fhir+json", ".json"],
  ["application/dicom", ".dcm"],
] as const;

function extensionOf(mediaType: string): string {
  return EXTENSIONS.find(([prefix]) => mediaType.startsWith(prefix))?.[1] ?? "";
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): Result<z.output<Schema>, Failure> {
  const parsed = schema.safeParse(value ?? {});
  return parsed.success ? ok(parsed.data) : badRequest();
}

function badRequest() {
  return err(failure("BAD_REQUEST"));
}
