import {
  type BlobId,
  type Bytes,
  bytesToBase64url,
  type Clock,
  type CompId,
  type Digest,
  type ErrorCode,
  err,
  type Failure,
  failure,
  InvariantError,
  type Oid,
  ok,
  type Result,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { appendLeaf, edgeRoot, feedLeafHash, type RightEdge } from "@caseroom/crypto/verify";
import type { Sql } from "@caseroom/postgres";
import { signReceipt } from "@caseroom/space/sign";
import type { Metrics } from "../../http/metrics.ts";
import { createLane, type Lane, runInAll } from "../../lane.ts";
import type { FeedItem, Notices } from "../../notices.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { Session } from "../sessions/session-store.ts";
import type { Access } from "../spaces/access.ts";
import type { FeedMemory } from "./feed-memory.ts";
import { type FeedRow, findTaken, insertFeed, placeKey, readFeedEdge, type TakenPlace } from "./feed-store.ts";

/** What one request wants appended, in this order. `problem` is what is wrong with an entry whoever sends it. */
export type Submission = {
  readonly session: Session;
  readonly compId: CompId;
  readonly entries: readonly {
    readonly oid: Oid;
    readonly e: number;
    readonly hash: Digest;
    readonly bytes: Bytes;
    readonly problem: ErrorCode | undefined;
    readonly missingBlobs: readonly BlobId[];
  }[];
};

export type Outcome = {
  readonly accepted: { readonly oid: Oid; readonly n: number; readonly repeated: boolean }[];
  readonly receipt: string | null;
  readonly stopped: { readonly oid: Oid; readonly code: ErrorCode; readonly hash?: Digest } | null;
};

export type EntryWriter = {
  readonly submit: (submission: Submission) => Promise<Result<Outcome, Failure>>;
  /** Runs while no entry of these compartments is being appended: for links, which take a place in the same feeds. */
  readonly hold: <T>(comps: readonly CompId[], work: () => Promise<T>) => Promise<T>;
  readonly idle: () => Promise<void>;
};

type Waiting = {
  readonly submission: Submission;
  readonly resolve: (result: Result<Outcome, Failure>) => void;
  readonly reject: (error: unknown) => void;
};

const LANES = 4;
const MAX_BATCH_ENTRIES = 1024;
const MAX_BATCH_BYTES = 8_388_608;

/**
 * Group commit: whatever waits is appended in one transaction, so that under load many requests share one flush to disk. Compartments are
 * spread over a few lanes; lanes never touch the same row and so never wait for each other.
 */
export function createEntryWriter(deps: {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly chains: ChainMemory;
  readonly access: Access;
  readonly feeds: FeedMemory;
  readonly logKey: SigningKey;
  readonly notices: Notices;
  readonly metrics: Metrics;
}): EntryWriter {
  const { sql, clock, feeds, notices, metrics } = deps;
  const lanes = Array.from({ length: LANES }, () => ({ lane: createLane(), waiting: [] as Waiting[] }));
  /** Feeds of a transaction whose outcome is not known. */
  const uncertain = new Set<CompId>();

  const laneOf = (compId: CompId) => {
    const found = lanes[Number.parseInt(compId.slice(-2), 16) % LANES];
    if (found === undefined) throw new InvariantError("every compartment has a lane");
    return found;
  };

  const settleUncertain = async (comps: Iterable<CompId>): Promise<void> => {
    for (const compId of comps) {
      if (!uncertain.has(compId)) continue;
      const edge = await readFeedEdge(sql, feeds.get(compId).spaceId, compId);
      if (edge !== undefined) feeds.moveTo(compId, edge);
      uncertain.delete(compId);
    }
  };

  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    const touched = new Set(batch.map(({ submission }) => submission.compId));
    await settleUncertain(touched);
    const taken = await findTaken(
      sql,
      batch.flatMap(({ submission: { compId, entries } }) =>
        entries.map(({ oid }) => ({ spaceId: feeds.get(compId).spaceId, compId, oid })),
      ),
    );
    const draft = createDraft(feeds, clock.nowMs());
    const outcomes = batch.map(({ submission }) => judge(submission, { ...deps, draft, taken }));
    if (draft.rows.length > 0) await write(draft);
    const receipts = await signReceipts(deps, new Set([...touched].filter((compId) => hasAccepted(compId))));
    function hasAccepted(compId: CompId): boolean {
      return batch.some(({ submission }, i) => submission.compId === compId && (outcomes[i]?.accepted.length ?? 0) > 0);
    }
    batch.forEach(({ submission, resolve }, i) => {
      const outcome = outcomes[i];
      if (outcome === undefined) throw new InvariantError("every submission has an outcome");
      const refused = outcome.accepted.length === 0 ? outcome.stopped?.code : undefined;
      if (refused === "FORBIDDEN" || refused === "DEVICE_REVOKED") resolve(err(failure(refused)));
      else {
        const receipt = outcome.accepted.length === 0 ? null : (receipts.get(submission.compId) ?? null);
        resolve(ok({ ...outcome, receipt }));
      }
    });
  };

  const write = async (draft: Draft): Promise<void> => {
    const moved = [...draft.edges].map(([compId, edge]) => ({ compId, spaceId: feeds.get(compId).spaceId, edge }));
    try {
      await insertFeed(sql, draft.rows, moved);
    } catch (error) {
      for (const { compId } of moved) uncertain.add(compId);
      throw error;
    }
    metrics.count("caseroom_entry_commits_total");
    metrics.count("caseroom_entries_accepted_total", draft.rows.length);
    for (const { compId, edge } of moved) {
      feeds.moveTo(compId, edge);
      const items: FeedItem[] = draft.rows.filter((row) => row.compId === compId);
      notices.publish({ type: "feed", compId, items });
    }
  };

  const drain = async ({ lane, waiting }: { readonly lane: Lane; readonly waiting: Waiting[] }): Promise<void> => {
    await lane.run(async () => {
      const batch = takeBatch(waiting);
      if (batch.length === 0) return;
      try {
        await commit(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    });
  };

  return {
    submit: (submission) =>
      new Promise((resolve, reject) => {
        const lane = laneOf(submission.compId);
        lane.waiting.push({ submission, resolve, reject });
        drain(lane).catch(reject);
      }),
    hold: (comps, work) => {
      const needed = lanes.filter((one) => comps.some((compId) => laneOf(compId) === one));
      return runInAll(
        needed.map(({ lane }) => lane),
        async () => {
          await settleUncertain(comps);
          return work();
        },
      );
    },
    idle: async () => {
      for (const { lane } of lanes) await lane.idle();
    },
  };
}

function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  let entries = 0;
  let bytes = 0;
  let count = 0;
  for (const { submission } of waiting) {
    entries += submission.entries.length;
    bytes += submission.entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
    if (count > 0 && (entries > MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES)) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

type Draft = {
  readonly at: number;
  readonly rows: FeedRow[];
  readonly edges: Map<CompId, RightEdge>;
  readonly edgeOf: (compId: CompId) => RightEdge;
};

function createDraft(feeds: FeedMemory, at: number): Draft {
  const edges = new Map<CompId, RightEdge>();
  return { at, rows: [], edges, edgeOf: (compId) => edges.get(compId) ?? feeds.get(compId).edge };
}

type JudgeDeps = {
  readonly access: Access;
  readonly draft: Draft;
  readonly taken: Map<string, TakenPlace>;
};

/** Applies a prefix and says where and why it stopped (phase-1 §2.9). */
function judge(submission: Submission, deps: JudgeDeps): Omit<Outcome, "receipt"> {
  const { draft, taken } = deps;
  const accepted: Outcome["accepted"] = [];
  for (const entry of submission.entries) {
    const { oid, hash } = entry;
    const key = placeKey(submission.compId, oid);
    const place = taken.get(key);
    if (place !== undefined) {
      if (place.hash !== hash) return { accepted, stopped: { oid, code: "OID_TAKEN", hash: place.hash } };
      accepted.push({ oid, n: place.n, repeated: true });
      continue;
    }
    const code = refusalOf(submission, entry, deps);
    if (code !== undefined) return { accepted, stopped: { oid, code } };
    const n = append(submission.compId, entry, deps);
    taken.set(key, { n, hash });
    accepted.push({ oid, n, repeated: false });
  }
  return { accepted, stopped: null };

  function append(compId: CompId, entry: Submission["entries"][number], { access }: JudgeDeps): number {
    const found = access.member(compId, submission.session.userId);
    if (!found.ok) throw new InvariantError("an appender is a member");
    const edge = draft.edgeOf(compId);
    const { spaceId } = found.value;
    const { oid, hash, bytes } = entry;
    draft.rows.push({ n: edge.size, kind: "entry", bytes, spaceId, compId, oid, hash, at: draft.at });
    draft.edges.set(compId, appendLeaf(edge, feedLeafHash("entry", bytes)));
    return edge.size;
  }
}

/** The order of phase-1 §4: device, role, epoch, what is wrong with the bytes, blobs. Idempotency came before all of them. */
function refusalOf(
  submission: Submission,
  entry: Submission["entries"][number],
  { access }: JudgeDeps,
): ErrorCode | undefined {
  if (!access.isDeviceActive(submission.session)) return "DEVICE_REVOKED";
  const found = access.appender(submission.compId, submission.session.userId);
  if (!found.ok) return found.error.code;
  if (entry.problem !== undefined) return entry.problem;
  if (entry.e !== found.value.comp.epochs.at(-1)?.e) return "STALE_EPOCH";
  return entry.missingBlobs.length > 0 ? "BLOB_INCOMPLETE" : undefined;
}

/** One receipt per compartment and transaction: {space, comp, n, head} covers everything in it (phase-1 §2.7). */
async function signReceipts(
  deps: { readonly chains: ChainMemory; readonly feeds: FeedMemory; readonly logKey: SigningKey },
  comps: ReadonlySet<CompId>,
): Promise<Map<CompId, string>> {
  const consortiumId = deps.chains.view.consortium()?.id;
  if (consortiumId === undefined) throw new InvariantError("compartments come after the consortium");
  // All at once: each signature is a trip through the thread pool, and a transaction may have touched many compartments.
  const signed = await Promise.all(
    [...comps].map(async (compId) => {
      const { spaceId, edge } = deps.feeds.get(compId);
      const statement = { spaceId, compId, n: edge.size, head: edgeRoot(edge) };
      const receipt = await signReceipt({ key: deps.logKey, consortiumId }, statement);
      return [compId, bytesToBase64url(receipt)] as const;
    }),
  );
  return new Map(signed);
}
