import {
  type Bytes,
  bytesToId32,
  type ChainId,
  type CompId,
  type Digest,
  InvariantError,
  toBytes,
} from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { applyLink, type Moment, type ParsedLink, parseLink } from "@caseroom/space/verify";
import { fromColumn, hexColumn, idsColumn, toColumn } from "../../id-column.ts";
import type { Tx } from "../entries/feed-store.ts";
import type { ChainMemory } from "./chain-memory.ts";

export type DatedLink = { readonly link: ParsedLink; readonly at: Moment };

const PAGE_BYTES = 8_388_608;
const LOAD_PAGE = 2000;

/** The key under which the links of the directory stand: they belong to no space. */
export const DIRECTORY_SPACE: Buffer<ArrayBuffer> = Buffer.alloc(32);

export async function insertLinks(
  tx: Tx,
  links: readonly DatedLink[],
  spaceOf: (link: ParsedLink) => Buffer<ArrayBuffer>,
): Promise<void> {
  await tx`
    INSERT INTO links (space_id, chain_id, n, ct, hash, log_index, ts, bytes)
    SELECT * FROM unnest(${hexColumn(links.map(({ link }) => spaceOf(link)))}::text[]::bytea[],
      ${idsColumn(links.map(({ link }) => link.chainId))}::text[]::bytea[], ${links.map(({ link }) => link.n)}::bigint[],
      ${links.map(({ link }) => link.ct)}::text[], ${idsColumn(links.map(({ link }) => link.hash))}::text[]::bytea[],
      ${links.map(({ at }) => at.index)}::bigint[], ${links.map(({ at }) => at.ts)}::bigint[],
      ${hexColumn(links.map(({ link }) => link.bytes))}::text[]::bytea[])`;
}

export async function insertWraps(
  tx: Tx,
  wraps: readonly { readonly hash: Digest; readonly chainId: ChainId; readonly bytes: Bytes }[],
): Promise<void> {
  if (wraps.length === 0) return;
  await tx`
    INSERT INTO wraps (hash, chain_id, bytes)
    SELECT * FROM unnest(${idsColumn(wraps.map((wrap) => wrap.hash))}::text[]::bytea[],
      ${idsColumn(wraps.map((wrap) => wrap.chainId))}::text[]::bytea[], ${hexColumn(wraps.map((wrap) => wrap.bytes))}::text[]::bytea[])
    ON CONFLICT (hash) DO NOTHING`;
}

/** The wraps that are stored, of those asked for. */
export async function readWraps(sql: Sql, hashes: readonly Digest[]): Promise<ReadonlyMap<Digest, Bytes>> {
  if (hashes.length === 0) return new Map();
  const rows = await sql<{ hash: Uint8Array; bytes: Uint8Array }[]>`
    SELECT hash, bytes FROM wraps WHERE hash = ANY(${idsColumn(hashes)}::text[]::bytea[])`;
  return new Map(rows.map(({ hash, bytes }) => [fromColumn(bytesToId32<Digest>(hash)), toBytes(bytes)]));
}

/** Links of one chain from a position on: at most `limit`, at most 8 MiB, and at least one if there is one. */
export async function readLinks(
  sql: Sql,
  chain: { readonly space: Buffer<ArrayBuffer>; readonly chainId: ChainId },
  page: { readonly from: number; readonly limit: number },
): Promise<readonly { readonly n: number; readonly logIndex: number; readonly ts: number; readonly bytes: Bytes }[]> {
  const rows = await sql<{ n: number; log_index: number; ts: number; bytes: Uint8Array }[]>`
    SELECT n, log_index, ts, bytes FROM (
      SELECT n, log_index, ts, bytes, sum(octet_length(bytes)) OVER (ORDER BY n) - octet_length(bytes) AS before
      FROM links
      WHERE space_id = ${chain.space} AND chain_id = ${toColumn(chain.chainId)}
        AND n >= ${page.from} AND n < ${page.from + page.limit}
    ) AS page
    WHERE before < ${PAGE_BYTES} ORDER BY n`;
  return rows.map(({ n, log_index, ts, bytes }) => ({ n, logIndex: log_index, ts, bytes: toBytes(bytes) }));
}

/** Replays every stored link in the order of the log, through the same rules that accepted it. */
export async function loadChains(sql: Sql, chains: ChainMemory): Promise<void> {
  let after = -1;
  for (;;) {
    const rows = await sql<{ log_index: number; ts: number; bytes: Uint8Array }[]>`
      SELECT log_index, ts, bytes FROM links WHERE log_index > ${after} ORDER BY log_index LIMIT ${LOAD_PAGE}`;
    for (const { log_index, ts, bytes } of rows) {
      const parsed = parseLink(toBytes(bytes));
      const next = parsed.ok ? await applyLink(chains.view, parsed.value, { index: log_index, ts }) : parsed;
      if (!next.ok) throw new InvariantError(`the stored link at ${log_index} does not hold: ${next.error.code}`);
      chains.settle([next.value]);
      after = log_index;
    }
    if (rows.length < LOAD_PAGE) return;
  }
}

/** The key under which the links of a chain stand. */
export function spaceColumnOf(chains: ChainMemory, chainId: ChainId): Buffer<ArrayBuffer> {
  const state = chains.chain(chainId);
  if (state?.ct === "space") return toColumn(state.id);
  return state?.ct === "comp" ? toColumn(state.spaceId) : DIRECTORY_SPACE;
}

export function compIdOf(link: ParsedLink): CompId | undefined {
  return link.ct === "comp" ? bytesToId32<CompId>(toColumn(link.chainId)) : undefined;
}
