import { err, failure, ok } from "@caseroom/contract";
import type { GatewaySessions } from "../sessions/gateway-sessions.ts";
import type { ActorOf } from "./quarantine-routes.ts";

/** Who may tend what was put aside: staff of the named roles, or of any when none is named; and whoever holds the gateway's token. */
export function quarantineActors(deps: {
  readonly sessions: Pick<GatewaySessions, "who">;
  readonly isToken: (token: string | undefined) => boolean;
  readonly roles: readonly string[];
}): { readonly staff: ActorOf; readonly administration: ActorOf } {
  const { sessions, isToken, roles } = deps;
  return {
    staff: (token) => {
      const staff = sessions.who(token);
      if (!staff.ok) return staff;
      const { staffId, name, role } = staff.value;
      return roles.length === 0 || roles.includes(role) ? ok({ id: staffId, name }) : err(failure("FORBIDDEN"));
    },
    administration: (token) =>
      isToken(token) ? ok({ id: "administration", name: "administration" }) : err(failure("SESSION_REQUIRED")),
  };
}
