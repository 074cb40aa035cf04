import { setImmediate as nextTurn } from "node:timers/promises";
import {
  bytesToBase64url,
  type Clock,
  type CompId,
  err,
  type Failure,
  failure,
  InvariantError,
  ok,
  type Result,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { edgeRoot } from "@caseroom/crypto/verify";
import type { Sql } from "@caseroom/postgres";
import { signReceipt } from "@caseroom/space/sign";
import type { Metrics } from "../../http/metrics.ts";
import { createLane } from "../../lane.ts";
import type { Notices } from "../../notices.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { Access } from "../spaces/access.ts";
import type { FeedMemory } from "./feed-memory.ts";
import { insertUnlessTaken, readFeedEdge, type TakenPlace } from "./feed-store.ts";
import {
  createDraft,
  type Draft,
  type GrownFeed,
  type Judgement,
  judgeSubmission,
  type Submission,
} from "./judge-entries.ts";

export type Outcome = Judgement & { readonly receipt: string | null };

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

type WriterDeps = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly chains: ChainMemory;
  readonly access: Access;
  readonly feeds: FeedMemory;
  readonly logKey: SigningKey;
  readonly notices: Notices;
  readonly metrics: Metrics;
};

const MAX_GROUP_ENTRIES = 1024;
const MAX_GROUP_BYTES = 8_388_608;

/**
 * Group commit: one transaction at a time, which takes whatever waits, of all compartments and connections, so that under load many
 * requests share one flush to disk and one way to the database.
 */
