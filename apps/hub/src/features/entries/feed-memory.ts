import { type CompId, type Digest, InvariantError, type SpaceId } from "@caseroom/contract";
import { emptyEdge, NO_HEAD, type RightEdge } from "@caseroom/crypto/verify";

/** Where a feed stands, and how far the log covers it. What is here is committed. */
export type Feed = {
  readonly compId: CompId;
  readonly spaceId: SpaceId;
  readonly edge: RightEdge;
  readonly covered: { readonly n: number; readonly head: Digest };
};

export type FeedMemory = {
  /** Throws InvariantError for a compartment that is not known: its chain is checked before. */
  readonly get: (compId: CompId) => Feed;
  readonly add: (compId: CompId, spaceId: SpaceId) => void;
  readonly moveTo: (compId: CompId, edge: RightEdge) => void;
  readonly cover: (compId: CompId, covered: Feed["covered"]) => void;
  readonly pending: () => readonly Feed[];
  readonly onPending: (listener: () => void) => void;
};

export function createFeedMemory(): FeedMemory {
  const feeds = new Map<CompId, Feed>();
  const uncovered = new Set<CompId>();
  let notify = (): void => undefined;

  const get = (compId: CompId): Feed => {
    const feed = feeds.get(compId);
    if (feed === undefined) throw new InvariantError("every compartment has a feed");
    return feed;
  };
  const set = (feed: Feed): void => {
    feeds.set(feed.compId, feed);
    if (feed.edge.size === feed.covered.n) {
      uncovered.delete(feed.compId);
      return;
    }
    uncovered.add(feed.compId);
    notify();
  };

  return {
    get,
    add: (compId, spaceId) => {
      if (!feeds.has(compId)) set({ compId, spaceId, edge: emptyEdge, covered: { n: 0, head: NO_HEAD } });
    },
    moveTo: (compId, edge) => set({ ...get(compId), edge }),
    cover: (compId, covered) => set({ ...get(compId), covered }),
    pending: () => [...uncovered].map(get),
    onPending: (listener) => {
      notify = listener;
    },
  };
}
