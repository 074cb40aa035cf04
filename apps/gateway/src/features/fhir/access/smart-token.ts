import { err, ok, type Result } from "@caseroom/contract";
import type { FastifyInstance } from "fastify";
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import type postgres from "postgres";
import { z } from "zod";
import { findFhirClient, issueAccessToken } from "./fhir-clients.ts";
import { intersectScopes, parseScopes } from "./smart-scope.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ALGORITHMS = ["RS384", "ES384"];
const MAX_LIFE_S = 300;

const tokenForm = z.object({
  grant_type: z.literal("client_credentials"),
  client_assertion_type: z.literal(ASSERTION_TYPE),
  client_assertion: z.string().max(8192),
  scope: z.string().max(2000),
});

type TokenDeps = { readonly sql: postgres.Sql; readonly baseUrl: string; readonly nowMs: () => number };

/** Of RFC 6749 §5.2. */
type TokenRefusal = "invalid_request" | "invalid_client" | "invalid_scope" | "unsupported_grant_type";

/**
 * SMART backend services (SMART App Launch 2.2, `client-confidential-asymmetric`): a client program proves itself by an
 * assertion that it signed, and gets a token for the scopes it is registered for.
 */
export function registerSmartRoutes(app: FastifyInstance, deps: TokenDeps): void {
  const configuration = smartConfiguration(deps.baseUrl);
  for (const path of ["/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"])
    app.get(path, async (_request, reply) => reply.type("application/json").send(JSON.stringify(configuration)));

  app.register(async (scope) => {
    scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
      done(null, body),
    );
    const rateLimit = { max: 120, timeWindow: "1 minute" };
    scope.post("/auth/token", { bodyLimit: 16_384, config: { rateLimit } }, async (request, reply) => {
      reply.header("cache-control", "no-store").header("pragma", "no-cache");
      const body = typeof request.body === "string" ? Object.fromEntries(new URLSearchParams(request.body)) : {};
      const granted = await grantToken(deps, body);
      if (granted.ok) return reply.send(granted.value);
      return reply.code(granted.error === "invalid_client" ? 401 : 400).send({ error: granted.error });
    });
  });
}

type Granted = {
  readonly access_token: string;
  readonly token_type: "bearer";
  readonly expires_in: number;
  readonly scope: string;
};

/** A token for a signed assertion; says of what is wrong no more than OAuth's word for it. */
export async function grantToken(deps: TokenDeps, body: unknown): Promise<Result<Granted, TokenRefusal>> {
  const form = tokenForm.safeParse(body);
  if (!form.success) {
    const isOtherGrant = form.error.issues.some((issue) => issue.path[0] === "grant_type");
    return err(isOtherGrant ? "unsupported_grant_type" : "invalid_request");
  }
  const clientId = claimedClient(form.data.client_assertion);
  const client = clientId === undefined ? undefined : await findFhirClient(deps.sql, clientId);
  if (client === undefined) return err("invalid_client");
  const payload = await verifyAssertion(deps, client.id, client.jwks, form.data.client_assertion);
  if (payload === undefined || !(await useOnce(deps, client.id, payload))) return err("invalid_client");
  const scope = intersectScopes(parseScopes(form.data.scope), parseScopes(client.scope));
  if (scope === "") return err("invalid_scope");
  const issued = await issueAccessToken(deps.sql, { clientId: client.id, scope, nowMs: deps.nowMs() });
  return ok({ access_token: issued.token, token_type: "bearer", expires_in: issued.expiresInS, scope });
}

/** Whom an assertion claims to be from; nothing is believed yet. */
function claimedClient(assertion: string): string | undefined {
  try {
    const { iss, sub } = decodeJwt(assertion);
    return iss === sub ? iss : undefined;
  } catch {
    return undefined;
  }
}

async function verifyAssertion(
  deps: TokenDeps,
  clientId: string,
  jwks: unknown,
  assertion: string,
): Promise<JWTPayload | undefined> {
  if (!isKeySet(jwks)) return undefined;
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(jwks), {
      algorithms: ALGORITHMS,
      issuer: clientId,
      subject: clientId,
      audience: `${deps.baseUrl}/auth/token`,
      requiredClaims: ["exp", "jti", "aud"],
      currentDate: new Date(deps.nowMs()),
    });
    const lifeS = (payload.exp ?? 0) - deps.nowMs() / 1000;
    return lifeS > MAX_LIFE_S + 1 || (payload.jti ?? "").length > 512 ? undefined : payload;
  } catch {
    return undefined;
  }
}

/** An assertion that was seen before is somebody else's copy. */
async function useOnce({ sql, nowMs }: TokenDeps, clientId: string, payload: JWTPayload): Promise<boolean> {
  await sql`DELETE FROM fhir_assertion WHERE expires_ms < ${nowMs()}`;
  const used = await sql`
    INSERT INTO fhir_assertion (client_id, jti, expires_ms) VALUES (${clientId}, ${payload.jti ?? ""}, ${Math.ceil((payload.exp ?? 0) * 1000)})
    ON CONFLICT DO NOTHING`;
  return used.count === 1;
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).safeParse(value).success;
}

function smartConfiguration(baseUrl: string) {
  return {
    token_endpoint: `${baseUrl}/auth/token`,
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
    grant_types_supported: ["client_credentials"],
    scopes_supported: ["system/*.rs", "system/*.cruds"],
    capabilities: ["client-confidential-asymmetric", "permission-v2", "permission-v1"],
  };
}
