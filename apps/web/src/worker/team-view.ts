import type { CaseFile, Invite } from "@caseroom/client";
import { institutionName, type NameBook, userOfStaff } from "@caseroom/client";
import { type SpaceId, TIERS, tierName, type UserId } from "@caseroom/contract";
import { type ChainView, type CompState, isReader, mayWrite } from "@caseroom/space/verify";
import type { TeamMember, TeamView } from "../engine/engine.ts";

const SHOWN_TIERS: readonly number[] = [TIERS.room, TIERS.decision, TIERS.emergency, TIERS.clinical];

/** Who is in a case, who is asked, who was in; and what each can open of the case and of the patient's charts. */
export function buildTeam(input: {
  readonly spaceId: SpaceId;
  readonly me: UserId;
  readonly file: CaseFile;
  readonly isRemoved: boolean;
  readonly view: ChainView;
  /** Charts of the case's record. */
  readonly charts: ReadonlySet<SpaceId>;
  readonly names: NameBook;
}): TeamView {
  const { spaceId, me, file, view, names, charts } = input;
  const comps = [spaceId, ...charts]
    .flatMap((id) => view.space(id)?.comps ?? [])
    .flatMap((compId) => view.comp(compId) ?? []);
  const room = comps.find((comp) => comp.spaceId === spaceId && comp.tier === TIERS.room);
  const role = input.isRemoved ? undefined : room?.members.get(me)?.role;
  const present = [...(room?.members.keys() ?? [])].map((userId): TeamMember => {
    const { name, role: staffRole, institution, isGateway } = names(userId);
    const canRemove = role === "admin" && userId !== me && !isGateway;
    const opens = tiersOpenTo(comps, userId);
    return { userId, name, role: staffRole, institution, isGateway, status: "member", opens, canRemove };
  });
  const isPresent = (userId: UserId | undefined) => userId !== undefined && room?.members.has(userId) === true;
  const gone = [...new Set(room?.past.map(({ userId }) => userId))]
    .filter((userId) => !isPresent(userId) && !names(userId).isGateway)
    .map((userId): TeamMember => {
      const { name, role: staffRole, institution } = names(userId);
      const opens = tiersOpenTo(comps, userId);
      return {
        userId,
        name,
        role: staffRole,
        institution,
        isGateway: false,
        status: "removed",
        opens,
        canRemove: false,
      };
    });
  const asked = newestPerPerson(file).flatMap((invite): readonly TeamMember[] => {
    const userId = userOfStaff(view, invite.orgId, invite.staffId);
    if (isPresent(userId) || gone.some((member) => member.userId === userId && userId !== undefined)) return [];
    const status = invite.answer === "decline" ? "declined" : "invited";
    const institution = institutionName(view, invite.orgId);
    return [
      {
        userId,
        name: invite.name,
        role: invite.role,
        institution,
        isGateway: false,
        status,
        opens: [],
        canRemove: false,
      },
    ];
  });
  const people = present.filter(({ isGateway }) => !isGateway);
  const gateways = present.filter(({ isGateway }) => isGateway);
  return {
    spaceId,
    members: [...people, ...asked, ...gone, ...gateways],
    canInvite: role !== undefined && mayWrite(role, "request"),
  };
}

/** Tiers that somebody can open, as words of the glossary, each once. */
function tiersOpenTo(comps: readonly CompState[], userId: UserId): readonly string[] {
  const open = comps.filter((comp) => isReader(comp, userId)).map(({ tier }) => tier);
  return SHOWN_TIERS.filter((tier) => open.includes(tier)).flatMap((tier) => tierName(tier) ?? []);
}

function newestPerPerson(file: CaseFile): readonly Invite[] {
  const newest = new Map<string, Invite>();
  for (const invite of file.invites.values()) newest.set(`${invite.orgId}/${invite.staffId}`, invite);
  return [...newest.values()];
}
