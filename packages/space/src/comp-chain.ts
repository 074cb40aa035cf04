import {
  bytesToId32,
  type CompId,
  err,
  type Failure,
  failure,
  idToBytes,
  ok,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import { asBytes, asCount } from "@caseroom/crypto/verify";
import { checkBody } from "./chain-fields.ts";
import { headAfter } from "./chain-head.ts";
import type { ChainView, CompState, EpochState, Member, PastRole, WrapRef } from "./chain-state.ts";
import { type Commit, readCommit } from "./commit-body.ts";
import { checkCommit } from "./commit-rules.ts";
import type { ParsedLink } from "./link.ts";
import { holdsAt, type Moment } from "./moment.ts";
import { mayRead } from "./role.ts";

type Step = Result<CompState, Failure>;
export type CompContext = {
  readonly link: ParsedLink;
  readonly at: Moment;
  readonly signer: UserId;
  readonly view: ChainView;
};

/** A compartment's chain: who is in, in which role, under which epoch (protocol §5.1, §6.1). The signature has been verified. */
export function applyCompLink(state: CompState | undefined, context: CompContext): Step {
  if (state === undefined) return found(context);
  if (context.link.op !== "commit") return err(failure("UPDATE_REQUIRED"));
  const commit = readCommit(context.link.body);
  if (!commit.ok) return commit;
  const after = membersAfter(state, commit.value, context.at);
  if (!after.ok) return after;
  const holds = checkCommit({ ...context, state, commit: commit.value, members: after.value });
  return holds.ok ? ok(transition(state, commit.value, after.value, context)) : holds;
}

function found({ link, at, signer, view }: CompContext): Step {
  const body = checkBody(link.body, { required: ["space", "tier", "nonce"] });
  if (!body.ok) return body;
  const spaceBytes = asBytes(body.value.get("space"), 32);
  const spaceId = spaceBytes === undefined ? undefined : bytesToId32<SpaceId>(spaceBytes);
  const tier = asCount(body.value.get("tier"));
  const id = bytesToId32<CompId>(idToBytes(link.chainId));
  if (
    spaceId === undefined ||
    tier === undefined ||
    id === undefined ||
    asBytes(body.value.get("nonce"), 16) === undefined
  ) {
    return err(failure("LINK_INVALID"));
  }
  const admin = view.space(spaceId)?.admins.get(signer);
  if (admin === undefined || !holdsAt(admin, at)) return err(failure("LINK_REFUSED", "only an admin of the space"));
  return ok({
    ct: "comp",
    id,
    spaceId,
    tier,
    head: headAfter(link, at),
    members: new Map(),
    past: [],
    epochs: [],
    wraps: new Map(),
  });
}

function membersAfter(
  state: CompState,
  commit: Commit,
  at: Moment,
): Result<ReadonlyMap<UserId, Member>, Failure<"LINK_INVALID">> {
  const members = new Map(state.members);
  for (const { userId } of commit.rm)
    if (!members.delete(userId)) return err(failure("LINK_INVALID", "rm: not a member"));
  for (const { userId, role } of commit.role) {
    const member = members.get(userId);
    if (member === undefined || member.role === role) return err(failure("LINK_INVALID", "role: nothing changes"));
    members.set(userId, { ...member, role, from: at });
  }
  for (const { userId, role } of commit.add) {
    if (members.has(userId)) return err(failure("LINK_INVALID", "add: a member already"));
    members.set(userId, { userId, role, from: at, pukGen: 0 });
  }
  return ok(members);
}

function transition(
  state: CompState,
  commit: Commit,
  after: ReadonlyMap<UserId, Member>,
  context: CompContext,
): CompState {
  const { link, at } = context;
  const recipients = commit.ep?.wl ?? commit.wa;
  const members = new Map(after);
  const wraps = new Map<UserId, WrapRef>(commit.ep === undefined ? state.wraps : []);
  const e = commit.ep?.e ?? state.epochs.at(-1)?.e ?? 0;
  for (const { userId, pukGen, wrap } of recipients) {
    const member = members.get(userId);
    if (member !== undefined) members.set(userId, { ...member, pukGen });
    const signer = link.signers[0];
    if (link.p !== null && signer !== undefined)
      wraps.set(userId, { generation: e, hash: wrap, p: link.p, signer, pukGen });
  }
  for (const { userId } of commit.rm) wraps.delete(userId);
  const past: PastRole[] = [...state.past];
  for (const member of state.members.values()) {
    if (after.get(member.userId)?.from === member.from) continue;
    past.push({ userId: member.userId, role: member.role, from: member.from, until: at });
  }
  const epochs: readonly EpochState[] =
    commit.ep === undefined
      ? state.epochs
      : [
          ...state.epochs,
          {
            e: commit.ep.e,
            commitment: commit.ep.commitment,
            inboxKey: commit.ep.inboxKey,
            history: commit.ep.history,
            at,
          },
        ];
  return { ...state, head: headAfter(link, at), members, past, epochs, wraps };
}

/** Whether somebody reads a compartment now. */
export function isReader(comp: CompState, userId: UserId): boolean {
  const member = comp.members.get(userId);
  return member !== undefined && mayRead(member.role);
}
