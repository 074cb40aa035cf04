import type postgres from "postgres";
import { bearerOf } from "./bearer.ts";
import { findAccessToken } from "./fhir-clients.ts";
import { allows, type Permission, parseScopes } from "./smart-scope.ts";

/** Who asks, and what they may do. */
export type FhirAccess = {
  /** Absent for the bearer of the gateway's own token. */
  readonly clientId: string | undefined;
  readonly may: (type: string, permission: Permission) => boolean;
};

/** The access that a request's token gives; `undefined` without a token that is valid now. */
export async function readAccess(
  deps: {
    readonly sql: postgres.Sql;
    readonly isToken: (token: string | undefined) => boolean;
    readonly nowMs: () => number;
  },
  authorization: string | undefined,
): Promise<FhirAccess | undefined> {
  const token = bearerOf(authorization);
  if (token === undefined) return undefined;
  if (deps.isToken(token)) return { clientId: undefined, may: () => true };
  const found = await findAccessToken(deps.sql, token, deps.nowMs());
  if (found === undefined) return undefined;
  const scopes = parseScopes(found.scope);
  return { clientId: found.clientId, may: (type, permission) => allows(scopes, type, permission) };
}
