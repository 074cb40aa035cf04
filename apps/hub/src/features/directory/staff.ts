import type { Clock, OrgId, UserId } from "@caseroom/contract";
import { type Credential, credentialsAt, holdsAt, presentMoment } from "@caseroom/space/verify";
import type { ChainMemory } from "../links/chain-memory.ts";

/** What institutions say about people now. */
export type Staff = {
  readonly all: () => readonly Credential[];
  /** The user whom an institution vouches for as this member of its staff. */
  readonly userOf: (orgId: OrgId, staffId: string) => UserId | undefined;
  readonly isStaff: (userId: UserId, orgId: OrgId, staffId: string) => boolean;
  /** The institution whose gateway this user is. */
  readonly orgOfGateway: (userId: UserId) => OrgId | undefined;
  readonly orgName: (orgId: OrgId) => string;
};

export function createStaff({ chains, clock }: { readonly chains: ChainMemory; readonly clock: Clock }): Staff {
  const { view } = chains;
  const all = (): readonly Credential[] => {
    const at = presentMoment(clock.nowMs());
    return [...view.orgs()].flatMap((org) =>
      [...org.credentials.keys()].flatMap((userId) =>
        credentialsAt(view, userId, at).filter((credential) => credential.orgId === org.id),
      ),
    );
  };
  return {
    all,
    userOf: (orgId, staffId) => {
      const at = presentMoment(clock.nowMs());
      for (const [userId, credentials] of view.org(orgId)?.credentials ?? [])
        if (credentials.some((one) => one.staffId === staffId && holdsAt(one, at))) return userId;
      return undefined;
    },
    isStaff: (userId, orgId, staffId) =>
      credentialsAt(view, userId, presentMoment(clock.nowMs())).some(
        (credential) => credential.orgId === orgId && credential.staffId === staffId,
      ),
    orgOfGateway: (userId) => {
      const at = presentMoment(clock.nowMs());
      for (const org of view.orgs()) {
        const gateway = org.gateways.get(userId);
        if (gateway !== undefined && holdsAt(gateway, at) && view.consortium()?.orgs.has(org.id) === true)
          return org.id;
      }
      return undefined;
    },
    orgName: (orgId) => view.consortium()?.orgs.get(orgId)?.name ?? "",
  };
}
