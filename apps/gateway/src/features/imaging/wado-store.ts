import type { ByteSpan } from "@caseroom/client";
import { type CompId, InvariantError, parseId32, toBytes } from "@caseroom/contract";
import { decodeStrict } from "@caseroom/crypto/verify";
import { type BlobDescriptor, parseBlobDescriptor } from "@caseroom/space/secret";
import type postgres from "postgres";
import type { QidoQuery } from "./qido-query.ts";
import { type Condition, conditionsOf } from "./qido-search.ts";

/** Where an instance is and what it is. */
export type ImagingObject = {
  readonly study: string;
  readonly series: string;
  readonly sop: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  readonly compId: CompId;
  readonly descriptor: BlobDescriptor;
  readonly offset: number;
  readonly length: number;
  readonly frames: readonly ByteSpan[];
};
export type WadoScope = { readonly study: string; readonly series?: string; readonly sop?: string };

type Row = {
  readonly study: string;
  readonly series: string;
  readonly sop: string;
  readonly sop_class: string;
  readonly transfer_syntax: string;
  readonly comp_id: string;
  readonly descriptor: Uint8Array;
  readonly byte_offset: string;
  readonly byte_length: string;
  readonly frames: readonly (readonly [number, number])[];
};

/** The instances under a path in the order of their packs, so that each segment is read once. An instance that two charts hold is one. */
export async function findObjects(sql: postgres.Sql, scope: WadoScope): Promise<readonly ImagingObject[]> {
  return selectObjects(sql, sql`imaging_object o WHERE ${scopeCondition(sql, scope)}`, undefined);
}

/** The instances that fulfil a query, in the same order. */
export async function findMatchingObjects(
  sql: postgres.Sql,
  { matches, limit }: Pick<QidoQuery, "matches" | "limit">,
): Promise<readonly ImagingObject[]> {
  const joined = sql`imaging_object o JOIN imaging_series s ON s.space_id = o.space_id AND s.author = o.author AND s.series = o.series`;
  const where = conditionsOf(sql, {}, { matches }).reduce((all, one) => sql`${all} AND ${one}`, sql`true`);
  return selectObjects(sql, sql`${joined} WHERE ${where}`, limit);
}

async function selectObjects(
  sql: postgres.Sql,
  source: Condition,
  limit: number | undefined,
): Promise<readonly ImagingObject[]> {
  const rows = await sql<Row[]>`
    SELECT * FROM (
      SELECT DISTINCT ON (o.series, o.sop) o.study, o.series, o.sop, o.sop_class, o.transfer_syntax, o.comp_id, o.blob_id, o.descriptor,
        o.byte_offset::text, o.byte_length::text, o.frames
      FROM ${source} ORDER BY o.series, o.sop, o.space_id, o.author) one
    ORDER BY series, blob_id, byte_offset::bigint LIMIT ${limit ?? null}`;
  return rows.map(toObject);
}

/** The headers of the instances under a path, in batches: a study may have thousands. */
export async function* findHeaders(
  sql: postgres.Sql,
  scope: WadoScope,
): AsyncGenerator<{
  readonly study: string;
  readonly series: string;
  readonly sop: string;
  readonly transferSyntax: string;
  readonly header: string;
}> {
  const rows = sql<{ study: string; series: string; sop: string; transferSyntax: string; header: string }[]>`
    SELECT * FROM (
      SELECT DISTINCT ON (series, sop) study, series, sop, transfer_syntax AS "transferSyntax", number, header
      FROM imaging_object WHERE ${scopeCondition(sql, scope)} ORDER BY series, sop, space_id, author) one
    ORDER BY series, number, sop`;
  for await (const batch of rows.cursor(50)) for (const row of batch) yield row;
}

function scopeCondition(sql: postgres.Sql, { study, series, sop }: WadoScope) {
  return sql`study = ${study} ${series === undefined ? sql`` : sql`AND series = ${series}`} ${sop === undefined ? sql`` : sql`AND sop = ${sop}`}`;
}

function toObject(row: Row): ImagingObject {
  const compId = parseId32<CompId>(row.comp_id);
  const decoded = decodeStrict(toBytes(row.descriptor));
  const descriptor = decoded.ok ? parseBlobDescriptor(decoded.value) : undefined;
  if (compId === undefined || descriptor === undefined) throw new InvariantError("a row is kept as it was written");
  return {
    study: row.study,
    series: row.series,
    sop: row.sop,
    sopClass: row.sop_class,
    transferSyntax: row.transfer_syntax,
    compId,
    descriptor,
    offset: Number(row.byte_offset),
    length: Number(row.byte_length),
    frames: row.frames.map(([offset, length]) => ({ offset, length })),
  };
}
