import { type CompId, failure, type UserId } from "@caseroom/contract";
import type { CheckpointRef, ParsedLink } from "@caseroom/space/verify";
import type { AlarmBell } from "./alarm-bell.ts";
import type { ChainSync } from "./chain-sync.ts";
import type { Listener } from "./client-events.ts";
import type { Compartment } from "./compartment.ts";
import type { Lane } from "./lane.ts";
import type { LogWatch } from "./log-watch.ts";
import type { SpaceSync } from "./space-sync.ts";

/** Asks the log, often enough and never for every entry, about what has come in. */
export type LogSync = {
  /** The newest checkpoint, then everything that it can prove. */
  readonly sync: (compIds: Iterable<CompId>) => Promise<void>;
  /** The same a little later, together with whatever else is due by then. */
  readonly schedule: (compId: CompId) => void;
  readonly stop: () => void;
  readonly listener: Listener;
  /** What the signer of a link had seen. */
  readonly sawLink: (link: ParsedLink) => void;
};

const DELAY_MS = 500;
/** A little more than an entry may wait for its line of the log (phase-1 §2.8). */
const PATIENCE_MS = 61_000;

export function createLogSync(deps: {
  readonly log: LogWatch;
  readonly chains: ChainSync;
  readonly bell: AlarmBell;
  readonly lane: Lane;
  readonly userId: UserId;
  readonly compartment: (compId: CompId) => Compartment | undefined;
  readonly syncFeed: SpaceSync["syncFeed"];
}): LogSync {
  const { log, chains, bell, lane } = deps;
  /** The newest checkpoint that each other author's or signer's device had seen (phase-1 §2.4). */
  const foreign = new Map<string, CheckpointRef>();
  let due = new Set<CompId>();
  let late = new Set<CompId>();
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  const saw = (kid: string, cp: CheckpointRef) => {
    if (cp.size > (foreign.get(kid)?.size ?? 0)) foreign.set(kid, cp);
  };

  const checkForeign = async (): Promise<void> => {
    const seen = [...foreign.values()];
    foreign.clear();
    for (const cp of seen) {
      const holds = await log.checkForeign(cp);
      if (!holds.ok && holds.error.code !== "OFFLINE") await bell.ring(holds.error, {}, holds.error.evidence);
    }
  };

  /** What the log has of a feed, the hub hands out when it is asked. */
  const askForRest = async (compartment: Compartment): Promise<void> => {
    const { spaceId, compId } = compartment;
    const leaf = compartment.newestLeaf();
    if (leaf === undefined || leaf.n <= compartment.nextN() || compartment.isJailed()) return;
    const asked = await deps.syncFeed(compartment);
    const n = compartment.nextN();
    if (!asked.ok || leaf.n <= n || compartment.isJailed()) return;
    await bell.ring(failure("WITHHELD", "the log has more of a feed than the hub"), { spaceId, compId, n }, leaf.bytes);
  };

  const sync: LogSync["sync"] = async (compIds) => {
    const updated = await log.update();
    if (!updated.ok) {
      if (updated.error.code !== "OFFLINE") await bell.ring(updated.error, {}, updated.error.evidence);
      return;
    }
    await chains.proveAccepted();
    const uncovered: CompId[] = [];
    for (const compId of compIds) {
      const compartment = deps.compartment(compId);
      if (compartment === undefined) continue;
      await compartment.syncLeaves();
      await askForRest(compartment);
      if (compartment.coveredN() < compartment.nextN()) uncovered.push(compId);
    }
    await checkForeign();
    if (uncovered.length > 0) lookAgain(uncovered);
  };

  /** Nothing needs to happen for the hub to be late. */
  const lookAgain = (compIds: readonly CompId[]) => {
    // What was under way when everything stopped comes here last: a timer would keep a program running that has said good-bye.
    if (isStopped) return;
    for (const compId of compIds) late.add(compId);
    patience ??= setTimeout(() => {
      patience = undefined;
      const batch = late;
      late = new Set();
      void lane.run(() => sync(batch));
    }, PATIENCE_MS);
  };

  return {
    sync,
    schedule: (compId) => {
      if (isStopped) return;
      due.add(compId);
      timer ??= setTimeout(() => {
        timer = undefined;
        const batch = due;
        due = new Set();
        void lane.run(() => sync(batch));
      }, DELAY_MS);
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      clearTimeout(patience);
    },
    sawLink: ({ signers, cp }) => {
      for (const kid of signers) if (cp !== null) saw(kid, cp);
    },
    listener: (event) => {
      if (event.type !== "entries") return;
      for (const { entry } of event.entries) if (entry.author !== deps.userId) saw(entry.kid, entry.cp);
    },
  };
}
