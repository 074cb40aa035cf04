import { createHash, randomBytes } from "node:crypto";
import { failure } from "@caseroom/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type postgres from "postgres";
import { z } from "zod";
import { sendProblem } from "../../../http-problem.ts";
import { bearerOf } from "./bearer.ts";
import { parseSystemScope } from "./smart-scope.ts";

/** A public key of a client program (RFC 7517); nothing private may be sent here. */
const publicKey = z.looseObject({
  kty: z.enum(["EC", "RSA"]),
  kid: z.string().min(1).max(256),
  d: z.undefined().optional(),
  p: z.undefined().optional(),
});
const scopeField = z
  .string()
  .max(2000)
  .refine((text) => text.split(/\s+/).every((one) => parseSystemScope(one) !== undefined));
const clientForm = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$/),
  name: z.string().min(1).max(128),
  jwks: z.object({ keys: z.array(publicKey).min(1).max(8) }),
  scope: scopeField,
  /** Signs the bodies sent to its hooks (HMAC-SHA-256). */
  hookSecret: z.string().min(32).max(256).optional(),
});

/** A client program as it was registered. */
export type FhirClient = { readonly id: string; readonly jwks: unknown; readonly scope: string };

export async function findFhirClient(sql: postgres.Sql, id: string): Promise<FhirClient | undefined> {
  const [row] = await sql<FhirClient[]>`SELECT id, jwks, scope FROM fhir_client WHERE id = ${id}`;
  return row;
}

const TOKEN_MS = 300_000;

/** A token for five minutes; only its hash is kept. */
export async function issueAccessToken(
  sql: postgres.Sql,
  input: { readonly clientId: string; readonly scope: string; readonly nowMs: number },
): Promise<{ readonly token: string; readonly expiresInS: number }> {
  const token = randomBytes(32).toString("base64url");
  await sql`DELETE FROM fhir_access_token WHERE expires_ms < ${input.nowMs}`;
  await sql`
    INSERT INTO fhir_access_token (token_hash, client_id, scope, expires_ms)
    VALUES (${hashOf(token)}, ${input.clientId}, ${input.scope}, ${input.nowMs + TOKEN_MS})`;
  return { token, expiresInS: TOKEN_MS / 1000 };
}

export async function findAccessToken(
  sql: postgres.Sql,
  token: string,
  nowMs: number,
): Promise<{ readonly clientId: string; readonly scope: string } | undefined> {
  const [row] = await sql<{ clientId: string; scope: string }[]>`
    SELECT client_id AS "clientId", scope FROM fhir_access_token WHERE token_hash = ${hashOf(token)} AND expires_ms > ${nowMs}`;
  return row;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** Registers, lists and removes client programs; bearer of the gateway's own token. */
export function registerFhirClientRoutes(
  app: FastifyInstance,
  deps: { readonly sql: postgres.Sql; readonly isToken: (token: string | undefined) => boolean },
): void {
  const { sql } = deps;
  const isRefused = (header: string | undefined) => !deps.isToken(bearerOf(header));
  const refuse = (reply: FastifyReply) => sendProblem(reply, failure("SESSION_REQUIRED"));

  app.post("/admin/fhir-clients", async (request, reply) => {
    if (isRefused(request.headers.authorization)) return refuse(reply);
    const form = clientForm.safeParse(request.body);
    if (!form.success) return sendProblem(reply, failure("BAD_REQUEST"));
    const { id, name, jwks, scope, hookSecret } = form.data;
    // Registered again, a client has other keys or scopes: what it was given before ends.
    await sql.begin(async (tx) => {
      await tx`
        INSERT INTO fhir_client (id, name, jwks, scope, hook_secret)
        VALUES (${id}, ${name}, ${JSON.stringify(jwks)}::text::jsonb, ${scope}, ${hookSecret ?? null})
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, jwks = excluded.jwks, scope = excluded.scope, hook_secret = excluded.hook_secret`;
      await tx`DELETE FROM fhir_access_token WHERE client_id = ${id}`;
    });
    return reply.code(201).send({ id, scope });
  });
  app.get("/admin/fhir-clients", async (request, reply) => {
    if (isRefused(request.headers.authorization)) return refuse(reply);
    const clients = await sql<{ id: string; name: string; scope: string }[]>`
      SELECT id, name, scope FROM fhir_client ORDER BY id`;
    return reply.send({ clients });
  });
  app.delete<{ Params: { id: string } }>("/admin/fhir-clients/:id", async (request, reply) => {
    if (isRefused(request.headers.authorization)) return refuse(reply);
    const removed = await sql`DELETE FROM fhir_client WHERE id = ${request.params.id}`;
    return removed.count === 0 ? sendProblem(reply, failure("NOT_FOUND")) : reply.send({});
  });
}
