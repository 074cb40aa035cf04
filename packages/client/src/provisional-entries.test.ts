import {
  type CompId,
  type Digest,
  type EntryId,
  type Kid,
  parseId32,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import { emptyEdge, NO_HEAD } from "@caseroom/crypto/verify";
import { type CompState, createDirectory } from "@caseroom/space/verify";
import { describe, expect, it } from "vitest";
import { createAlarmBell } from "./alarm-bell.ts";
import type { ClientEvent } from "./client-events.ts";
import { createProvisionalEntries } from "./provisional-entries.ts";
import { createMemoryStore } from "./store/memory-store.ts";
import { encodeProgress, type ProvisionalEntry, parseProgress } from "./stored-records.ts";

const id = <Id extends SpaceId | CompId | EntryId | UserId | Kid | Digest>(digit: string): Id => {
  const parsed = parseId32<Id>(digit.repeat(64));
  if (parsed === undefined) throw new RangeError("an id has 64 digits");
  return parsed;
};
const PLACE = { spaceId: id<SpaceId>("1"), compId: id<CompId>("2") };
const SHOWN: ProvisionalEntry = {
  n: 7,
  entryId: id<EntryId>("3"),
  author: id<UserId>("4"),
  kid: id<Kid>("5"),
  kind: "chat",
};
const COMP: CompState = {
  ...PLACE,
  ct: "comp",
  id: PLACE.compId,
  tier: 11,
  head: { n: 1, hash: id<Digest>("6"), at: { index: 1, ts: 1 } },
  members: new Map(),
  past: [],
  epochs: [],
  wraps: new Map(),
};
const NOTHING = { n: 0, edge: emptyEdge, e: 0, covered: { n: 0, head: NO_HEAD }, authors: new Map() };

/** A device that starts anew, in whose directory the author's device belongs to nobody any more. */
function restart() {
  const store = createMemoryStore();
  const events: ClientEvent[] = [];
  const emit = async (event: ClientEvent) => void events.push(event);
  const bell = createAlarmBell({ store, nowMs: () => 0, emit });
  const kept = parseProgress(encodeProgress({ ...NOTHING, provisional: [SHOWN] }));
  const entries = createProvisionalEntries(
    {
      store,
      bell,
      emit,
      directory: createDirectory(),
      nowMs: () => 0,
      state: () => COMP,
      momentOf: () => ({ index: 9, ts: 9 }),
    },
    PLACE,
    kept?.provisional ?? [],
  );
  return { entries, events };
}

describe("an entry that was shown before the log had it, on a device that was restarted since", () => {
  it("is judged when the log has it all the same, and taken back when its author could not write it then", async () => {
    const { entries, events } = restart();
    await entries.judge(7);
    expect(events).toEqual([]);
    await entries.judge(8);
    expect(events).toContainEqual({
      type: "withdrawn",
      compId: PLACE.compId,
      entryId: SHOWN.entryId,
      code: "AUTHOR_INVALID",
    });
    expect(entries.waiting()).toEqual([]);
  });
});
