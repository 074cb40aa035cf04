import { ok, toBytes, type wrapsGet } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import type { Handler } from "../../http/operation-handler.ts";
import { readWraps } from "../links/link-store.ts";

/** wraps.get: a wrap is sealed to its recipient and named by a hash in a signed link; whoever knows the hash may have it. */
export function getWraps({ sql }: { readonly sql: Sql }): Handler<typeof wrapsGet> {
  return async ({ head: { hashes } }) => {
    const stored = await readWraps(sql, hashes);
    return ok({ head: {}, parts: hashes.map((hash) => stored.get(hash) ?? toBytes([])) });
  };
}
