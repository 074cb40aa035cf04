import { bytesToId32, type Kid, type marksList, ok } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import { fromColumn, toColumn } from "../../id-column.ts";
import type { Access } from "../spaces/access.ts";

const MAX_MARKS = 4096;

/** marks.list */
export function listMarks(deps: { readonly sql: Sql; readonly access: Access }): Handler<typeof marksList> {
  return async (call) => {
    const found = deps.access.reader(call.params.compId, sessionOf(call).userId);
    if (!found.ok) return found;
    const rows = await deps.sql<{ kid: Uint8Array; bytes: Uint8Array }[]>`
      SELECT kid, bytes FROM marks
      WHERE space_id = ${toColumn(found.value.spaceId)} AND comp_id = ${toColumn(call.params.compId)}
      ORDER BY kid LIMIT ${MAX_MARKS}`;
    const marks = rows.map(({ kid }) => ({ kid: fromColumn(bytesToId32<Kid>(kid)) }));
    return ok({ head: { marks }, parts: rows.map(({ bytes }) => bytes) });
  };
}
