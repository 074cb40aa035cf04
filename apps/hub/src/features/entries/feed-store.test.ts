import {
  bytesToId16,
  bytesToId32,
  type CompId,
  type Digest,
  type Oid,
  type SpaceId,
  toBytes,
} from "@caseroom/contract";
import { appendLeaf, emptyEdge, feedLeafHash, type RightEdge } from "@caseroom/crypto/verify";
import { connect, runMigrations, type Sql } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fromColumn } from "../../id-column.ts";
import { type FeedRow, insertUnlessTaken, placeKey, readFeed, readFeedEdge } from "./feed-store.ts";

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

const bytesOf = (seed: number, length: number) => toBytes(Array.from({ length }, (_, i) => (seed * 31 + i) % 256));
const spaceId = fromColumn(bytesToId32<SpaceId>(bytesOf(1, 32)));
const compOf = (seed: number) => fromColumn(bytesToId32<CompId>(bytesOf(seed, 32)));
const oidOf = (seed: number) => fromColumn(bytesToId16<Oid>(bytesOf(seed, 16)));
const hash = fromColumn(bytesToId32<Digest>(bytesOf(7, 32)));

/** One entry at the end of a feed, as the writer hands it over. */
function entry(compId: CompId, edge: RightEdge, oid: Oid) {
  const bytes = bytesOf(edge.size, 40 + edge.size);
  const row: FeedRow = { n: edge.size, kind: "entry", spaceId, compId, oid, hash, at: 1, bytes };
  return { row, object: { spaceId, compId, oid }, edge: appendLeaf(edge, feedLeafHash("entry", bytes)) };
}

it("writes nothing for anybody when one object id of a group is taken, and says by what", async () => {
  const [cheung, wong] = [compOf(2), compOf(3)];
  const first = entry(cheung, emptyEdge, oidOf(1));
  const feedsOf = (...all: readonly { readonly row: FeedRow; readonly edge: RightEdge }[]) =>
    all.map(({ row, edge }) => ({ spaceId, compId: row.compId, edge }));
  expect(
    await insertUnlessTaken(sql, { rows: [first.row], feeds: feedsOf(first), objects: [first.object] }),
  ).toStrictEqual(new Map());

  const again = entry(cheung, first.edge, oidOf(1));
  const other = entry(wong, emptyEdge, oidOf(1));
  const group = { rows: [other.row, again.row], feeds: feedsOf(other, again), objects: [other.object, again.object] };
  expect(await insertUnlessTaken(sql, group)).toStrictEqual(new Map([[placeKey(cheung, oidOf(1)), { n: 0, hash }]]));
  expect(await readFeedEdge(sql, spaceId, wong)).toBeUndefined();
  expect((await readFeedEdge(sql, spaceId, cheung))?.size).toBe(1);

  const next = entry(cheung, first.edge, oidOf(2));
  const both = { rows: [other.row, next.row], feeds: feedsOf(other, next), objects: [other.object, next.object] };
  expect((await insertUnlessTaken(sql, both)).size).toBe(0);
  const feed = await readFeed(sql, { spaceId, compId: cheung }, { from: 0, limit: 9 });
  expect(feed.map(({ n, bytes }) => ({ n, bytes }))).toEqual(
    [first, next].map(({ row: { n, bytes } }) => ({ n, bytes })),
  );
});

it("never reads the whole feed to find one object id, also not when the statement was prepared on an empty table", async () => {
  const scans = async (): Promise<number> => {
    await sql`SELECT pg_stat_force_next_flush()`;
    const [row] = await sql<
      { seq_scan: number }[]
    >`SELECT seq_scan::int FROM pg_stat_user_tables WHERE relname = 'feed'`;
    return row?.seq_scan ?? Number.NaN;
  };
  const compId = compOf(4);
  const before = await scans();
  let edge = emptyEdge;
  for (let i = 0; i < 30; i++) {
    const one = entry(compId, edge, oidOf(100 + i));
    edge = one.edge;
    const work = { rows: [one.row], feeds: [{ spaceId, compId, edge }], objects: [one.object] };
    expect((await insertUnlessTaken(sql, work)).size).toBe(0);
    expect([...(await insertUnlessTaken(sql, work)).values()]).toEqual([{ n: i, hash }]);
  }
  expect(await scans()).toBe(before);
});
