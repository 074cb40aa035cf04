import {
  type Bytes,
  bytesToId32,
  type CompId,
  type Digest,
  InvariantError,
  type Oid,
  type SpaceId,
  toBytes,
} from "@caseroom/contract";
import { decodeEdge, encodeEdge, parseLogLeaf, type RightEdge } from "@caseroom/crypto/verify";
import type { Sql } from "@caseroom/postgres";
import type postgres from "postgres";
import { fromColumn, hexColumn, idsColumn, toColumn } from "../../id-column.ts";
import type { FeedItem } from "../../notices.ts";
import type { FeedMemory } from "./feed-memory.ts";

export type Tx = postgres.ISql<{ bigint: number }>;

export type FeedRow = FeedItem & {
  readonly spaceId: SpaceId;
  readonly compId: CompId;
  readonly oid: Oid | undefined;
  readonly hash: Digest;
  readonly at: number;
};

/** A place in a feed that is taken under an object id. */
export type TakenPlace = { readonly n: number; readonly hash: Digest };

const PAGE_BYTES = 8_388_608;

type MovedFeed = { readonly spaceId: SpaceId; readonly compId: CompId; readonly edge: RightEdge };
type ObjectPlace = { readonly spaceId: SpaceId; readonly compId: CompId; readonly oid: Oid };

/** Appends items and moves their feeds, in one statement and so in one transaction. */
export async function insertFeed(sql: Tx, rows: readonly FeedRow[], feeds: readonly MovedFeed[]): Promise<void> {
  await insertUnlessTaken(sql, { rows, feeds, objects: [] });
}

/**
 * Does what `insertFeed` does unless one of `objects` is taken in its compartment: then nothing is written, and the answer says which are
 * and by what, keyed by `placeKey`. One statement, since a second way to the database would cost a group of entries as much as its flush.
 */
export async function insertUnlessTaken(
  sql: Tx,
  work: {
    readonly rows: readonly FeedRow[];
    readonly feeds: readonly MovedFeed[];
    readonly objects: readonly ObjectPlace[];
  },
): Promise<Map<string, TakenPlace>> {
  const { rows, feeds, objects } = work;
  const { all, starts } = joinBytes(rows);
  const taken = await sql<{ comp: string; oid: string; n: number; hash: Uint8Array }[]>`
    WITH taken AS MATERIALIZED (
      SELECT f.comp_id, f.oid, f.n, f.hash
      FROM unnest(${idsColumn(objects.map((one) => one.spaceId))}::text[]::bytea[],
        ${idsColumn(objects.map((one) => one.compId))}::text[]::bytea[],
        ${idsColumn(objects.map((one) => one.oid))}::text[]::bytea[]) AS asked(space_id, comp_id, oid)
      CROSS JOIN LATERAL (
        SELECT comp_id, oid, n, hash FROM feed
        WHERE space_id = asked.space_id AND comp_id = asked.comp_id AND oid = asked.oid OFFSET 0
      ) AS f
    ), moved AS (
      INSERT INTO comps (space_id, comp_id, feed_n, feed_edge)
      SELECT * FROM unnest(${idsColumn(feeds.map((feed) => feed.spaceId))}::text[]::bytea[],
        ${idsColumn(feeds.map((feed) => feed.compId))}::text[]::bytea[], ${feeds.map((feed) => feed.edge.size)}::bigint[],
        ${hexColumn(feeds.map((feed) => encodeEdge(feed.edge)))}::text[]::bytea[])
      WHERE NOT EXISTS (SELECT FROM taken)
      ON CONFLICT (space_id, comp_id) DO UPDATE SET feed_n = EXCLUDED.feed_n, feed_edge = EXCLUDED.feed_edge
    ), added AS (
      INSERT INTO feed (space_id, comp_id, n, kind, oid, hash, ts, log_index, bytes)
      SELECT space_id, comp_id, n, kind, oid, hash, ts, log_index, substring(${all}::bytea FROM start FOR size)
      FROM unnest(${idsColumn(rows.map((row) => row.spaceId))}::text[]::bytea[],
        ${idsColumn(rows.map((row) => row.compId))}::text[]::bytea[], ${rows.map((row) => row.n)}::bigint[],
        ${rows.map((row) => row.kind)}::text[], ${idsColumn(rows.map((row) => row.oid))}::text[]::bytea[],
        ${idsColumn(rows.map((row) => row.hash))}::text[]::bytea[], ${rows.map((row) => row.at)}::bigint[],
        ${rows.map((row) => row.logIndex ?? null)}::bigint[], ${starts}::int[],
        ${rows.map((row) => row.bytes.length)}::int[])
        AS row(space_id, comp_id, n, kind, oid, hash, ts, log_index, start, size)
      WHERE NOT EXISTS (SELECT FROM taken)
    )
    SELECT encode(comp_id, 'hex') AS comp, encode(oid, 'hex') AS oid, n, hash FROM taken`;
  return new Map(
    taken.map(({ comp, oid, n, hash }) => [`${comp}/${oid}`, { n, hash: fromColumn(bytesToId32<Digest>(hash)) }]),
  );
}

