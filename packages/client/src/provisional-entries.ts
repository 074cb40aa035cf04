import { type CompId, failure, type SpaceId } from "@caseroom/contract";
import { judgeAuthor, type OpenedEntry } from "@caseroom/space/secret";
import type { CompState, Directory, Moment } from "@caseroom/space/verify";
import type { AlarmBell } from "./alarm-bell.ts";
import type { Listener } from "./client-events.ts";
import { numberKey, type Store } from "./store/store.ts";
import type { ProvisionalEntry } from "./stored-records.ts";

/** Opened entries of a compartment that no proven leaf covers yet: shown, and not vouched for (phase-1 §2.8). */
export type ProvisionalEntries = {
  readonly add: (n: number, entry: OpenedEntry) => void;
  /** To be kept over a restart: what was shown is judged at its leaf all the same. */
  readonly waiting: () => readonly ProvisionalEntry[];
  /** Below `upTo` a proven leaf covers now: the author must have been entitled there, not only when the entry was first shown. */
  readonly judge: (upTo: number) => Promise<void>;
  /** Alarms when the oldest has waited for more than a minute: the hub shows it and does not log it. */
  readonly tellOverdue: () => Promise<void>;
};

const PATIENCE_MS = 60_000;

export function createProvisionalEntries(
  deps: {
    readonly store: Store;
    readonly directory: Directory;
    readonly bell: AlarmBell;
    readonly emit: Listener;
    readonly nowMs: () => number;
    readonly state: () => CompState | undefined;
    readonly momentOf: (position: number) => Moment;
  },
  place: { readonly spaceId: SpaceId; readonly compId: CompId },
  restored: readonly ProvisionalEntry[],
): ProvisionalEntries {
  const { store, bell } = deps;
  let waiting: readonly (ProvisionalEntry & { readonly sinceMs: number })[] = restored.map((one) => ({
    ...one,
    sinceMs: deps.nowMs(),
  }));
  const bytesAt = (n: number) => store.get("feed", `${place.compId}/${numberKey(n)}`);

  return {
    add: (n, { entryId, author, kid, kind }) => {
      waiting = [...waiting, { n, entryId, author, kid, kind, sinceMs: deps.nowMs() }];
    },
    waiting: () => waiting,
    judge: async (upTo) => {
      const comp = deps.state();
      if (comp === undefined) return;
      for (const entry of waiting.filter((one) => one.n < upTo)) {
        const { n } = entry;
        const verdict = judgeAuthor({ entry, view: deps.directory, comp, at: deps.momentOf(n) });
        if (verdict.ok) continue;
        await bell.ring(verdict.error, { ...place, n }, await bytesAt(n));
        await deps.emit({
          type: "withdrawn",
          compId: place.compId,
          entryId: entry.entryId,
          code: verdict.error.code,
        });
      }
      waiting = waiting.filter((one) => one.n >= upTo);
    },
    tellOverdue: async () => {
      const oldest = waiting[0];
      if (oldest === undefined || deps.nowMs() - oldest.sinceMs <= PATIENCE_MS) return;
      const { n } = oldest;
      await bell.ring(failure("WITHHELD", "an entry that the log does not take up"), { ...place, n }, await bytesAt(n));
    },
  };
}
