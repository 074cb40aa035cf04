import {
  type Clock,
  type CompId,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import {
  type CompState,
  holdsAt,
  isDeviceActive,
  isPrincipalActive,
  mayAppend,
  mayRead,
  presentMoment,
  type Role,
} from "@caseroom/space/verify";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { Session } from "../sessions/session-store.ts";

/** Who may do what now. Asked at every request and for every socket; nothing is remembered between two questions. */
export type Access = {
  /** A member in any role; also one who only deposits needs the chain, for the key to seal to. */
  readonly member: (compId: CompId, userId: UserId) => Result<Membership, Failure<"NOT_FOUND" | "FORBIDDEN">>;
  readonly reader: (compId: CompId, userId: UserId) => Result<Membership, Failure<"NOT_FOUND" | "FORBIDDEN">>;
  readonly appender: (
    compId: CompId,
    userId: UserId,
  ) => Result<Membership, Failure<"NOT_FOUND" | "FORBIDDEN" | "ROLE_REFUSED">>;
  /** Members of any compartment, and admins. */
  readonly space: (spaceId: SpaceId, userId: UserId) => boolean;
  readonly isDeviceActive: (session: Pick<Session, "userId" | "kid">) => boolean;
};

export type Membership = { readonly spaceId: SpaceId; readonly role: Role; readonly comp: CompState };

export function createAccess({ chains, clock }: { readonly chains: ChainMemory; readonly clock: Clock }): Access {
  const { view } = chains;

  const member: Access["member"] = (compId, userId) => {
    const comp = view.comp(compId);
    if (comp === undefined) return err(failure("NOT_FOUND"));
    const role = comp.members.get(userId)?.role;
    const at = presentMoment(clock.nowMs());
    const ban = view.space(comp.spaceId)?.bans.get(userId);
    const isBanned = ban !== undefined && holdsAt(ban, at);
    if (role === undefined || isBanned || !isPrincipalActive(view, userId, at)) return err(failure("FORBIDDEN"));
    return ok({ spaceId: comp.spaceId, role, comp });
  };

  return {
    member,
    reader: (compId, userId) => {
      const found = member(compId, userId);
      return found.ok && !mayRead(found.value.role) ? err(failure("FORBIDDEN")) : found;
    },
    appender: (compId, userId) => {
      const found = member(compId, userId);
      return found.ok && !mayAppend(found.value.role) ? err(failure("ROLE_REFUSED")) : found;
    },
    space: (spaceId, userId) => {
      const at = presentMoment(clock.nowMs());
      const admin = view.space(spaceId)?.admins.get(userId);
      if (admin !== undefined && holdsAt(admin, at) && isPrincipalActive(view, userId, at)) return true;
      return [...chains.compsOfSpace(spaceId)].some((compId) => member(compId, userId).ok);
    },
    isDeviceActive: ({ userId, kid }) =>
      isDeviceActive(view.user(userId)?.devices.get(kid), presentMoment(clock.nowMs())),
  };
}
