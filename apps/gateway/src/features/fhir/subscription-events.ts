import type postgres from "postgres";
import { matchRows } from "./search.ts";
import { parseSearch } from "./search-query.ts";

type Subscription = { readonly id: string; readonly criteria: string };

/** Notes, in the transaction that changed these rows, whom to tell about them. Answers how many notifications there are. */
export async function raiseNotifications(
  sql: postgres.ISql,
  rowIds: readonly string[],
  nowMs: number,
): Promise<number> {
  if (rowIds.length === 0) return 0;
  const subscriptions = await sql<Subscription[]>`
    SELECT logical_id AS id, criteria FROM fhir_subscription WHERE state <> 'off' AND (end_ms IS NULL OR end_ms > ${nowMs})`;
  let raised = 0;
  for (const subscription of subscriptions) raised += await raiseFor(sql, subscription, rowIds, nowMs);
  return raised;
}

async function raiseFor(
  sql: postgres.ISql,
  { id, criteria }: Subscription,
  rowIds: readonly string[],
  nowMs: number,
): Promise<number> {
  const [type = "", search = ""] = criteria.split("?", 2);
  const query = parseSearch(type, [...new URLSearchParams(search)], "");
  if (!query.ok) return 0;
  const matches = (await matchRows(sql, query.value, rowIds)).filter((one) => one.resourceType !== "Subscription");
  if (matches.length === 0) return 0;
  await sql`
    WITH counted AS (UPDATE fhir_subscription SET events = events + ${matches.length} WHERE logical_id = ${id} RETURNING events)
    INSERT INTO fhir_notification (subscription_id, event_number, resource_type, logical_id, at_ms, due_ms)
    SELECT ${id}, counted.events - ${matches.length} + one.place, one.type, one.logical_id, ${nowMs}, ${nowMs}
    FROM counted, unnest(${matches.map((one) => one.resourceType)}::text[], ${matches.map((one) => one.logicalId)}::text[])
      WITH ORDINALITY AS one (type, logical_id, place)`;
  return matches.length;
}
