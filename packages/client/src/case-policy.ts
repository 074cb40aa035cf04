import { TIERS, type UserId } from "@caseroom/contract";
import type { SpacePlan } from "@caseroom/space/secret";
import type { Role } from "@caseroom/space/verify";

/** Who gets what, by role at the institution. One template for now; an institution's own policy will replace it. */

/** Roles that take part in decisions about treatment. */
const DECIDING = new Set([
  "attending",
  "cardiologist",
  "surgeon",
  "anaesthetist",
  "radiologist",
  "emergency physician",
]);
const CASE_TIERS = [TIERS.room, TIERS.decision, TIERS.caseAudit];

/**
 * The role of a person in a compartment of a case, or `undefined` where they have no place. The deciding doctors of the institution that
 * opened the case administer it: somebody must be able to remove a member at once.
 */
export function caseRole(
  person: { readonly staffRole: string; readonly isHome: boolean },
  tier: number,
): Role | undefined {
  const decides = DECIDING.has(person.staffRole);
  const role = decides && person.isHome ? "admin" : "writer";
  if (tier === TIERS.room) return role;
  return tier === TIERS.decision && decides ? role : undefined;
}

/** The role of a member of a case in a compartment of a linked chart. */
export function chartRole(tier: number): Role | undefined {
  return tier === TIERS.emergency || tier === TIERS.clinical ? "reader" : undefined;
}

/**
 * A new case: its founder and the founder's gateway administer it; gateways of the other institutions are in it so that they can answer
 * requests, hand invitations on and rotate keys.
 */
export function planCase(founder: UserId, ownGateway: UserId, otherGateways: readonly UserId[]): SpacePlan {
  const others = [...new Set(otherGateways)].filter((userId) => userId !== ownGateway && userId !== founder);
  const members = [
    { userId: founder, role: "admin" as const },
    ...(founder === ownGateway ? [] : [{ userId: ownGateway, role: "admin" as const }]),
    ...others.map((userId) => ({ userId, role: "rotator" as const })),
  ];
  return { kind: "case", comps: CASE_TIERS.map((tier) => ({ tier, members })) };
}

/** A new chart: the institution's gateway keeps it; others come by explicit commits. */
export function planChart(gateway: UserId): SpacePlan {
  const members = [{ userId: gateway, role: "admin" as const }];
  return {
    kind: "chart",
    comps: [TIERS.emergency, TIERS.clinical, TIERS.chartAudit].map((tier) => ({ tier, members })),
  };
}
