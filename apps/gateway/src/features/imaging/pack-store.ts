import type { Bytes, ErrorCode } from "@caseroom/contract";
import { toBytes } from "@caseroom/contract";
import type postgres from "postgres";
import { putAside } from "../quarantine/quarantine-store.ts";

/** An instance that is kept and not sealed yet, or not announced yet. */
export type StoredInstance = {
  readonly sop: string;
  readonly file: string;
  readonly size: number;
  readonly header: string;
  readonly headerBytes: number;
  readonly association: string;
  readonly receivedMs: number;
};
export type SeriesKey = { readonly patientId: string; readonly study: string; readonly series: string };
export type Pack = SeriesKey & {
  readonly id: string;
  readonly state: "closed" | "uploaded";
};

/** Series with instances that no pack holds yet. */
export async function listOpenSeries(sql: postgres.Sql): Promise<readonly SeriesKey[]> {
  return sql<SeriesKey[]>`
    SELECT DISTINCT patient_id::text AS "patientId", study, series FROM imaging_instance
    WHERE state = 'received' AND pack_id IS NULL`;
}

/** The instances of a series that no pack holds, in the order in which they came. */
export async function listUnpacked(sql: postgres.Sql, key: SeriesKey): Promise<readonly StoredInstance[]> {
  const rows = await sql<(Omit<StoredInstance, "size" | "receivedMs"> & { size: string; receivedMs: string })[]>`
    SELECT sop, file, size::text, '' AS header, octet_length(header) AS "headerBytes", association, received_ms::text AS "receivedMs"
    FROM imaging_instance
    WHERE state = 'received' AND pack_id IS NULL AND series = ${key.series} AND study = ${key.study} AND patient_id = ${key.patientId}::bigint
    ORDER BY received_ms, sop`;
  return rows.map((row) => ({ ...row, size: Number(row.size), receivedMs: Number(row.receivedMs) }));
}

export async function countPacks(sql: postgres.Sql, key: SeriesKey): Promise<number> {
  const [row] = await sql<{ packs: number }[]>`
    SELECT count(*)::integer AS packs FROM imaging_pack
    WHERE patient_id = ${key.patientId}::bigint AND study = ${key.study} AND series = ${key.series}`;
  return row?.packs ?? 0;
}

/** Decides, once and for all, which instances are a pack. */
export async function closePack(
  sql: postgres.Sql,
  key: SeriesKey,
  sops: readonly string[],
  nowMs: number,
): Promise<void> {
  await sql.begin(async (tx) => {
    const [pack] = await tx<{ id: string }[]>`
      INSERT INTO imaging_pack (patient_id, study, series, state, closed_ms, instances)
      VALUES (${key.patientId}::bigint, ${key.study}, ${key.series}, 'closed', ${nowMs}, ${sops.length}) RETURNING id::text`;
    if (pack === undefined) throw new Error("an insert returns its row");
    await tx`UPDATE imaging_instance SET pack_id = ${pack.id}::bigint WHERE sop = ANY(${sops}::text[]) AND pack_id IS NULL`;
  });
}

/** Packs on their way, oldest first. */
export async function listPacks(sql: postgres.Sql): Promise<readonly Pack[]> {
  return sql<Pack[]>`
    SELECT id::text, patient_id::text AS "patientId", study, series, state FROM imaging_pack
    WHERE state IN ('closed', 'uploaded') ORDER BY id`;
}

export async function listInstances(sql: postgres.Sql, packId: string): Promise<readonly StoredInstance[]> {
  const rows = await sql<(Omit<StoredInstance, "size" | "receivedMs"> & { size: string; receivedMs: string })[]>`
    SELECT sop, file, size::text, header, octet_length(header) AS "headerBytes", association, received_ms::text AS "receivedMs"
    FROM imaging_instance WHERE pack_id = ${packId}::bigint ORDER BY sop`;
  return rows.map((row) => ({ ...row, size: Number(row.size), receivedMs: Number(row.receivedMs) }));
}

