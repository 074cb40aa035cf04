import {
  type Bytes,
  bytesToBase64url,
  type CompId,
  type ConsortiumId,
  err,
  type Failure,
  failure,
  InvariantError,
  linksAppend,
  ok,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import {
  buildCommit,
  type Change,
  type CreatedSpace,
  createSpace,
  type Draft,
  type SpacePlan,
} from "@caseroom/space/secret";
import type { CheckpointRef, Directory } from "@caseroom/space/verify";
import type { Compartment } from "./compartment.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { HubApi } from "./hub-api.ts";
import { createLane } from "./lane.ts";

/** Changes of members and keys: built from what is known now, sent, and built anew after a lost race. */
export type Commits = {
  readonly createSpace: (plan: SpacePlan) => Promise<Result<CreatedSpace, Failure>>;
  /** One intent over several compartments of one space, all or nothing (phase-1 §1). */
  readonly change: (
    changes: readonly { readonly compId: CompId; readonly change: Change }[],
  ) => Promise<Result<undefined, Failure>>;
  readonly send: (draft: Draft, ticket?: Bytes) => Promise<Result<undefined, Failure>>;
};

const ATTEMPTS = 6;
const LINKS_PER_REQUEST = 32;

export function createCommits(deps: {
  readonly api: HubApi;
  readonly keys: DeviceKeys;
  readonly userId: UserId;
  readonly consortiumId: ConsortiumId;
  readonly directory: Directory;
  readonly cp: () => CheckpointRef;
  readonly nowMs: () => number;
  readonly random: Random;
  readonly compartment: (compId: CompId) => Compartment | undefined;
  /** Brings the directory and this compartment up to date. */
  readonly refresh: (compIds: readonly CompId[]) => Promise<void>;
}): Commits {
  const { api, keys, userId, consortiumId, directory, random } = deps;
  const lane = createLane();

  const send: Commits["send"] = async (draft, ticket) => {
    if (draft.links.length > LINKS_PER_REQUEST) throw new InvariantError("at most 32 links in one request");
    const reply = await api.call(linksAppend, {
      head: {
        links: draft.links.length,
        wraps: draft.wraps.length,
        ...(ticket === undefined ? {} : { ticket: bytesToBase64url(ticket) }),
      },
      parts: [...draft.links.map((link) => link.bytes), ...draft.wraps],
    });
    return reply.ok ? ok() : reply;
  };

  const common = () => ({
    consortiumId,
    view: directory,
    signing: keys.signing,
    cp: deps.cp(),
    nowMs: deps.nowMs(),
    random,
  });

  const attempt = async (changes: Parameters<Commits["change"]>[0]): Promise<Result<undefined, Failure>> => {
    const drafts: Draft[] = [];
    for (const { compId, change } of changes) {
      const compartment = deps.compartment(compId);
      const comp = compartment?.state();
      if (compartment === undefined || comp === undefined) return err(failure("NOT_FOUND"));
      if (compartment.isJailed()) return err(failure("LINK_REFUSED", "this compartment broke a rule"));
      const due = stillDue(change, (member) => comp.members.get(member)?.role);
      if (due === undefined) continue;
      const keyring = await compartment.ensureKeyring();
      const draft = await buildCommit({ ...common(), comp, keyring }, due);
      if (!draft.ok) return draft;
      drafts.push(draft.value);
    }
    if (drafts.length === 0) return ok();
    return send({ links: drafts.flatMap((draft) => draft.links), wraps: drafts.flatMap((draft) => draft.wraps) });
  };

  return {
    send,
    createSpace: (plan) =>
      lane.run(async () => {
        for (let i = 0; ; i++) {
          const created = await createSpace({ ...common(), userId }, plan);
          if (!created.ok) return created;
          const sent = await send(created.value);
          if (sent.ok) return created;
          if (i >= ATTEMPTS || sent.error.code !== "STALE_VIEW") return sent;
          await deps.refresh([]);
        }
      }),
    change: (changes) =>
      lane.run(async () => {
        const compIds = changes.map(({ compId }) => compId);
        for (let i = 0; ; i++) {
          const sent = await attempt(changes);
          if (sent.ok) {
            await deps.refresh(compIds);
            return sent;
          }
          // A lost race: look again, decide again, with a new secret (protocol §6.1).
          const isRace = ["CHAIN_CONFLICT", "STALE_VIEW", "WRAP_INVALID"].includes(sent.error.code);
          if (!isRace || i >= ATTEMPTS) return sent;
          await deps.refresh(compIds);
        }
      }),
  };
}

/** What of an intent is left to do: somebody else may have done a part of it. */
function stillDue(change: Change, roleOf: (userId: UserId) => string | undefined): Change | undefined {
  const add = (change.add ?? []).filter(({ userId }) => roleOf(userId) === undefined);
  const rm = (change.rm ?? []).filter(({ userId }) => roleOf(userId) !== undefined);
  const role = (change.role ?? []).filter((one) => roleOf(one.userId) !== undefined && roleOf(one.userId) !== one.role);
  if (add.length + rm.length + role.length === 0 && change.refresh !== true) return undefined;
  return { add, rm, role, ...(change.refresh === undefined ? {} : { refresh: change.refresh }) };
}
