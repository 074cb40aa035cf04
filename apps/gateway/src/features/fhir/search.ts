import type { DateSearch } from "@caseroom/fhir";
import type postgres from "postgres";
import { NO_DATE, searchKey } from "./index-keys.ts";
import { encodeCursor, type SearchCondition, type SearchQuery } from "./search-query.ts";
import { isPatientParameter } from "./searched-types.ts";

/** A resource as the door's tables hold it. */
export type StoredRow = {
  readonly rowId: string;
  readonly resourceType: string;
  readonly logicalId: string;
  readonly scope: string;
  readonly sourceKey: string;
  readonly institutionId: string;
  readonly spaceId: string | null;
  readonly compartment: string | null;
  readonly isOwn: boolean;
  readonly isRenamed: boolean;
  readonly version: number;
  readonly lastUpdatedMs: string;
  readonly json: string;
};

export type SearchPage = {
  readonly rows: readonly StoredRow[];
  /** `undefined` when nobody counted, or there are more than are counted unless somebody insists. */
  readonly total: number | undefined;
  /** Where the next page begins; `undefined` after the last one. */
  readonly next: string | undefined;
};

/** Above this many matches a total is not counted unless `_total=accurate` asks for it. */
const MAX_COUNTED = 10_000;
const MAX_CHARTS = 1_000;

/** What `StoredRow` needs of `fhir_resource r` and `fhir_version v`. */
export function storedColumns(sql: postgres.ISql) {
  return sql`r.row_id::text AS "rowId", r.resource_type AS "resourceType", r.logical_id AS "logicalId", r.scope, r.source_key AS "sourceKey",
    r.institution_id AS "institutionId", r.space_id AS "spaceId", r.compartment, r.is_own AS "isOwn", r.is_renamed AS "isRenamed", r.version,
    r.last_updated_ms::text AS "lastUpdatedMs", v.json`;
}

/** One page of a search, in an order that is total, and how many matches there are in all. */
export async function searchResources(sql: postgres.ISql, query: SearchQuery): Promise<SearchPage> {
  const { where } = await whereOf(sql, query.type, query.conditions);
  const total = query.total === "none" ? undefined : await countMatches(sql, where, query.total === "accurate");
  if (query.count === 0) return { rows: [], total, next: undefined };
  const order = orderOf(sql, query);
  // The texts are fetched for the page alone: what is sorted and skipped stays narrow.
  const rows = await sql<(StoredRow & { sortValue: string })[]>`
    SELECT ${storedColumns(sql)}, page.sort_value AS "sortValue" FROM (
      SELECT r.row_id, ${order.column}::text AS sort_value, row_number() OVER () AS place FROM (
        SELECT r.* FROM fhir_resource r WHERE ${where} ${order.after} ORDER BY ${order.by} LIMIT ${query.count + 1}
      ) r
    ) page
    JOIN fhir_resource r ON r.row_id = page.row_id JOIN fhir_version v ON v.row_id = r.row_id AND v.version = r.version
    ORDER BY page.place`;
  const page = rows.slice(0, query.count);
  const last = page.at(-1);
  const hasMore = rows.length > query.count && last !== undefined;
  return { rows: page, total, next: hasMore ? encodeCursor([last.sortValue, last.rowId]) : undefined };
}

/** Which of these rows a search would find. */
export async function matchRows(
  sql: postgres.ISql,
  query: SearchQuery,
  rowIds: readonly string[],
): Promise<readonly { readonly rowId: string; readonly resourceType: string; readonly logicalId: string }[]> {
  const { where } = await whereOf(sql, query.type, query.conditions);
  return sql<{ rowId: string; resourceType: string; logicalId: string }[]>`
    SELECT r.row_id::text AS "rowId", r.resource_type AS "resourceType", r.logical_id AS "logicalId" FROM fhir_resource r
    WHERE r.row_id = ANY(${rowIds}::bigint[]) AND ${where}`;
}