export async function markUploaded(sql: postgres.Sql, packId: string, descriptors: Bytes): Promise<void> {
  await sql`UPDATE imaging_pack SET state = 'uploaded', descriptors = ${Buffer.from(descriptors)} WHERE id = ${packId}::bigint`;
}

/** A pack that can never be sent waits in quarantine for a person. */
export async function markRefused(sql: postgres.Sql, pack: Pack, code: ErrorCode, nowMs: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`UPDATE imaging_pack SET state = 'refused' WHERE id = ${pack.id}::bigint`;
    await putAside(tx, {
      receivedMs: nowMs,
      source: "packer",
      sender: pack.series,
      mediaType: "application/dicom",
      code,
      place: "",
      packId: pack.id,
    });
  });
}

/** Somebody lets a refused pack be tried once more; false when it is not refused any more. */
export async function reopenPack(sql: postgres.ISql, packId: string): Promise<boolean> {
  const rows = await sql`
    UPDATE imaging_pack SET state = 'closed' WHERE id = ${packId}::bigint AND state = 'refused' RETURNING id`;
  return rows.length === 1;
}

/** Everything of a series that the hub has, in the order of packing. */
export async function listDescribed(
  sql: postgres.Sql,
  key: SeriesKey,
): Promise<readonly { readonly id: string; readonly descriptors: Bytes; readonly isAnnounced: boolean }[]> {
  const rows = await sql<{ id: string; descriptors: Uint8Array; state: string }[]>`
    SELECT id::text, descriptors, state FROM imaging_pack
    WHERE patient_id = ${key.patientId}::bigint AND study = ${key.study} AND series = ${key.series}
      AND state IN ('uploaded', 'announced') ORDER BY id`;
  return rows.map((row) => ({
    id: row.id,
    descriptors: toBytes(row.descriptors),
    isAnnounced: row.state === "announced",
  }));
}

export type StudyInstance = {
  readonly series: string;
  readonly sop: string;
  readonly sopClass: string;
  readonly modality: string;
};

/** The instances of a study whose packs the hub has, ordered so that the same state gives the same text. */
export async function listStudyInstances(
  sql: postgres.Sql,
  key: Omit<SeriesKey, "series">,
): Promise<readonly StudyInstance[]> {
  return sql<StudyInstance[]>`
    SELECT i.series, i.sop, i.sop_class AS "sopClass", i.modality FROM imaging_instance i JOIN imaging_pack p ON p.id = i.pack_id
    WHERE p.state IN ('uploaded', 'announced') AND p.patient_id = ${key.patientId}::bigint AND p.study = ${key.study}
    ORDER BY i.series, p.id, i.sop`;
}

/** One header of each series of a study. */
export async function listSeriesHeaders(
  sql: postgres.Sql,
  key: Omit<SeriesKey, "series">,
): Promise<readonly { readonly series: string; readonly header: string }[]> {
  return sql<{ series: string; header: string }[]>`
    SELECT DISTINCT ON (series) series, header FROM imaging_instance
    WHERE patient_id = ${key.patientId}::bigint AND study = ${key.study} AND pack_id IS NOT NULL ORDER BY series, pack_id, sop`;
}

/** The hub has the manifest: what is left here of these instances is what tells a repetition from a conflict. */
export async function markAnnounced(sql: postgres.Sql, packIds: readonly string[]): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`UPDATE imaging_pack SET state = 'announced' WHERE id = ANY(${packIds}::bigint[])`;
    await tx`UPDATE imaging_instance SET state = 'packed' WHERE pack_id = ANY(${packIds}::bigint[])`;
  });
}

/** Files of sealed instances, for whoever removes them. */
export async function listFiles(sql: postgres.Sql, packId: string): Promise<readonly string[]> {
  const rows = await sql<{ file: string }[]>`SELECT file FROM imaging_instance WHERE pack_id = ${packId}::bigint`;
  return rows.map(({ file }) => file);
}