/** All bytes as one parameter and where each row's begin, counted from 1: an array of long texts is escaped and read letter by letter. */
function joinBytes(rows: readonly FeedRow[]): { readonly all: Buffer; readonly starts: readonly number[] } {
  let start = 1;
  const starts = rows.map(({ bytes }) => {
    const own = start;
    start += bytes.length;
    return own;
  });
  return { all: Buffer.concat(rows.map(({ bytes }) => bytes)), starts };
}

export function placeKey(compId: CompId, oid: Oid): string {
  return `${compId}/${oid}`;
}

/** Items from a position on: at most `limit`, at most 8 MiB, and at least one if there is one. */
export async function readFeed(
  sql: Sql,
  place: { readonly spaceId: SpaceId; readonly compId: CompId },
  page: { readonly from: number; readonly limit: number; readonly maxBytes?: number },
): Promise<readonly FeedItem[]> {
  type Row = { n: number; kind: "entry" | "link"; ts: number; log_index: number | null; bytes: Uint8Array };
  const rows = await sql<Row[]>`
    SELECT n, kind, ts, log_index, bytes FROM (
      SELECT n, kind, ts, log_index, bytes,
        sum(octet_length(bytes)) OVER (ORDER BY n) - octet_length(bytes) AS before
      FROM feed
      WHERE space_id = ${toColumn(place.spaceId)} AND comp_id = ${toColumn(place.compId)}
        AND n >= ${page.from} AND n < ${page.from + page.limit}
    ) AS page
    WHERE before < ${page.maxBytes ?? PAGE_BYTES} ORDER BY n`;
  return rows.map(({ n, kind, ts, log_index, bytes }) => ({
    n,
    kind,
    ...(log_index === null ? {} : { logIndex: log_index, ts }),
    bytes: toBytes(bytes),
  }));
}

/** The head of an item on the wire. */
export function itemHead({ n, kind, logIndex, ts }: FeedItem) {
  return { n, kind, ...(logIndex === undefined ? {} : { logIndex }), ...(ts === undefined ? {} : { ts }) };
}

/** The log's lines over a feed after a position, oldest first. */
export async function readLeaves(
  sql: Sql,
  compId: CompId,
  from: number,
): Promise<readonly { readonly logIndex: number; readonly leaf: Bytes }[]> {
  const rows = await sql<{ idx: number; leaf: Uint8Array }[]>`
    SELECT idx, leaf FROM log_leaves
    WHERE stream_id = ${toColumn(compId)} AND kind = 'feed' AND n > ${from} ORDER BY n LIMIT 4096`;
  return rows.map(({ idx, leaf }) => ({ logIndex: idx, leaf: toBytes(leaf) }));
}

/** Where a feed really stands, after a transaction whose outcome is not known. */
export async function readFeedEdge(sql: Sql, spaceId: SpaceId, compId: CompId): Promise<RightEdge | undefined> {
  const [row] = await sql<{ feed_edge: Uint8Array }[]>`
    SELECT feed_edge FROM comps WHERE space_id = ${toColumn(spaceId)} AND comp_id = ${toColumn(compId)}`;
  return row === undefined ? undefined : edgeOf(row.feed_edge);
}

/** Fills the memory at the start. */
export async function loadFeeds(sql: Sql, feeds: FeedMemory): Promise<void> {
  const comps = await sql<{ space_id: Uint8Array; comp_id: Uint8Array; feed_edge: Uint8Array }[]>`
    SELECT space_id, comp_id, feed_edge FROM comps`;
  for (const row of comps) {
    const compId = fromColumn(bytesToId32<CompId>(row.comp_id));
    feeds.add(compId, fromColumn(bytesToId32<SpaceId>(row.space_id)));
    feeds.moveTo(compId, edgeOf(row.feed_edge));
  }
  const leaves = await sql<{ stream_id: Uint8Array; leaf: Uint8Array }[]>`
    SELECT DISTINCT ON (stream_id) stream_id, leaf FROM log_leaves WHERE kind = 'feed' ORDER BY stream_id, n DESC`;
  for (const row of leaves) {
    const leaf = parseLogLeaf(row.leaf);
    if (!leaf.ok) throw new InvariantError("a stored line of the log is readable");
    feeds.cover(fromColumn(bytesToId32<CompId>(row.stream_id)), { n: leaf.value.n, head: leaf.value.head });
  }
}

function edgeOf(bytes: Uint8Array): RightEdge {
  const edge = decodeEdge(bytes);
  if (edge === undefined) throw new InvariantError("a stored edge is readable");
  return edge;
}
