import { type Bytes, type CompId, type Digest, entriesLeaves, err, failure, ok, type Result } from "@caseroom/contract";
import { type LogLeaf, parseLogLeaf } from "@caseroom/crypto/verify";
import type { Moment } from "@caseroom/space/verify";
import type { HubApi } from "./hub-api.ts";
import type { LogFailure, LogWatch } from "./log-watch.ts";

/** The log's lines about one feed: fetched, required to follow each other, compared with the feed as received, proven. */
export type FeedLeaves = {
  readonly covered: () => Covered;
  /** The newest one that was fetched and is not accepted yet. */
  readonly newest: () => { readonly n: number; readonly bytes: Bytes } | undefined;
  /** The leaf that covers a position, as far as any is known. */
  readonly momentOf: (position: number) => Moment | undefined;
  readonly fetch: () => Promise<Result<undefined, LeafFailure>>;
  /** Up to where the log proves the feed now; `undefined` when that has not moved. Nothing is accepted yet. */
  readonly prove: (feed: {
    readonly n: number;
    readonly rootAt: (n: number) => Digest | undefined;
  }) => Promise<Result<number | undefined, LeafFailure>>;
  readonly accept: (n: number) => void;
};

export type Covered = { readonly n: number; readonly head: Digest };
type LeafFailure = LogFailure;
type Leaf = LogLeaf & { readonly logIndex: number; readonly bytes: Bytes };

export function createFeedLeaves(
  deps: { readonly api: HubApi; readonly log: LogWatch; readonly compId: CompId },
  start: Covered,
): FeedLeaves {
  const { api, log, compId } = deps;
  let covered = start;
  /** Fetched and not accepted yet, ascending. */
  let leaves: readonly Leaf[] = [];

  const read = (bytes: Bytes, before: Covered): Result<LogLeaf | undefined, LeafFailure> => {
    const parsed = parseLogLeaf(bytes);
    if (parsed.ok && parsed.value.n <= before.n) return ok(undefined);
    const follows = parsed.ok && parsed.value.nPrev === before.n && parsed.value.headPrev === before.head;
    const isOurs = parsed.ok && parsed.value.type === "feed" && parsed.value.streamId === compId;
    if (parsed.ok && follows && isOurs) return parsed;
    return err({ ...failure("FORK", "the log's lines of this feed do not follow each other"), evidence: bytes });
  };

  const fetch: FeedLeaves["fetch"] = async () => {
    const from = leaves.at(-1)?.n ?? covered.n;
    const reply = await api.call(entriesLeaves, { params: { compId }, query: { from } });
    if (!reply.ok) return err(failure("OFFLINE"));
    let before: Covered = leaves.at(-1) ?? covered;
    const fetched: Leaf[] = [];
    for (const { logIndex, leaf } of reply.value.head.leaves) {
      const next = read(leaf, before);
      if (!next.ok) return next;
      if (next.value === undefined) continue;
      fetched.push({ ...next.value, logIndex, bytes: leaf });
      before = next.value;
    }
    leaves = [...leaves, ...fetched];
    return ok();
  };

  return {
    covered: () => covered,
    newest: () => leaves.at(-1),
    momentOf: (position) => {
      const leaf = leaves.find((one) => one.n > position);
      return leaf === undefined ? undefined : { index: leaf.logIndex, ts: leaf.ts };
    },
    fetch,
    prove: async ({ n, rootAt }) => {
      const fetched = await fetch();
      if (!fetched.ok) return fetched;
      const reached = leaves.filter((leaf) => leaf.n <= n && leaf.logIndex < log.accepted().size);
      for (const leaf of reached) {
        const root = rootAt(leaf.n);
        if (root !== undefined && root !== leaf.head) {
          return err({ ...failure("FORK", "the hub logged another feed than it handed out"), evidence: leaf.bytes });
        }
      }
      const proven = await log.proveLeaves(reached.map((leaf) => ({ index: leaf.logIndex, leaf: leaf.bytes })));
      // A leaf at a position whose root this device did not keep waits for a later one, which commits to it.
      return proven.ok ? ok(reached.findLast((leaf) => rootAt(leaf.n) !== undefined)?.n) : proven;
    },
    accept: (n) => {
      const newest = leaves.find((leaf) => leaf.n === n);
      if (newest !== undefined) covered = { n, head: newest.head };
      leaves = leaves.filter((leaf) => leaf.n > n);
    },
  };
}
