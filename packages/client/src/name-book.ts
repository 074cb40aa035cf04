import type { OrgId, UserId } from "@caseroom/contract";
import { type ChainView, credentialsAt, holdsAt, type OrgState, presentMoment } from "@caseroom/space/verify";

/** Somebody as the screens name them, by the word of their institution. */
export type Named = {
  readonly userId: UserId;
  readonly name: string;
  readonly role: string;
  readonly orgId: OrgId | undefined;
  readonly institution: string;
  readonly isGateway: boolean;
};

export type NameBook = (userId: UserId) => Named;

/** Names at one moment; people who have left keep the name that they had. Only institutions of the consortium may name anybody. */
export function openNameBook(view: ChainView, nowMs: number): NameBook {
  const known = new Map<UserId, Named>();
  return (userId) => {
    const named = known.get(userId) ?? lookUp(view, userId, nowMs);
    known.set(userId, named);
    return named;
  };
}

/** The name under which the consortium admitted an institution. */
export function institutionName(view: ChainView, orgId: OrgId): string {
  return view.consortium()?.orgs.get(orgId)?.name ?? "";
}

/** Gateways that speak for an institution now. */
export function activeGateways(view: ChainView, orgId: OrgId, nowMs: number): readonly UserId[] {
  const at = presentMoment(nowMs);
  return [...(view.org(orgId)?.gateways ?? [])]
    .filter(([, interval]) => holdsAt(interval, at))
    .map(([userId]) => userId);
}

/** The user whom an institution knows by that staff id, once they have a device. */
export function userOfStaff(view: ChainView, orgId: OrgId, staffId: string): UserId | undefined {
  for (const [userId, credentials] of view.org(orgId)?.credentials ?? []) {
    if (credentials.some((one) => one.staffId === staffId && one.until === undefined)) return userId;
  }
  return undefined;
}

function lookUp(view: ChainView, userId: UserId, nowMs: number): Named {
  const orgs = admitted(view);
  const home = orgs.find((org) => org.gateways.has(userId));
  if (home !== undefined) {
    const institution = institutionName(view, home.id);
    return { userId, name: institution, role: "", orgId: home.id, institution, isGateway: true };
  }
  const credential =
    credentialsAt(view, userId, presentMoment(nowMs))[0] ??
    orgs.flatMap((org) => org.credentials.get(userId) ?? []).at(-1);
  if (credential === undefined)
    return { userId, name: "", role: "", orgId: undefined, institution: "", isGateway: false };
  const { name, role, orgId } = credential;
  return { userId, name, role, orgId, institution: institutionName(view, orgId), isGateway: false };
}

function admitted(view: ChainView): readonly OrgState[] {
  return [...view.orgs()].filter((org) => view.consortium()?.orgs.has(org.id) === true);
}
