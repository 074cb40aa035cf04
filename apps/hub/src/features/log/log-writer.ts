import { type Bytes, bytesToId32, type Clock, type CompId, type Digest, InvariantError } from "@caseroom/contract";
import { type SigningKey, signCheckpoint } from "@caseroom/crypto/sign";
import {
  appendLeaf,
  decodeEdge,
  edgeRoot,
  emptyEdge,
  encodeEdge,
  encodeLogLeaf,
  type LogLeaf,
  leafHash,
  newNodes,
  type RightEdge,
} from "@caseroom/crypto/verify";
import type { Sql } from "@caseroom/postgres";
import type { Metrics } from "../../http/metrics.ts";
import { hexColumn, idsColumn, toColumn } from "../../id-column.ts";
import { createLane, type Lane } from "../../lane.ts";
import type { FeedMemory } from "../entries/feed-memory.ts";
import type { Tx } from "../entries/feed-store.ts";
import type { LogNodes } from "./log-nodes.ts";

export type LogKeyPair = { readonly logKey: SigningKey; readonly cosignKey: SigningKey };

/** The one place that the log grows from. */
export type LogWriter = {
  /** The order of the log: everything that appends to it runs in here, one after another. */
  readonly lane: Lane;
  readonly origin: string;
  readonly keys: LogKeyPair;
  readonly size: () => number;
  /** The newest signed checkpoint. Its cosignature is never older than half a minute: it says that the log stood here just now. */
  readonly checkpoint: () => Promise<string>;
  /** Hub time for the next line: never earlier than the last (phase-1 §2.3). */
  readonly nextTs: () => number;
  /** Appends lines together with other work, in one transaction; within `lane` only. Then takes them over. */
  readonly append: (leaves: readonly LogLeaf[], work?: (tx: Tx) => Promise<void>) => Promise<void>;
  /** The line that covers everything in a feed. */
  readonly feedLeaf: (compId: CompId, ts: number) => LogLeaf;
  readonly load: () => Promise<void>;
};

type Tail = {
  readonly edge: RightEdge;
  readonly ts: number;
  readonly checkpoint: string;
  readonly signedMs: number;
};
const CHECKPOINT_AGE_MS = 30_000;

type Node = ReturnType<typeof newNodes>[number];

export function createLogWriter(deps: {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly origin: string;
  readonly keys: LogKeyPair;
  readonly feeds: FeedMemory;
  readonly nodes: LogNodes;
  readonly metrics: Metrics;
  /** The database may have taken what memory does not know: only a new start can tell. */
  readonly onLost: () => void;
}): LogWriter {
  const { sql, clock, origin, keys, feeds } = deps;
  let tail: Tail = { edge: emptyEdge, ts: 0, checkpoint: "", signedMs: 0 };

  const sign = async (edge: RightEdge, ts: number): Promise<Tail> => {
    const signedMs = clock.nowMs();
    const checkpoint = await signCheckpoint({ origin, size: edge.size, root: edgeRoot(edge) }, keys, signedMs);
    return { edge, ts, checkpoint, signedMs };
  };

  const append: LogWriter["append"] = async (leaves, work) => {
    const grown = grow(tail.edge, leaves);
    const next = await sign(grown.edge, leaves.at(-1)?.ts ?? tail.ts);
    try {
      await sql.begin(async (tx) => {
        await work?.(tx);
        await insertLeaves(tx, tail.edge.size, leaves, grown);
        await updateTail(tx, next);
      });
    } catch (error) {
      if (!(await isUnchanged(sql, tail.edge))) deps.onLost();
      throw error;
    }
    tail = next;
    deps.nodes.remember(grown.nodes);
    deps.metrics.count("caseroom_log_leaves_total", leaves.length);
    for (const leaf of leaves) {
      if (leaf.type === "feed") feeds.cover(streamOf(leaf), { n: leaf.n, head: leaf.head });
    }
  };

  return {
    lane: createLane(),
    origin,
    keys,
    size: () => tail.edge.size,
    checkpoint: async () => {
      if (clock.nowMs() - tail.signedMs < CHECKPOINT_AGE_MS) return tail.checkpoint;
      const before = tail;
      const signed = await sign(before.edge, before.ts);
      if (tail === before) tail = signed;
      return tail.checkpoint;
    },
    nextTs: () => Math.max(clock.nowMs(), tail.ts),
    append,
    feedLeaf: (compId, ts) => {
      const { edge, covered } = feeds.get(compId);
      const head = digestOfRoot(edge);
      return { type: "feed", streamId: compId, nPrev: covered.n, headPrev: covered.head, n: edge.size, head, ts };
    },
    load: async () => {
      const [row] = await sql<{ edge: Uint8Array; ts: number }[]>`SELECT edge, ts FROM log_tail`;
      const edge = row === undefined ? emptyEdge : decodeEdge(row.edge);
      if (edge === undefined) throw new InvariantError("the stored end of the log is readable");
      tail = await sign(edge, row?.ts ?? 0);
    },
  };
}

