import { parseReference, replaceReferences, setMember, setVersion } from "@caseroom/fhir";
import type postgres from "postgres";
import type { StoredRow } from "../search.ts";

/** A resource as a client gets it. */
export type ServedResource = {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: string;
  readonly json: string;
};

/**
 * The texts as deposited, with id, version and time of this server set, and references followed to what they are called
 * here. Every other byte stays.
 */
export async function serveRows(sql: postgres.ISql, rows: readonly StoredRow[]): Promise<readonly ServedResource[]> {
  const renamed = await findRenamed(sql, rows);
  const states = await subscriptionStates(sql, rows);
  return rows.map((row) => {
    const lastUpdated = new Date(Number(row.lastUpdatedMs)).toISOString();
    const versioned = setVersion(row.json, { id: row.logicalId, versionId: String(row.version), lastUpdated });
    const names = renamed.get(row.scope);
    const followed = names === undefined ? versioned : replaceReferences(versioned, (one) => rename(names, one));
    const state = row.resourceType === "Subscription" ? states.get(row.logicalId) : undefined;
    return {
      type: row.resourceType,
      id: row.logicalId,
      version: row.version,
      lastUpdated,
      json: state === undefined ? followed : setMember(followed, "status", JSON.stringify(state)),
    };
  });
}

function rename(names: ReadonlyMap<string, string>, reference: string): string | undefined {
  const target = parseReference(reference);
  const id = target === undefined ? undefined : names.get(`${target.type}/${target.id}`);
  return target === undefined || id === undefined ? undefined : `${target.type}/${id}`;
}

/** Of each source, the few that are called otherwise here. */
async function findRenamed(
  sql: postgres.ISql,
  rows: readonly StoredRow[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const scopes = [...new Set(rows.map((row) => row.scope))];
  const found = await sql<{ scope: string; name: string; id: string }[]>`
    SELECT scope, resource_type || '/' || source_key AS name, logical_id AS id FROM fhir_resource
    WHERE is_renamed AND scope = ANY(${scopes}::text[]) AND source_key NOT LIKE '~%'`;
  const byScope = new Map<string, Map<string, string>>();
  for (const { scope, name, id } of found) byScope.set(scope, (byScope.get(scope) ?? new Map()).set(name, id));
  return byScope;
}

/** Whether a subscription works is known only to the one who calls its hook. */
async function subscriptionStates(
  sql: postgres.ISql,
  rows: readonly StoredRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = rows.filter((row) => row.resourceType === "Subscription").map((row) => row.logicalId);
  if (ids.length === 0) return new Map();
  const found = await sql<{ id: string; state: string }[]>`
    SELECT logical_id AS id, state FROM fhir_subscription WHERE logical_id = ANY(${ids}::text[])`;
  return new Map(found.map(({ id, state }) => [id, state]));
}
