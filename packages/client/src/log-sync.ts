import type { Bytes, CompId, UserId } from "@caseroom/contract";
import type { AlarmBell } from "./alarm-bell.ts";
import type { ChainSync } from "./chain-sync.ts";
import type { Listener } from "./client-events.ts";
import type { Compartment } from "./compartment.ts";
import type { Lane } from "./lane.ts";
import type { LogWatch } from "./log-watch.ts";

/** Asks the log, often enough and never for every entry, about what has come in. */
export type LogSync = {
  /** The newest checkpoint, then everything that it can prove. */
  readonly sync: (compIds: Iterable<CompId>) => Promise<void>;
  /** The same a little later, together with whatever else is due by then. */
  readonly schedule: (compId: CompId) => void;
  readonly stop: () => void;
  readonly listener: Listener;
};

const DELAY_MS = 500;

export function createLogSync(deps: {
  readonly log: LogWatch;
  readonly chains: ChainSync;
  readonly bell: AlarmBell;
  readonly lane: Lane;
  readonly userId: UserId;
  readonly compartment: (compId: CompId) => Compartment | undefined;
}): LogSync {
  const { log, chains, bell, lane } = deps;
  /** The newest checkpoint that each other author's device had seen (phase-1 §2.4). */
  const foreign = new Map<string, { readonly size: number; readonly root: Bytes }>();
  let due = new Set<CompId>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const checkForeign = async (): Promise<void> => {
    const seen = [...foreign.values()];
    foreign.clear();
    for (const cp of seen) {
      const holds = await log.checkForeign(cp);
      if (!holds.ok && holds.error.code !== "OFFLINE") await bell.ring(holds.error, {}, holds.error.evidence);
    }
  };

  const sync: LogSync["sync"] = async (compIds) => {
    const updated = await log.update();
    if (!updated.ok) {
      if (updated.error.code !== "OFFLINE") await bell.ring(updated.error, {}, updated.error.evidence);
      return;
    }
    await chains.proveAccepted();
    for (const compId of compIds) await deps.compartment(compId)?.syncLeaves();
    await checkForeign();
  };

  return {
    sync,
    schedule: (compId) => {
      due.add(compId);
      timer ??= setTimeout(() => {
        timer = undefined;
        const batch = due;
        due = new Set();
        void lane.run(() => sync(batch));
      }, DELAY_MS);
    },
    stop: () => clearTimeout(timer),
    listener: (event) => {
      if (event.type !== "entries") return;
      for (const { entry } of event.entries) {
        const isNewer = entry.cp.size > (foreign.get(entry.kid)?.size ?? 0);
        if (entry.author !== deps.userId && isNewer) foreign.set(entry.kid, entry.cp);
      }
    },
  };
}
