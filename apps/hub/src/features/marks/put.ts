import { err, failure, type marksPut, ok } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { parseEnvelope } from "@caseroom/space/verify";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import { toColumn } from "../../id-column.ts";
import type { Notices } from "../../notices.ts";
import type { Access } from "../spaces/access.ts";

/** marks.put: the newest mark of a device replaces the one before and is relayed (phase-1 §2.21). */
export function putMark(deps: {
  readonly sql: Sql;
  readonly access: Access;
  readonly notices: Notices;
}): Handler<typeof marksPut> {
  return async (call) => {
    const { userId, kid } = sessionOf(call);
    const { compId } = call.params;
    const found = deps.access.reader(compId, userId);
    if (!found.ok) return found;
    const envelope = parseEnvelope(call.raw);
    if (!envelope.ok) return envelope;
    if (envelope.value.compId !== compId) return err(failure("CONTEXT_MISMATCH"));
    await deps.sql`
      INSERT INTO marks (space_id, comp_id, kid, bytes)
      VALUES (${toColumn(found.value.spaceId)}, ${toColumn(compId)}, ${toColumn(kid)}, ${Buffer.from(call.raw)})
      ON CONFLICT (space_id, comp_id, kid) DO UPDATE SET bytes = EXCLUDED.bytes`;
    deps.notices.publish({ type: "mark", compId, kid, mark: call.raw });
    return ok(undefined);
  };
}