type Grown = { readonly edge: RightEdge; readonly nodes: readonly Node[]; readonly encoded: readonly Bytes[] };

function grow(start: RightEdge, leaves: readonly LogLeaf[]): Grown {
  const nodes: Node[] = [];
  const encoded = leaves.map(encodeLogLeaf);
  let edge = start;
  for (const leaf of encoded) {
    const hash = leafHash(leaf);
    nodes.push(...newNodes(edge, hash));
    edge = appendLeaf(edge, hash);
  }
  return { edge, nodes, encoded };
}

async function insertLeaves(tx: Tx, base: number, leaves: readonly LogLeaf[], grown: Grown): Promise<void> {
  await tx`
    INSERT INTO log_leaves (idx, kind, stream_id, n, leaf)
    SELECT * FROM unnest(${leaves.map((_, i) => base + i)}::bigint[], ${leaves.map((leaf) => leaf.type)}::text[],
      ${idsColumn(leaves.map((leaf) => leaf.streamId))}::text[]::bytea[], ${leaves.map((leaf) => leaf.n)}::bigint[],
      ${hexColumn(grown.encoded)}::text[]::bytea[])`;
  await tx`
    INSERT INTO log_nodes (level, idx, hash)
    SELECT * FROM unnest(${grown.nodes.map((node) => node.level)}::smallint[],
      ${grown.nodes.map((node) => node.index)}::bigint[],
      ${hexColumn(grown.nodes.map((node) => node.hash))}::text[]::bytea[])`;
}

async function updateTail(tx: Tx, { edge, ts, checkpoint }: Tail): Promise<void> {
  await tx`
    INSERT INTO log_tail (edge, ts, checkpoint) VALUES (${Buffer.from(encodeEdge(edge))}, ${ts}, ${checkpoint})
    ON CONFLICT (only_row) DO UPDATE
    SET edge = EXCLUDED.edge, ts = EXCLUDED.ts, checkpoint = EXCLUDED.checkpoint`;
}

/** Whether a failed transaction left no trace. Unknown counts as no. */
async function isUnchanged(sql: Sql, edge: RightEdge): Promise<boolean> {
  try {
    const [row] = await sql<{ edge: Uint8Array }[]>`SELECT edge FROM log_tail`;
    return (row === undefined ? 0 : decodeEdge(row.edge)?.size) === edge.size;
  } catch {
    return false;
  }
}

function digestOfRoot(edge: RightEdge): Digest {
  const digest = bytesToId32<Digest>(edgeRoot(edge));
  if (digest === undefined) throw new InvariantError("a root has 32 bytes");
  return digest;
}

function streamOf(leaf: LogLeaf): CompId {
  const id = bytesToId32<CompId>(toColumn(leaf.streamId));
  if (id === undefined) throw new InvariantError("a stream id has 32 bytes");
  return id;
}
