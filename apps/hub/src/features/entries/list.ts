import { type entriesList, ok } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Access } from "../spaces/access.ts";
import type { FeedMemory } from "./feed-memory.ts";
import { itemHead, readFeed } from "./feed-store.ts";

const DEFAULT_LIMIT = 256;
const MAX_LIMIT = 1024;

/** entries.list */
export function listEntries(deps: {
  readonly sql: Sql;
  readonly access: Access;
  readonly feeds: FeedMemory;
}): Handler<typeof entriesList> {
  return async (call) => {
    const { compId } = call.params;
    const found = deps.access.reader(compId, sessionOf(call).userId);
    if (!found.ok) return found;
    const limit = Math.min(call.query.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
    const total = deps.feeds.get(compId).edge.size;
    const items = await readFeed(deps.sql, { spaceId: found.value.spaceId, compId }, { from: call.query.from, limit });
    // What was accepted since is in the answer already: a total below it would look like a feed that has shrunk.
    const reached = Math.max(total, items.length === 0 ? 0 : call.query.from + items.length);
    return ok({ head: { items: items.map(itemHead), total: reached }, parts: items.map(({ bytes }) => bytes) });
  };
}
