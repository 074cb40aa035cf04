import {
  bytesToId16,
  bytesToId32,
  type CompId,
  type Digest,
  type Oid,
  type SpaceId,
  toBytes,
} from "@caseroom/contract";
import { appendLeaf, emptyEdge, feedLeafHash } from "@caseroom/crypto/verify";
import { connect, runMigrations, type Sql } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromColumn } from "../../id-column.ts";
import { findTaken, insertFeed, placeKey } from "./feed-store.ts";

let postgres: Awaited<ReturnType<typeof startPostgresForTesting>>;
let sql: Sql;
beforeAll(async () => {
  postgres = await startPostgresForTesting();
  // One connection, as the plan is cached by it.
  sql = connect(postgres.url, { max: 1 });
  await runMigrations(sql, new URL("../../../migrations/", import.meta.url));
}, 60_000);
afterAll(async () => {
  await sql?.end();
  await postgres?.stop();
});

const seeded = (seed: number, length: number) => toBytes(Array.from({ length }, (_, i) => (seed * 31 + i) % 256));
const spaceId = fromColumn(bytesToId32<SpaceId>(seeded(1, 32)));
const compId = fromColumn(bytesToId32<CompId>(seeded(4, 32)));
const hash = fromColumn(bytesToId32<Digest>(seeded(7, 32)));
const oidOf = (seed: number) => fromColumn(bytesToId16<Oid>(seeded(seed, 16)));

async function countScans(): Promise<number> {
  await sql`SELECT pg_stat_force_next_flush()`;
  const [row] = await sql<{ seq_scan: number }[]>`SELECT seq_scan::int FROM pg_stat_user_tables WHERE relname = 'feed'`;
  return row?.seq_scan ?? Number.NaN;
}

describe("whether an object id is taken", () => {
  it("is never found out by reading the whole feed, also not when the question was first asked of an empty one", async () => {
    const before = await countScans();
    let edge = emptyEdge;
    for (let i = 0; i < 30; i++) {
      const oid = oidOf(100 + i);
      expect((await findTaken(sql, [{ spaceId, compId, oid }])).size).toBe(0);
      const bytes = seeded(i, 40);
      const row = { n: edge.size, kind: "entry" as const, spaceId, compId, oid, hash, at: 1, bytes };
      edge = appendLeaf(edge, feedLeafHash("entry", bytes));
      await insertFeed(sql, [row], [{ spaceId, compId, edge }]);
      expect(await findTaken(sql, [{ spaceId, compId, oid }])).toEqual(
        new Map([[placeKey(compId, oid), { n: row.n, hash }]]),
      );
    }
    expect(await countScans()).toBe(before);
  });
});
