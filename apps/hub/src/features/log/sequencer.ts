import { type CompId, parseId32 } from "@caseroom/contract";
import type { Notices } from "../../notices.ts";
import type { FeedMemory } from "../entries/feed-memory.ts";
import type { LogWriter } from "./log-writer.ts";

/** Turns feeds into lines of the log, a moment after they grew (phase-1 §2.7). */
export type Sequencer = {
  /** Everything that is pending, now. At the start, before any link is accepted. */
  readonly flush: () => Promise<void>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

const TICK_MS = 150;
const MAX_LEAVES = 1000;

export function createSequencer(deps: {
  readonly log: LogWriter;
  readonly feeds: FeedMemory;
  readonly notices: Notices;
  readonly onError: (error: unknown) => void;
}): Sequencer {
  const { log, feeds, notices } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;

  const flushSome = (): Promise<boolean> =>
    log.lane.run(async () => {
      const ts = log.nextTs();
      const leaves = feeds
        .pending()
        .slice(0, MAX_LEAVES)
        .map(({ compId }) => log.feedLeaf(compId, ts));
      if (leaves.length === 0) return false;
      await log.append(leaves);
      for (const { streamId, n } of leaves) {
        const compId = parseId32<CompId>(streamId);
        if (compId !== undefined) notices.publish({ type: "leaves", compId, n });
      }
      return leaves.length === MAX_LEAVES;
    });

  const flush = async (): Promise<void> => {
    while (await flushSome()) {
      // More is pending than one transaction should take.
    }
  };

  const tick = (): void => {
    timer = undefined;
    flush()
      .catch(deps.onError)
      .finally(() => {
        if (feeds.pending().length > 0) schedule();
      });
  };
  const schedule = (): void => {
    if (isRunning && timer === undefined) timer = setTimeout(tick, TICK_MS);
  };

  return {
    flush,
    start: () => {
      isRunning = true;
      feeds.onPending(schedule);
      schedule();
    },
    stop: async () => {
      isRunning = false;
      clearTimeout(timer);
      await flush();
    },
  };
}
