import { isFhirObject, isFhirResource, textOf } from "@caseroom/clinical";
import { parseReference, referencesOf } from "@caseroom/fhir";
import type postgres from "postgres";
import { searchKey, valuesAt } from "../index-keys.ts";
import { type StoredRow, storedColumns } from "../search.ts";
import type { SearchInclude, SearchQuery } from "../search-query.ts";
import { isPatientParameter, searchedType } from "../searched-types.ts";

/** At most so many resources are added to a page. */
export const MAX_INCLUDED = 1_000;

type Wanted = { readonly row: StoredRow; readonly type: string; readonly id: string };

/** What `_include` and `_revinclude` add to a page (FHIR R4 §3.1.1.5.4), each once and none that is a match itself. */
export async function includeRows(
  sql: postgres.ISql,
  query: SearchQuery,
  matches: readonly StoredRow[],
): Promise<readonly StoredRow[]> {
  if (matches.length === 0 || query.includes.length + query.revIncludes.length === 0) return [];
  const forward = matches.flatMap((row) =>
    query.includes.filter(({ type }) => type === row.resourceType).flatMap((include) => wantedBy(row, include)),
  );
  const found = await followReferences(sql, forward);
  const backward: StoredRow[] = [];
  for (const include of query.revIncludes) backward.push(...(await referringRows(sql, matches, include)));
  return distinct([...found, ...backward], matches).slice(0, MAX_INCLUDED);
}

/** What these rows refer to and what is about nobody: practitioners, organizations and the like. */
export async function referredShared(sql: postgres.ISql, rows: readonly StoredRow[]): Promise<readonly StoredRow[]> {
  const wanted = rows.flatMap((row) => {
    const references = referencesOf(JSON.parse(row.json)).flatMap(({ reference }) => parseReference(reference) ?? []);
    return references.map(({ type, id }) => ({ row, type, id }));
  });
  const found = await followReferences(sql, wanted);
  return distinct(
    found.filter((row) => row.compartment === null),
    rows,
  ).slice(0, MAX_INCLUDED);
}

function distinct(rows: readonly StoredRow[], without: readonly StoredRow[]): readonly StoredRow[] {
  const seen = new Set(without.map((row) => row.rowId));
  return rows.filter((row) => !seen.has(row.rowId) && seen.add(row.rowId));
}

function wantedBy(row: StoredRow, { parameter, target }: SearchInclude): readonly Wanted[] {
  const path = searchedType(row.resourceType).references[parameter];
  const resource: unknown = JSON.parse(row.json);
  if (path === undefined || !isFhirResource(resource)) return [];
  return valuesAt(resource, path).flatMap((value) => {
    const reference = isFhirObject(value) ? parseReference(textOf(value.reference) ?? "") : undefined;
    if (reference === undefined || (target !== undefined && reference.type !== target)) return [];
    return [{ row, ...reference }];
  });
}

/** A reference leads within its own source's names first, then within its institution's; never into another patient's record. */
async function followReferences(sql: postgres.ISql, wanted: readonly Wanted[]): Promise<readonly StoredRow[]> {
  const unique = new Map(
    wanted.map((one) => [JSON.stringify([one.row.scope, one.row.compartment, one.type, one.id]), one]),
  );
  const list = [...unique.values()].slice(0, MAX_INCLUDED * 4);
  if (list.length === 0) return [];
  return sql<StoredRow[]>`
    SELECT ${storedColumns(sql)} FROM unnest(${list.map((one) => one.type)}::text[], ${list.map((one) => one.id)}::text[],
      ${list.map((one) => one.row.institutionId)}::text[], ${list.map((one) => one.row.scope)}::text[],
      ${list.map((one) => one.row.compartment)}::text[]) AS x (type, id, institution, scope, compartment)
    CROSS JOIN LATERAL (
      SELECT * FROM fhir_resource c WHERE c.source_key = x.id AND c.resource_type = x.type AND c.institution_id = x.institution
        AND NOT c.is_deleted AND (c.compartment IS NULL OR x.compartment IS NULL OR c.compartment = x.compartment)
      ORDER BY c.scope = x.scope DESC, c.row_id LIMIT 1
    ) r JOIN fhir_version v ON v.row_id = r.row_id AND v.version = r.version`;
}

async function referringRows(
  sql: postgres.ISql,
  matches: readonly StoredRow[],
  { type, parameter, target }: SearchInclude,
): Promise<readonly StoredRow[]> {
  const targets = matches.filter((row) => target === undefined || row.resourceType === target);
  const compartments = targets.flatMap((row) =>
    row.resourceType === "Patient" && isPatientParameter(type, parameter) ? (row.compartment ?? []) : [],
  );
  const keys = targets.map((row) => searchKey(type, parameter, `${row.resourceType}/${row.sourceKey}`));
  const records = [...new Set(targets.flatMap((row) => row.compartment ?? []))];
  const isOfRecord =
    compartments.length > 0
      ? sql`r.compartment = ANY(${compartments}::text[])`
      : sql`r.keys && ${keys}::bigint[] AND (r.compartment IS NULL OR ${records.length === 0} OR r.compartment = ANY(${records}::text[]))`;
  return sql<StoredRow[]>`
    SELECT ${storedColumns(sql)} FROM (
      SELECT * FROM fhir_resource r WHERE r.resource_type = ${type} AND NOT r.is_deleted AND ${isOfRecord}
      ORDER BY r.date_from_ms DESC, r.row_id DESC LIMIT ${MAX_INCLUDED}
    ) r JOIN fhir_version v ON v.row_id = r.row_id AND v.version = r.version`;
}