async function countMatches(
  sql: postgres.ISql,
  where: postgres.PendingQuery<postgres.Row[]>,
  isAccurate: boolean,
): Promise<number | undefined> {
  const limit = isAccurate ? sql`` : sql`LIMIT ${MAX_COUNTED + 1}`;
  const [row] = await sql<{ count: number }[]>`
    SELECT count(*)::integer AS count FROM (SELECT FROM fhir_resource r WHERE ${where} ${limit}) matches`;
  const count = row?.count ?? 0;
  return isAccurate || count <= MAX_COUNTED ? count : undefined;
}

function orderOf(sql: postgres.ISql, { sort, cursor }: SearchQuery) {
  const column =
    sort.by === "date" ? sql`r.date_from_ms` : sort.by === "updated" ? sql`r.last_updated_ms` : sql`r.logical_id`;
  const direction = sort.descending ? sql`DESC` : sql`ASC`;
  const isBeyond = sort.descending ? sql`<` : sql`>`;
  const value = sort.by === "id" ? sql`${cursor?.[0] ?? ""}::text` : sql`${cursor?.[0] ?? "0"}::text::bigint`;
  return {
    column,
    by: sql`${column} ${direction}, r.row_id ${direction}`,
    after:
      cursor === undefined ? sql`` : sql`AND (${column}, r.row_id) ${isBeyond} (${value}, ${cursor[1]}::text::bigint)`,
  };
}

/**
 * A fragment is itself a promise that would run: it is handed on inside an object. `isNarrow`: an index leads from it to few
 * rows, a patient's record at most.
 */
type Condition = { readonly where: postgres.PendingQuery<postgres.Row[]>; readonly isNarrow?: boolean };

async function whereOf(sql: postgres.ISql, type: string, conditions: readonly SearchCondition[]): Promise<Condition> {
  let where = sql`r.resource_type = ${type} AND NOT r.is_deleted`;
  let isNarrow = false;
  for (const condition of conditions) {
    if (condition.kind === "keys") continue;
    const added = await conditionOf(sql, type, condition);
    isNarrow ||= added.isNarrow === true;
    where = sql`${where} AND ${added.where}`;
  }
  for (const condition of conditions) {
    if (condition.kind === "keys") where = sql`${where} AND ${keysCondition(sql, condition.keys, isNarrow)}`;
  }
  return { where };
}

async function conditionOf(
  sql: postgres.ISql,
  type: string,
  condition: Exclude<SearchCondition, { readonly kind: "keys" }>,
): Promise<Condition> {
  switch (condition.kind) {
    case "ids":
      return { where: sql`r.logical_id = ANY(${condition.ids}::text[])`, isNarrow: true };
    case "own":
      return { where: sql`r.is_own` };
    case "patient-identifier":
      return { where: sql`r.compartment = ANY(${await compartmentsOf(sql, condition.keys)}::text[])`, isNarrow: true };
    case "reference":
      return referenceCondition(sql, type, condition);
    case "date": {
      const dates = condition.dates.map((date) => dateCondition(sql, date));
      return { where: sql`(r.date_from_ms > ${NO_DATE.fromMs} AND ${anyOf(sql, dates)})` };
    }
    case "updated": {
      const dates = condition.dates.map((date) => updatedCondition(sql, date));
      return { where: anyOf(sql, dates) };
    }
  }
}

/**
 * Beside a narrow condition the index of keys would only mislead: codes, categories and states go together, and the planner
 * takes them for independent. An array that is put together anew is in no index.
 */
function keysCondition(sql: postgres.ISql, wanted: readonly string[], isNarrow: boolean) {
  const keys = isNarrow ? sql`(r.keys || '{}'::bigint[])` : sql`r.keys`;
  return wanted.length === 1 ? sql`${keys} @> ${wanted}::bigint[]` : sql`${keys} && ${wanted}::bigint[]`;
}

