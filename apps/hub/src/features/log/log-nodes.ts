import { type Bytes, InvariantError, toBytes } from "@caseroom/contract";
import type { NodeReader } from "@caseroom/crypto/verify";
import type { Sql } from "@caseroom/postgres";

/** Hashes of the log's perfect subtrees. They never change, so whatever was read once is kept. */
export type LogNodes = {
  readonly read: NodeReader;
  readonly readRow: (level: number, from: number, count: number) => Promise<readonly Bytes[]>;
  readonly remember: (
    nodes: readonly { readonly level: number; readonly index: number; readonly hash: Bytes }[],
  ) => void;
};

type Asked = {
  readonly level: number;
  readonly index: number;
  readonly resolve: (hash: Bytes) => void;
  readonly reject: (error: unknown) => void;
};

const MAX_KEPT = 200_000;

export function createLogNodes(sql: Sql): LogNodes {
  const kept = new Map<string, Bytes>();
  let asked: Asked[] = [];

  const keep = (level: number, index: number, hash: Bytes): void => {
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(keyOf(level, index), hash);
  };

  /** Proofs ask node by node; everything that is asked within one turn is one query. */
  const fetchAsked = async (): Promise<void> => {
    const batch = asked;
    asked = [];
    try {
      const rows = await sql<{ level: number; idx: number; hash: Uint8Array }[]>`
        SELECT n.level, n.idx, n.hash
        FROM unnest(${batch.map((one) => one.level)}::smallint[], ${batch.map((one) => one.index)}::bigint[]) AS a(level, idx)
        JOIN log_nodes n ON n.level = a.level AND n.idx = a.idx`;
      for (const { level, idx, hash } of rows) keep(level, idx, toBytes(hash));
      for (const { level, index, resolve, reject } of batch) {
        const hash = kept.get(keyOf(level, index));
        if (hash === undefined) reject(new InvariantError("the log has every node below its size"));
        else resolve(hash);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  return {
    read: (level, index) => {
      const hash = kept.get(keyOf(level, index));
      if (hash !== undefined) return hash;
      return new Promise<Bytes>((resolve, reject) => {
        if (asked.length === 0) setImmediate(() => void fetchAsked());
        asked.push({ level, index, resolve, reject });
      });
    },
    readRow: async (level, from, count) => {
      const rows = await sql<{ hash: Uint8Array }[]>`
        SELECT hash FROM log_nodes WHERE level = ${level} AND idx >= ${from} AND idx < ${from + count} ORDER BY idx`;
      return rows.map(({ hash }) => toBytes(hash));
    },
    remember: (nodes) => {
      for (const { level, index, hash } of nodes) keep(level, index, hash);
    },
  };
}

function keyOf(level: number, index: number): string {
  return `${level}/${index}`;
}