export function createEntryWriter(deps: WriterDeps): EntryWriter {
  const { sql, feeds } = deps;
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let transaction: Promise<void> = Promise.resolve();
  const holds = createLane();
  const held = new Set<CompId>();
  /** Feeds of a transaction whose outcome is not known. */
  const uncertain = new Set<CompId>();

  const settleUncertain = async (comps: Iterable<CompId>): Promise<void> => {
    for (const compId of comps) {
      if (!uncertain.has(compId)) continue;
      const edge = await readFeedEdge(sql, feeds.get(compId).spaceId, compId);
      if (edge !== undefined) feeds.moveTo(compId, edge);
      uncertain.delete(compId);
    }
  };

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const submissions = group.map(({ submission }) => submission);
      await settleUncertain(new Set(submissions.map(({ compId }) => compId)));
      const { judgements, receipts } = await writeGroup(submissions, deps, uncertain);
      group.forEach(({ submission, resolve }, i) => {
        resolve(replyTo(judgements[i], receipts.get(submission.compId)));
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };

  const run = async (): Promise<void> => {
    while (true) {
      // Requests that arrive together are read in one turn of the event loop: all of them come along.
      await nextTurn();
      const { group, rest } = takeGroup(waiting, held);
      if (group.length === 0) break;
      waiting = rest;
      transaction = commit(group);
      await transaction;
    }
    running = undefined;
  };
  const start = (): void => {
    running ??= run();
  };

  return {
    submit: (submission) =>
      new Promise((resolve, reject) => {
        waiting.push({ submission, resolve, reject });
        start();
      }),
    hold: (comps, work) =>
      holds.run(async () => {
        for (const compId of comps) held.add(compId);
        try {
          await transaction;
          await settleUncertain(comps);
          return await work();
        } finally {
          held.clear();
          start();
        }
      }),
    idle: async () => {
      do {
        await holds.idle();
        await running;
      } while (waiting.length > 0);
    },
  };
}

/** In the order of arrival; what belongs to a compartment that is held stays, and so keeps its order. */
function takeGroup(
  waiting: readonly Waiting[],
  held: ReadonlySet<CompId>,
): { readonly group: readonly Waiting[]; readonly rest: Waiting[] } {
  const group: Waiting[] = [];
  const rest: Waiting[] = [];
  let entries = 0;
  let bytes = 0;
  let isFull = false;
  for (const one of waiting) {
    const { submission } = one;
    if (isFull || held.has(submission.compId)) {
      rest.push(one);
      continue;
    }
    entries += submission.entries.length;
    bytes += submission.entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
    isFull = group.length > 0 && (entries > MAX_GROUP_ENTRIES || bytes > MAX_GROUP_BYTES);
    (isFull ? rest : group).push(one);
  }
  return { group, rest };
}

type Written = {
  readonly judgements: readonly Judgement[];
  /** One for each compartment: {space, comp, n, head} covers everything in it (phase-1 §2.7). */
  readonly receipts: ReadonlyMap<CompId, string>;
};

/**
 * Judges as if no object id were taken and lets the statement that writes find out whether one is. Almost never is one: then nothing was
 * written, and everything is judged once more.
 */
async function writeGroup(
  submissions: readonly Submission[],
  deps: WriterDeps,
  uncertain: Set<CompId>,
  known?: ReadonlyMap<string, TakenPlace>,
): Promise<Written> {
  const { access, feeds } = deps;
  const draft = createDraft(known ?? new Map(), deps.clock.nowMs());
  const judgements = submissions.map((submission) => judgeSubmission(submission, { access, feeds, draft }));
  const grown = [...draft.grown.values()];
  const objects = known === undefined ? submissions.flatMap((submission) => objectsOf(submission, feeds)) : [];
  const rows = grown.flatMap((feed) => feed.rows);
  const accepted = submissions.filter((_, i) => (judgements[i]?.accepted.length ?? 0) > 0);
  const receipted = new Set(accepted.map(({ compId }) => compId));
  const [stored, receipts] = await Promise.allSettled([
    insertUnlessTaken(deps.sql, { rows, feeds: grown, objects }),
    // While PostgreSQL is at work. A receipt leaves only when what it says is committed.
    nextTurn().then(() => signReceipts(deps, receipted, draft)),
  ]);
  if (stored.status === "rejected") {
    for (const { compId } of grown) uncertain.add(compId);
    throw stored.reason;
  }
  if (stored.value.size > 0) return writeGroup(submissions, deps, uncertain, stored.value);
  takeOver(grown, deps);
  if (receipts.status === "rejected") throw receipts.reason;
  return { judgements, receipts: receipts.value };
}

function objectsOf({ compId, entries }: Submission, feeds: FeedMemory) {
  const { spaceId } = feeds.get(compId);
  return entries.map(({ oid }) => ({ spaceId, compId, oid }));
}

/** What is committed becomes what is so. */
function takeOver(grown: readonly GrownFeed[], { feeds, metrics, notices }: WriterDeps): void {
  if (grown.length === 0) return;
  metrics.count("caseroom_entry_commits_total");
  for (const { compId, edge, rows } of grown) {
    metrics.count("caseroom_entries_accepted_total", rows.length);
    feeds.moveTo(compId, edge);
    notices.publish({ type: "feed", compId, items: rows });
  }
}

async function signReceipts(
  { chains, feeds, logKey }: WriterDeps,
  comps: ReadonlySet<CompId>,
  draft: Draft,
): Promise<ReadonlyMap<CompId, string>> {
  const consortiumId = chains.view.consortium()?.id;
  if (consortiumId === undefined) throw new InvariantError("compartments come after the consortium");
  const signed = [...comps].map(async (compId) => {
    const { spaceId, edge } = draft.grown.get(compId) ?? feeds.get(compId);
    const statement = { spaceId, compId, n: edge.size, head: edgeRoot(edge) };
    return [compId, bytesToBase64url(await signReceipt({ key: logKey, consortiumId }, statement))] as const;
  });
  return new Map(await Promise.all(signed));
}

function replyTo(judgement: Judgement | undefined, receipt: string | undefined): Result<Outcome, Failure> {
  if (judgement === undefined) throw new InvariantError("every submission is judged");
  if (judgement.accepted.length > 0) return ok({ ...judgement, receipt: receipt ?? null });
  const refused = judgement.stopped?.code;
  return refused === "FORBIDDEN" || refused === "DEVICE_REVOKED"
    ? err(failure(refused))
    : ok({ ...judgement, receipt: null });
}
