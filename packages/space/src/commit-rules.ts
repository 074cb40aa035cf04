import { err, type Failure, failure, ok, type Result, type UserId } from "@caseroom/contract";
import type { ChainView, CompState, Member } from "./chain-state.ts";
import type { Commit } from "./commit-body.ts";
import { holdsAt, type Moment } from "./moment.ts";
import { isPrincipalGone, readersAt } from "./principal.ts";
import { mayRead } from "./role.ts";

type Input = {
  readonly state: CompState;
  readonly commit: Commit;
  /** As the commit leaves them. */
  readonly members: ReadonlyMap<UserId, Member>;
  readonly signer: UserId;
  readonly at: Moment;
  readonly view: ChainView;
};
type Verdict = Result<undefined, Failure>;

/**
 * Rules (3) to (6) of protocol §6.1, all evaluated at the commit's own log index (phase-1 §2.13). STALE_VIEW says: a commit that
 * was right for what its signer had seen, and is no longer; the signer looks again and decides again.
 */
export function checkCommit(input: Input): Verdict {
  for (const rule of [checkSigner, checkStale, checkRotation, checkRecipients, checkEpoch, checkAdmins]) {
    const verdict = rule(input);
    if (!verdict.ok) return verdict;
  }
  return ok();
}

/** (3) Who may do what; and whoever hands out a key must be able to read (phase-1 §2.12). */
function checkSigner({ state, commit, signer, at, view, members }: Input): Verdict {
  if (state.epochs.length === 0) {
    // The only commit whose signer is no reader yet: an admin of the space, who adds himself as admin (phase-1 §4).
    const admin = view.space(state.spaceId)?.admins.get(signer);
    if (admin === undefined || !holdsAt(admin, at)) return err(failure("LINK_REFUSED", "only an admin of the space"));
    return members.get(signer)?.role === "admin" ? ok() : err(failure("LINK_REFUSED", "the first admin is missing"));
  }
  const role = state.members.get(signer)?.role;
  if (role === undefined || !mayRead(role)) return err(failure("LINK_REFUSED", "the signer is no reader"));
  if (role === "admin") return ok();
  if (commit.add.length > 0 || commit.role.length > 0) return err(failure("LINK_REFUSED", "only an admin"));
  if (commit.rm.length > 0) {
    const drops = role === "rotator" && commit.rm.every(({ userId }) => isStale(userId, state, at, view));
    return drops ? ok() : err(failure("LINK_REFUSED", "only an admin"));
  }
  return role === "rotator" || role === "writer" ? ok() : err(failure("LINK_REFUSED", "only a writer refreshes"));
}

/** (4) Whoever no institution vouches for any more, or is banned, must go with this commit; and may not come with it. */
function checkStale({ state, members, at, view }: Input): Verdict {
  for (const userId of members.keys()) {
    if (isStale(userId, state, at, view)) return err(failure("STALE_VIEW", "a member must be removed"));
  }
  return ok();
}

function isStale(userId: UserId, state: CompState, at: Moment, view: ChainView): boolean {
  const ban = view.space(state.spaceId)?.bans.get(userId);
  return (ban !== undefined && holdsAt(ban, at)) || isPrincipalGone(view, userId, at);
}

/** (5) A new epoch is due when a reader goes or is downgraded, or a recipient's PUK has advanced since the last wrap. */
function checkRotation({ state, commit, members, at, view }: Input): Verdict {
  if (commit.ep !== undefined) return ok();
  if (state.epochs.length === 0) return err(failure("LINK_INVALID", "the first commit brings the first epoch"));
  for (const before of state.members.values()) {
    if (!mayRead(before.role)) continue;
    const after = members.get(before.userId);
    if (after === undefined || !mayRead(after.role)) return err(failure("LINK_REFUSED", "a removal needs a new epoch"));
  }
  const readers = readersAt(view, members, at);
  if (!readers.ok) return readers;
  for (const { userId, puk } of readers.value) {
    const held = state.members.get(userId);
    const keeps = held !== undefined && mayRead(held.role);
    if (keeps && held.pukGen !== puk.g) return err(failure("STALE_VIEW", "a reader has a newer key"));
  }
  return ok();
}

/** (6) The wraps go to exactly those who read: nobody is added behind the members' backs, nobody is forgotten. */
function checkRecipients({ state, commit, members, at, view }: Input): Verdict {
  const readers = readersAt(view, members, at);
  if (!readers.ok) return readers;
  const due =
    commit.ep === undefined
      ? readers.value.filter(({ userId }) => {
          const held = state.members.get(userId);
          return held === undefined || !mayRead(held.role);
        })
      : readers.value;
  const given = commit.ep?.wl ?? commit.wa;
  const exact =
    given.length === due.length &&
    due.every(({ userId, puk }, i) => given[i]?.userId === userId && given[i]?.pukGen === puk.g);
  return exact ? ok() : err(failure("STALE_VIEW", "the recipients are not exactly the readers"));
}

function checkEpoch({ state, commit }: Input): Verdict {
  const { ep } = commit;
  if (ep === undefined) {
    const changes = commit.add.length + commit.rm.length + commit.role.length;
    return changes > 0 ? ok() : err(failure("LINK_INVALID", "a commit that changes nothing"));
  }
  const before = state.epochs.at(-1);
  if (ep.e !== (before?.e ?? 0) + 1) return err(failure("LINK_INVALID", "epoch"));
  if (before === undefined) return ep.history === undefined ? ok() : err(failure("LINK_INVALID", "no history yet"));
  // A later commit can link past a bad epoch (phase-1 §2.17): to any earlier one, normally the last.
  const links = ep.history !== undefined && state.epochs.some((epoch) => epoch.e === ep.history?.e);
  return links ? ok() : err(failure("LINK_INVALID", "history"));
}

function checkAdmins({ members, commit }: Input): Verdict {
  if (commit.add.some((one) => one.inc !== 0)) return err(failure("STALE_VIEW", "incarnation"));
  const admins = [...members.values()].filter((member) => member.role === "admin");
  return admins.length > 0 ? ok() : err(failure("LINK_REFUSED", "a compartment keeps an admin"));
}
