import type postgres from "postgres";
import { RefusedWrite, refusal } from "../refusal.ts";
import { searchResources } from "../search.ts";
import { parseSearch } from "../search-query.ts";

/** The ids of this institution's own resources that a search finds, two at most; refuses a search that is not understood. */
export async function findOwnBySearch(
  sql: postgres.ISql,
  type: string,
  search: string,
  baseUrl: string,
): Promise<readonly string[]> {
  const query = parseSearch(type, [...new URLSearchParams(search)], baseUrl);
  if (!query.ok) throw new RefusedWrite(refusal(400, query.error.code, query.error.diagnostics));
  if (query.value.conditions.length === 0)
    throw new RefusedWrite(refusal(412, "too-costly", "a condition needs a search parameter"));
  const conditions = [...query.value.conditions, { kind: "own" as const }];
  const page = await searchResources(sql, { ...query.value, conditions, count: 2, total: "none", cursor: undefined });
  return page.rows.map((row) => row.logicalId);
}
