import { ok, type sessionsEnd } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Notices } from "../../notices.ts";
import type { SessionStore } from "./session-store.ts";

/** sessions.end */
export function endSession(deps: {
  readonly sessions: SessionStore;
  readonly notices: Notices;
}): Handler<typeof sessionsEnd> {
  return async (call) => {
    const session = sessionOf(call);
    await deps.sessions.end(session);
    deps.notices.publish({ type: "session-ended", tokenHash: session.tokenHash });
    return ok(undefined);
  };
}
