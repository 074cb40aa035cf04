import { bytesToBase64url, type entriesLeaves, ok } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Access } from "../spaces/access.ts";
import { readLeaves } from "./feed-store.ts";

/** entries.leaves: also for who only deposits, to see that what was acknowledged has been logged. */
export function listLeaves(deps: { readonly sql: Sql; readonly access: Access }): Handler<typeof entriesLeaves> {
  return async (call) => {
    const found = deps.access.member(call.params.compId, sessionOf(call).userId);
    if (!found.ok) return found;
    const leaves = await readLeaves(deps.sql, call.params.compId, call.query.from);
    return ok({ leaves: leaves.map(({ logIndex, leaf }) => ({ logIndex, leaf: bytesToBase64url(leaf) })) });
  };
}
