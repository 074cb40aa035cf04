import { createHash } from "node:crypto";
import {
  type Bytes,
  type ErrorCode,
  QUARANTINE_ACTS,
  type QuarantineAct,
  type QuarantineItem,
  type QuarantineQuery,
  type QuarantineSource,
  quarantineItem,
  toBytes,
} from "@caseroom/contract";
import type postgres from "postgres";
import { z } from "zod";
import { findingKindOf } from "./fault-place.ts";

/** What is put aside for a person. Either its bytes, or the file below the data folder in which they lie. */
export type PutAside = {
  readonly receivedMs: number;
  readonly source: QuarantineSource;
  readonly sender: string;
  readonly mediaType: string;
  readonly code: ErrorCode;
  readonly place: string;
  /** What its door has to know beside the bytes, in the door's own words. */
  readonly request?: string;
} & (
  | { readonly bytes: Bytes }
  | { readonly file: string; readonly size: number; readonly hash: Bytes }
  | { readonly packId: string }
);

/** Who acts: a member of staff, or the institution's administration by its token. */
export type Actor = { readonly id: string; readonly name: string };

/** An item with what its door needs to take it again. */
export type KeptItem = QuarantineItem & { readonly request: string | undefined; readonly packId: string | undefined };

/** Where the bytes of a version lie. */
export type KeptVersion = { readonly bytes: Bytes | undefined; readonly file: string | undefined };

/**
 * Keeps it once: a machine that sends the same bytes by the same door again changes nothing. What a person lets come again, a file or a pack,
 * waits again.
 */
export async function putAside(sql: postgres.ISql, aside: PutAside): Promise<void> {
  const packId = "packId" in aside ? aside.packId : null;
  const inserted = await sql<{ id: string }[]>`
    INSERT INTO quarantine (received_ms, source, sender, request, media_type, code, place, pack_id, bytes_hash)
    VALUES (${aside.receivedMs}, ${aside.source}, ${aside.sender}, ${aside.request ?? null}, ${aside.mediaType}, ${aside.code},
      ${aside.place}, ${packId}::bigint, ${Buffer.from(hashOf(aside))})
    ON CONFLICT (source, bytes_hash) DO UPDATE SET state = 'waiting'
      WHERE quarantine.source IN ('import', 'packer') AND quarantine.state <> 'waiting'
    RETURNING id::text`;
  const [row] = inserted;
  if (row === undefined || "packId" in aside) return;
  const [bytes, file, size] =
    "bytes" in aside ? [Buffer.from(aside.bytes), null, aside.bytes.length] : [null, aside.file, aside.size];
  await sql`
    INSERT INTO quarantine_version (quarantine_id, version, at_ms, size, bytes, file)
    VALUES (${row.id}::bigint, 1, ${aside.receivedMs}, ${size}, ${bytes}, ${file}) ON CONFLICT DO NOTHING`;
}

function hashOf(aside: PutAside): Bytes {
  if ("hash" in aside) return aside.hash;
  const hashed = "bytes" in aside ? aside.bytes : `pack/${aside.packId}`;
  return toBytes(createHash("sha256").update(hashed).digest());
}

const itemRow = quarantineItem.omit({ why: true }).extend({
  receivedMs: z.coerce.number(),
  version: z.coerce.number(),
  size: z.coerce.number(),
  request: z.string().nullable(),
  packId: z.string().nullable(),
});

/** Newest first. `next` is where the following page begins. */
export async function listQuarantine(
  sql: postgres.Sql,
  query: QuarantineQuery,
): Promise<{ readonly items: readonly QuarantineItem[]; readonly next: string | null; readonly waiting: number }> {
  const { state, source, before, limit } = query;
  const rows = await sql`
    ${selectItems(sql)} WHERE q.state = ${state}
      ${source === undefined ? sql`` : sql`AND q.source = ${source}`}
      ${before === undefined ? sql`` : sql`AND q.id < ${before}::bigint`}
    ORDER BY q.id DESC LIMIT ${limit + 1}`;
  const items = rows.slice(0, limit).map((row) => publicItem(readItem(row)));
  const [counted] = await sql<{ waiting: string }[]>`
    SELECT count(*)::text AS waiting FROM quarantine WHERE state = 'waiting'`;
  const next = rows.length > limit ? (items.at(-1)?.id ?? null) : null;
  return { items, next, waiting: Number(counted?.waiting ?? 0) };
}

export async function findItem(sql: postgres.ISql, id: string): Promise<KeptItem | undefined> {
  const [row] = await sql`${selectItems(sql)} WHERE q.id = ${id}::bigint`;
  return row === undefined ? undefined : readItem(row);
}

