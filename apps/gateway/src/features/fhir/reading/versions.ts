import type { HistoryEntry } from "@caseroom/fhir";
import type postgres from "postgres";
import { type StoredRow, storedColumns } from "../search.ts";
import { type ServedResource, serveRows } from "./served-resource.ts";

/** One version of a resource; `isDeleted` when that version is its deletion. */
export type FoundVersion =
  | { readonly isDeleted: true; readonly version: number }
  | { readonly isDeleted: false; readonly resource: ServedResource };

type VersionRow = StoredRow & { readonly isVersionDeleted: boolean };

/** A resource as it is now, or as it was in one version. `undefined` when there is no such thing. */
export async function findVersion(
  sql: postgres.Sql,
  name: { readonly type: string; readonly id: string; readonly version?: number },
): Promise<FoundVersion | undefined> {
  const at = name.version === undefined ? sql`r.version` : sql`${name.version}`;
  const [row] = await sql<VersionRow[]>`
    SELECT ${versionColumns(sql)} FROM fhir_resource r JOIN fhir_version v ON v.row_id = r.row_id AND v.version = ${at}
    WHERE r.resource_type = ${name.type} AND r.logical_id = ${name.id}`;
  if (row === undefined) return undefined;
  if (row.isVersionDeleted) return { isDeleted: true, version: row.version };
  const [resource] = await serveRows(sql, [row]);
  return resource === undefined ? undefined : { isDeleted: false, resource };
}

const MAX_HISTORY = 1_000;

/** The versions of a resource, newest first; `undefined` when there never was one. */
export async function findHistory(
  sql: postgres.Sql,
  name: { readonly type: string; readonly id: string },
  baseUrl: string,
): Promise<{ readonly total: number; readonly entries: readonly HistoryEntry[] } | undefined> {
  const rows = await sql<VersionRow[]>`
    SELECT ${versionColumns(sql)} FROM fhir_resource r JOIN fhir_version v ON v.row_id = r.row_id
    WHERE r.resource_type = ${name.type} AND r.logical_id = ${name.id} ORDER BY v.version DESC LIMIT ${MAX_HISTORY}`;
  if (rows.length === 0) return undefined;
  const served = await serveRows(sql, rows);
  const entries = rows.flatMap((row, i): readonly HistoryEntry[] => {
    const one = served[i];
    if (one === undefined) return [];
    const isFirst = i === rows.length - 1;
    return [
      {
        fullUrl: `${baseUrl}/${name.type}/${name.id}`,
        json: row.isVersionDeleted ? undefined : one.json,
        method: row.isVersionDeleted ? "DELETE" : isFirst ? "POST" : "PUT",
        url: isFirst ? name.type : `${name.type}/${name.id}`,
        etag: etagOf(row.version),
        lastUpdated: one.lastUpdated,
      },
    ];
  });
  return { total: rows.length, entries };
}

function versionColumns(sql: postgres.ISql) {
  // Of the version asked for, where `storedColumns` tells of the present one.
  return sql`${storedColumns(sql)}, v.version, v.last_updated_ms::text AS "lastUpdatedMs", v.is_deleted AS "isVersionDeleted"`;
}

export function etagOf(version: number): string {
  return `W/"${version}"`;
}
