import type { ImagingManifest, ImagingPack, PackRow } from "@caseroom/client";
import type { Bytes } from "@caseroom/contract";
import { encodeCbor } from "@caseroom/crypto/verify";
import { encodeBlobDescriptor } from "@caseroom/space/secret";
import type postgres from "postgres";
import { firstText, namesOf, parseHeader } from "./qido-header.ts";

export type WaitingManifest = {
  readonly spaceId: string;
  readonly entryId: string;
  readonly compId: string;
  readonly n: number;
  readonly author: string;
  readonly institution: string;
  readonly body: Bytes;
  readonly tries: number;
};

/** A pack of a manifest, with its index unless that had been read before. */
export type ReadPack = { readonly pack: ImagingPack; readonly rows: readonly PackRow[] | undefined };

const INSERT_BATCH = 200;

/** Blob ids of the packs of a series whose objects are filed already. */
export async function knownPacks(
  sql: postgres.Sql,
  { spaceId, author }: WaitingManifest,
  series: string,
): Promise<ReadonlySet<string>> {
  const rows = await sql<{ blob_id: string }[]>`
    SELECT DISTINCT blob_id FROM imaging_object WHERE space_id = ${spaceId} AND author = ${author} AND series = ${series}`;
  return new Set(rows.map((row) => row.blob_id));
}

/** Files what a manifest says of its series, unless a later one has been filed; what only earlier ones named goes. */
export async function fileSeries(
  sql: postgres.Sql,
  input: { readonly row: WaitingManifest; readonly manifest: ImagingManifest; readonly packs: readonly ReadPack[] },
): Promise<void> {
  const { row, manifest, packs } = input;
  const { spaceId, author, entryId } = row;
  await sql.begin(async (tx) => {
    const later = await tx`
      SELECT FROM imaging_series WHERE space_id = ${spaceId} AND author = ${author} AND series = ${manifest.series} AND n > ${row.n} FOR UPDATE`;
    const withdrawn = await tx`
      SELECT FROM imaging_manifest WHERE space_id = ${spaceId} AND entry_id = ${entryId} AND state <> 'waiting' FOR UPDATE`;
    if (later.length > 0 || withdrawn.length > 0) {
      await tx`
        UPDATE imaging_manifest SET state = 'superseded' WHERE space_id = ${spaceId} AND entry_id = ${entryId} AND state = 'waiting'`;
      return;
    }
    const blobIds = packs.map(({ pack }) => pack.blob.blobId);
    await tx`
      DELETE FROM imaging_object WHERE space_id = ${spaceId} AND author = ${author} AND series = ${manifest.series}
        AND blob_id <> ALL(${blobIds}::text[])`;
    for (const { pack, rows } of packs) if (rows !== undefined) await insertObjects(tx, row, manifest, pack, rows);
    await upsertSeries(tx, row, manifest);
    await tx`UPDATE imaging_manifest SET state = 'read' WHERE space_id = ${spaceId} AND entry_id = ${entryId}`;
  });
}

async function insertObjects(
  sql: postgres.ISql,
  { spaceId, author, compId }: WaitingManifest,
  { study, series }: ImagingManifest,
  { blob }: ImagingPack,
  rows: readonly PackRow[],
): Promise<void> {
  const descriptor = Buffer.from(encodeCbor(encodeBlobDescriptor(blob)));
  for (let at = 0; at < rows.length; at += INSERT_BATCH) {
    const batch = rows.slice(at, at + INSERT_BATCH);
    await sql`
      INSERT INTO imaging_object (space_id, author, sop, series, study, sop_class, transfer_syntax, number, comp_id, blob_id, descriptor,
        byte_offset, byte_length, frames, header)
      SELECT ${spaceId}, ${author}, r.sop, ${series}, ${study}, r.sop_class, r.transfer_syntax, r.number, ${compId}, ${blob.blobId},
        ${descriptor}::bytea, r.byte_offset, r.byte_length, r.frames::jsonb, r.header
      FROM unnest(${batch.map((row) => row.sop)}::text[], ${batch.map((row) => row.sopClass)}::text[],
        ${batch.map((row) => row.transferSyntax)}::text[], ${batch.map((row) => row.number)}::bigint[],
        ${batch.map((row) => row.offset)}::bigint[], ${batch.map((row) => row.length)}::bigint[],
        ${batch.map((row) => JSON.stringify(row.frames.map(({ offset, length }) => [offset, length])))}::text[],
        ${batch.map((row) => row.header)}::text[])
        AS r (sop, sop_class, transfer_syntax, number, byte_offset, byte_length, frames, header)
      ON CONFLICT (space_id, author, sop) DO NOTHING`;
  }
}

async function upsertSeries(sql: postgres.ISql, row: WaitingManifest, manifest: ImagingManifest): Promise<void> {
  const { spaceId, author } = row;
  const [first] = await sql<{ header: string }[]>`
    SELECT header FROM imaging_object WHERE space_id = ${spaceId} AND author = ${author} AND series = ${manifest.series}
    ORDER BY number, sop LIMIT 1`;
  if (first === undefined) return;
  const header = parseHeader(first.header);
  const text = (tag: string) => firstText(header, tag) ?? "";
  await sql`
    INSERT INTO imaging_series (space_id, author, series, study, entry_id, n, institution, modality, patient_id, patient_names,
      patient_birth_date, study_date, study_time, study_id, study_description, accession_number, referring_names, series_number,
      series_description, body_part, header)
    VALUES (${spaceId}, ${author}, ${manifest.series}, ${manifest.study}, ${row.entryId}, ${row.n}, ${row.institution},
      ${manifest.modality}, ${text("00100020")}, ${[...namesOf(header, "00100010")]}::text[], ${text("00100030")},
      ${text("00080020")}, ${text("00080030")}, ${text("00200010")}, ${text("00081030")}, ${text("00080050")},
      ${[...namesOf(header, "00080090")]}::text[], ${text("00200011")}, ${text("0008103E")}, ${text("00180015")}, ${first.header})
    ON CONFLICT (space_id, author, series) DO UPDATE SET study = excluded.study, entry_id = excluded.entry_id, n = excluded.n,
      institution = excluded.institution, modality = excluded.modality, patient_id = excluded.patient_id,
      patient_names = excluded.patient_names, patient_birth_date = excluded.patient_birth_date, study_date = excluded.study_date,
      study_time = excluded.study_time, study_id = excluded.study_id, study_description = excluded.study_description,
      accession_number = excluded.accession_number, referring_names = excluded.referring_names,
      series_number = excluded.series_number, series_description = excluded.series_description, body_part = excluded.body_part,
      header = excluded.header`;
}