function selectItems(sql: postgres.ISql) {
  return sql`
    SELECT q.id::text, q.received_ms::text AS "receivedMs", q.source, q.sender, q.media_type AS "mediaType", q.code, q.place, q.state,
      q.request, q.pack_id::text AS "packId", coalesce(v.version, 0) AS version,
      coalesce(v.size, (SELECT sum(i.size) FROM imaging_instance i WHERE i.pack_id = q.pack_id), 0)::text AS size
    FROM quarantine q LEFT JOIN LATERAL (
      SELECT version, size FROM quarantine_version WHERE quarantine_id = q.id ORDER BY version DESC LIMIT 1) v ON true`;
}

function readItem(row: unknown): KeptItem {
  const { request, packId, ...item } = itemRow.parse(row);
  const why = packId === null ? findingKindOf(item.code, item.place) : "pack-refused";
  return { ...item, why, request: request ?? undefined, packId: packId ?? undefined };
}

export function publicItem({ request: _request, packId: _packId, ...item }: KeptItem): QuarantineItem {
  return item;
}

export async function findVersion(sql: postgres.ISql, id: string, version: number): Promise<KeptVersion | undefined> {
  const [row] = await sql<{ bytes: Uint8Array | null; file: string | null }[]>`
    SELECT bytes, file FROM quarantine_version WHERE quarantine_id = ${id}::bigint AND version = ${version}`;
  if (row === undefined) return undefined;
  return { bytes: row.bytes === null ? undefined : toBytes(row.bytes), file: row.file ?? undefined };
}

export async function listVersions(sql: postgres.ISql, id: string) {
  const rows = await sql<{ version: number; atMs: string; by: string | null; size: string }[]>`
    SELECT version, at_ms::text AS "atMs", by_name AS by, size::text FROM quarantine_version
    WHERE quarantine_id = ${id}::bigint ORDER BY version`;
  return rows.map((row) => ({ ...row, atMs: Number(row.atMs), size: Number(row.size) }));
}

export async function insertVersion(
  sql: postgres.ISql,
  version: KeptVersion & {
    readonly id: string;
    readonly version: number;
    readonly size: number;
    readonly by: Actor;
    readonly atMs: number;
  },
): Promise<void> {
  const bytes = version.bytes === undefined ? null : Buffer.from(version.bytes);
  await sql`
    INSERT INTO quarantine_version (quarantine_id, version, at_ms, by_id, by_name, size, bytes, file)
    VALUES (${version.id}::bigint, ${version.version}, ${version.atMs}, ${version.by.id}, ${version.by.name}, ${version.size},
      ${bytes}, ${version.file ?? null})`;
}

/** Its state from now on, and why not where it was tried in vain. */
export async function setState(
  sql: postgres.ISql,
  id: string,
  now: { readonly state: "replayed" | "discarded" } | { readonly code: ErrorCode; readonly place: string },
): Promise<void> {
  if ("state" in now) await sql`UPDATE quarantine SET state = ${now.state} WHERE id = ${id}::bigint`;
  else await sql`UPDATE quarantine SET code = ${now.code}, place = ${now.place} WHERE id = ${id}::bigint`;
}

type Act = {
  readonly act: QuarantineAct;
  readonly version: number | undefined;
  readonly code?: ErrorCode;
  readonly note?: string;
};

/** Every look and every act, by whom and when; never changed. */
export async function recordAct(
  sql: postgres.ISql,
  id: string,
  { act, version, code, note }: Act,
  by: Actor,
  atMs: number,
): Promise<void> {
  await sql`
    INSERT INTO quarantine_act (quarantine_id, at_ms, by_id, by_name, act, version, code, note)
    VALUES (${id}::bigint, ${atMs}, ${by.id}, ${by.name}, ${act}, ${version ?? null}, ${code ?? null}, ${note ?? null})`;
}

/** A screen that reads itself anew is one look of its person. */
const ONE_LOOK_MS = 10 * 60_000;

/** That somebody opened a version; once for a while of looking at it. */
export async function recordLook(
  sql: postgres.ISql,
  id: string,
  version: number,
  by: Actor,
  atMs: number,
): Promise<void> {
  const seen = await sql`
    SELECT FROM quarantine_act WHERE quarantine_id = ${id}::bigint AND act = 'opened' AND version = ${version} AND by_id = ${by.id}
      AND at_ms > ${atMs - ONE_LOOK_MS} LIMIT 1`;
  if (seen.length === 0) await recordAct(sql, id, { act: "opened", version }, by, atMs);
}

const actRow = z.object({
  act: z.enum(QUARANTINE_ACTS),
  atMs: z.coerce.number(),
  by: z.string(),
  version: z.number().nullable(),
  code: quarantineItem.shape.code.nullable(),
  note: z.string().nullable(),
});

const MAX_ACTS = 200;

/** The newest last. */
export async function listActs(sql: postgres.ISql, id: string): Promise<readonly z.infer<typeof actRow>[]> {
  const rows = await sql`
    SELECT act, at_ms::text AS "atMs", by_name AS by, version, code, note FROM quarantine_act
    WHERE quarantine_id = ${id}::bigint ORDER BY id DESC LIMIT ${MAX_ACTS}`;
  return rows.map((row) => actRow.parse(row)).reverse();
}
