import type postgres from "postgres";
import type { QidoQuery } from "./qido-query.ts";
import { conditionsOf } from "./qido-search.ts";

/** A patient as one institution knows them: two institutions may have given one number to two people. */
export type FoundPatient = {
  readonly patientId: string;
  /** DICOM JSON of an instance of the newest study. */
  readonly header: string;
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
};

/** The patients of whom there is an image that fulfils the query, by their number. */
export async function searchPatients(
  sql: postgres.Sql,
  query: Pick<QidoQuery, "matches" | "limit" | "offset">,
): Promise<readonly FoundPatient[]> {
  const where = conditionsOf(sql, {}, query).reduce((all, one) => sql`${all} AND ${one}`, sql`true`);
  return sql<FoundPatient[]>`
    WITH found AS (
      SELECT DISTINCT s.patient_id, s.author
      FROM imaging_series s JOIN imaging_object o ON o.space_id = s.space_id AND o.author = s.author AND o.series = s.series
      WHERE ${where} ORDER BY s.patient_id, s.author LIMIT ${query.limit} OFFSET ${query.offset})
    SELECT f.patient_id AS "patientId", n.header, c.studies, c.series, c.instances
    FROM found f
    CROSS JOIN LATERAL (
      SELECT x.header FROM imaging_series x WHERE x.patient_id = f.patient_id AND x.author = f.author
      ORDER BY x.study_date || x.study_time DESC, x.series LIMIT 1) n
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT x.study)::integer AS studies, count(DISTINCT x.series)::integer AS series,
        count(DISTINCT y.sop)::integer AS instances
      FROM imaging_series x JOIN imaging_object y ON y.space_id = x.space_id AND y.author = x.author AND y.series = x.series
      WHERE x.patient_id = f.patient_id AND x.author = f.author) c
    ORDER BY f.patient_id, f.author`;
}