/** A chart is one institution's record of one patient: its resources are those of whoever has the identifier there. */
async function compartmentsOf(sql: postgres.ISql, keys: readonly string[]): Promise<readonly string[]> {
  const rows = await sql<{ compartment: string }[]>`
    SELECT DISTINCT r.compartment FROM fhir_resource r
    WHERE r.resource_type = 'Patient' AND NOT r.is_deleted AND r.compartment IS NOT NULL AND ${keysCondition(sql, keys, false)} LIMIT ${MAX_CHARTS}`;
  return rows.map((row) => row.compartment);
}

/** Resources that refer to one of the targets: under the id that their own source calls it, within the same record. */
async function referenceCondition(
  sql: postgres.ISql,
  type: string,
  { parameter, targets }: Extract<SearchCondition, { readonly kind: "reference" }>,
): Promise<Condition> {
  const parts = [];
  let isNarrow = true;
  for (const target of targets) {
    const found = await sql<{ type: string; key: string; compartment: string | null }[]>`
      SELECT resource_type AS type, source_key AS key, compartment FROM fhir_resource r
      WHERE r.logical_id = ${target.id} ${target.type === undefined ? sql`` : sql`AND r.resource_type = ${target.type}`} LIMIT 16`;
    for (const one of found) {
      if (one.type === "Patient" && one.compartment !== null && isPatientParameter(type, parameter)) {
        parts.push(sql`r.compartment = ${one.compartment}`);
        continue;
      }
      isNarrow = false;
      const key = sql`r.keys @> ${[searchKey(type, parameter, `${one.type}/${one.key}`)]}::bigint[]`;
      parts.push(one.compartment === null ? key : sql`(${key} AND r.compartment = ${one.compartment})`);
    }
    if (found.length > 0 || target.type === undefined) continue;
    isNarrow = false;
    parts.push(sql`r.keys @> ${[searchKey(type, parameter, `${target.type}/${target.id}`)]}::bigint[]`);
  }
  return { where: parts.length === 0 ? sql`false` : anyOf(sql, parts), isNarrow };
}

function anyOf(sql: postgres.ISql, parts: readonly postgres.PendingQuery<postgres.Row[]>[]) {
  const [first = sql`false`, ...others] = parts;
  return sql`(${others.reduce((left, right) => sql`${left} OR ${right}`, first)})`;
}

/** A period of the resource beside a period of the search (FHIR R4 §3.1.1.4.7 and the table of prefixes in §3.1.1.4.5). */
function dateCondition(sql: postgres.ISql, { comparator, fromMs, untilMs }: DateSearch) {
  const [from, until] = [sql`r.date_from_ms`, sql`r.date_until_ms`];
  switch (comparator) {
    case "eq":
      // The second bound on the beginning lets the index end the walk.
      return sql`(${from} >= ${fromMs} AND ${from} < ${untilMs} AND ${until} <= ${untilMs})`;
    case "ne":
      return sql`(${from} < ${fromMs} OR ${until} > ${untilMs})`;
    case "gt":
      return sql`${until} > ${untilMs}`;
    case "ge":
      return sql`(${from} >= ${fromMs} OR ${until} > ${untilMs})`;
    case "lt":
      return sql`${from} < ${fromMs}`;
    case "le":
      return sql`(${from} < ${fromMs} OR ${until} <= ${untilMs})`;
    case "sa":
      return sql`${from} >= ${untilMs}`;
    case "eb":
      return sql`${until} <= ${fromMs}`;
    case "ap":
      return sql`(${from} < ${untilMs} AND ${until} > ${fromMs})`;
  }
}

function updatedCondition(sql: postgres.ISql, { comparator, fromMs, untilMs }: DateSearch) {
  const at = sql`r.last_updated_ms`;
  switch (comparator) {
    case "eq":
    case "ap":
      return sql`(${at} >= ${fromMs} AND ${at} < ${untilMs})`;
    case "ne":
      return sql`(${at} < ${fromMs} OR ${at} >= ${untilMs})`;
    case "gt":
    case "sa":
      return sql`${at} >= ${untilMs}`;
    case "ge":
      return sql`${at} >= ${fromMs}`;
    case "lt":
    case "eb":
      return sql`${at} < ${fromMs}`;
    case "le":
      return sql`${at} < ${untilMs}`;
  }
}
