import { type BundleEntry, type BundleLink, operationOutcome, toSearchBundle } from "@caseroom/fhir";
import type postgres from "postgres";
import { type SearchPage, type StoredRow, searchResources, storedColumns } from "../search.ts";
import { encodeCursor, type SearchQuery } from "../search-query.ts";
import { includeRows, MAX_INCLUDED, referredShared } from "./includes.ts";
import { serveRows } from "./served-resource.ts";

type AnswerDeps = {
  readonly sql: postgres.Sql;
  /** Of the FHIR door, without a slash at the end. */
  readonly baseUrl: string;
  /** Which types the client may read: what is included beside the matches is filtered by it. */
  readonly mayRead: (type: string) => boolean;
};

/** The searchset Bundle that answers a search. */
export async function answerSearch(deps: AnswerDeps, query: SearchQuery): Promise<string> {
  const { sql, baseUrl, mayRead } = deps;
  const page = await searchResources(sql, query);
  const cursor = query.cursor === undefined ? undefined : encodeCursor(query.cursor);
  const included = (await includeRows(sql, query, page.rows)).filter((row) => mayRead(row.resourceType));
  return bundleOf(deps, page, included, linksOf(`${baseUrl}/${query.type}`, query.parameters, cursor, page.next));
}

const DEFAULT_EVERYTHING = 200;

/**
 * Patient/$everything (FHIR R4 Patient operations): the whole record that this patient resource is part of, the patient
 * first, and whoever it refers to. `undefined` when there is no such patient.
 */
export async function answerEverything(
  deps: AnswerDeps,
  input: {
    readonly id: string;
    readonly count: number | undefined;
    readonly cursor: string | undefined;
    readonly types: readonly string[] | undefined;
    readonly sinceMs: number | undefined;
    readonly parameters: readonly (readonly [string, string])[];
  },
): Promise<string | undefined> {
  const { sql, mayRead } = deps;
  const [patient] = await sql<{ compartment: string | null }[]>`
    SELECT compartment FROM fhir_resource WHERE resource_type = 'Patient' AND logical_id = ${input.id} AND NOT is_deleted`;
  if (patient?.compartment == null) return undefined;
  const count = input.count ?? DEFAULT_EVERYTHING;
  const page = await everythingPage(sql, patient.compartment, { ...input, count, mayRead });
  const shared = (await referredShared(sql, page.rows)).filter((row) => mayRead(row.resourceType));
  const url = `${deps.baseUrl}/Patient/${input.id}/$everything`;
  return bundleOf(deps, page, shared, linksOf(url, input.parameters, input.cursor, page.next));
}

async function everythingPage(
  sql: postgres.Sql,
  compartment: string,
  input: {
    readonly count: number;
    readonly cursor: string | undefined;
    readonly types: readonly string[] | undefined;
    readonly sinceMs: number | undefined;
    readonly mayRead: (type: string) => boolean;
  },
): Promise<SearchPage> {
  const counted = await sql<{ type: string; count: number }[]>`
    SELECT resource_type AS type, count(*)::integer AS count FROM fhir_resource r
    WHERE compartment = ${compartment} AND NOT is_deleted AND ${sinceCondition(sql, input.sinceMs)} GROUP BY resource_type`;
  const types = counted.filter(({ type }) => input.mayRead(type) && (input.types?.includes(type) ?? true));
  const names = types.map(({ type }) => type);
  const [place = "0", rowId = "0"] = (input.cursor ?? "0.0").split(".");
  const rows = await sql<(StoredRow & { place: number })[]>`
    SELECT ${storedColumns(sql)}, (r.resource_type <> 'Patient')::integer AS place
    FROM fhir_resource r JOIN fhir_version v ON v.row_id = r.row_id AND v.version = r.version
    WHERE r.compartment = ${compartment} AND NOT r.is_deleted AND r.resource_type = ANY(${names}::text[]) AND ${sinceCondition(sql, input.sinceMs)}
      AND ((r.resource_type <> 'Patient')::integer, r.row_id) > (${Number(place)}, ${rowId}::text::bigint)
    ORDER BY place, r.row_id LIMIT ${input.count + 1}`;
  const page = rows.slice(0, input.count);
  const last = page.at(-1);
  const next = rows.length > input.count && last !== undefined ? `${last.place}.${last.rowId}` : undefined;
  return { rows: page, total: types.reduce((sum, one) => sum + one.count, 0), next };
}

function sinceCondition(sql: postgres.ISql, sinceMs: number | undefined) {
  return sinceMs === undefined ? sql`true` : sql`r.last_updated_ms >= ${sinceMs}`;
}

async function bundleOf(
  { sql, baseUrl }: AnswerDeps,
  page: SearchPage,
  included: readonly StoredRow[],
  links: readonly BundleLink[],
): Promise<string> {
  const served = await serveRows(sql, [...page.rows, ...included]);
  const entries = served.map((one, i): BundleEntry => {
    const mode = i < page.rows.length ? "match" : "include";
    return { fullUrl: `${baseUrl}/${one.type}/${one.id}`, json: one.json, mode };
  });
  if (included.length >= MAX_INCLUDED) entries.push({ fullUrl: "", json: CUT_SHORT, mode: "outcome" });
  return toSearchBundle({ entries, total: page.total, links });
}

const CUT_SHORT = operationOutcome({
  severity: "warning",
  code: "too-costly",
  diagnostics: `more than ${MAX_INCLUDED} resources would be included: some are left out`,
});

function linksOf(
  url: string,
  parameters: readonly (readonly [string, string])[],
  cursor: string | undefined,
  next: string | undefined,
): readonly BundleLink[] {
  const withCursor = (value: string | undefined) => {
    const search = new URLSearchParams(parameters.map(([name, one]) => [name, one]));
    if (value !== undefined) search.set("_cursor", value);
    return search.size === 0 ? url : `${url}?${search.toString()}`;
  };
  const self: BundleLink = { relation: "self", url: withCursor(cursor) };
  const first: BundleLink = { relation: "first", url: withCursor(undefined) };
  return next === undefined ? [self, first] : [self, first, { relation: "next", url: withCursor(next) }];
}
