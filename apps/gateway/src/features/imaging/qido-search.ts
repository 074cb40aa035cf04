import type postgres from "postgres";
import type { QidoLevel } from "./qido-attributes.ts";
import type { QidoQuery } from "./qido-query.ts";

/** UIDs that the path of a request fixes. */
export type QidoScope = { readonly study?: string; readonly series?: string };

export type QidoFound = {
  readonly study: string;
  readonly series: string;
  readonly sop: string;
  readonly institution: string;
  /** DICOM JSON of an instance of what was found. */
  readonly header: string;
  readonly transferSyntax: string;
  readonly modalities: readonly string[];
  readonly sopClasses: readonly string[];
  readonly seriesCount: number;
  readonly instanceCount: number;
};

/** Newest study first; within it by series and instance number. A study of which two institutions have parts is one. */
export async function searchImages(
  sql: postgres.Sql,
  level: QidoLevel,
  scope: QidoScope,
  query: QidoQuery,
): Promise<readonly QidoFound[]> {
  const where = conditionsOf(sql, scope, query).reduce((all, one) => sql`${all} AND ${one}`, sql`true`);
  const joined = sql`imaging_series s JOIN imaging_object o ON o.space_id = s.space_id AND o.author = s.author AND o.series = s.series`;
  switch (level) {
    case "study":
      return sql<QidoFound[]>`
        WITH found AS (
          SELECT s.study, max(s.study_date || s.study_time) AS at FROM ${joined} WHERE ${where} GROUP BY s.study
          ORDER BY at DESC, s.study LIMIT ${query.limit} OFFSET ${query.offset})
        SELECT f.study, '' AS series, '' AS sop, h.institution, h.header, '' AS "transferSyntax",
          (SELECT array_agg(DISTINCT x.modality) FROM imaging_series x WHERE x.study = f.study) AS modalities,
          (SELECT array_agg(DISTINCT x.sop_class) FROM imaging_object x WHERE x.study = f.study) AS "sopClasses",
          (SELECT count(DISTINCT x.series)::integer FROM imaging_series x WHERE x.study = f.study) AS "seriesCount",
          (SELECT count(DISTINCT x.sop)::integer FROM imaging_object x WHERE x.study = f.study) AS "instanceCount"
        FROM found f CROSS JOIN LATERAL
          (SELECT x.header, x.institution FROM imaging_series x WHERE x.study = f.study ORDER BY x.series_number, x.series, x.space_id LIMIT 1) h
        ORDER BY f.at DESC, f.study`;
    case "series":
      return sql<QidoFound[]>`
        WITH found AS (
          SELECT s.study, s.series, max(s.study_date || s.study_time) AS at, min(lpad(s.series_number, 12, '0')) AS no
          FROM ${joined} WHERE ${where} GROUP BY s.study, s.series
          ORDER BY at DESC, s.study, no, s.series LIMIT ${query.limit} OFFSET ${query.offset})
        SELECT f.study, f.series, '' AS sop, h.institution, h.header, '' AS "transferSyntax",
          (SELECT array_agg(DISTINCT x.modality) FROM imaging_series x WHERE x.study = f.study) AS modalities,
          '{}'::text[] AS "sopClasses",
          (SELECT count(DISTINCT x.series)::integer FROM imaging_series x WHERE x.study = f.study) AS "seriesCount",
          (SELECT count(DISTINCT x.sop)::integer FROM imaging_object x WHERE x.series = f.series AND x.study = f.study) AS "instanceCount"
        FROM found f CROSS JOIN LATERAL
          (SELECT x.header, x.institution FROM imaging_series x WHERE x.study = f.study AND x.series = f.series ORDER BY x.space_id, x.author LIMIT 1) h
        ORDER BY f.at DESC, f.study, f.no, f.series`;
    case "instance":
      return sql<QidoFound[]>`
        WITH found AS (
          SELECT DISTINCT ON (o.study, o.series, o.sop) o.study, o.series, o.sop, o.header, o.transfer_syntax, o.number, s.institution,
            s.study_date || s.study_time AS at, lpad(s.series_number, 12, '0') AS no
          FROM ${joined} WHERE ${where} ORDER BY o.study, o.series, o.sop, o.space_id, o.author)
        SELECT f.study, f.series, f.sop, f.institution, f.header, f.transfer_syntax AS "transferSyntax",
          '{}'::text[] AS modalities, '{}'::text[] AS "sopClasses", 0 AS "seriesCount", 0 AS "instanceCount"
        FROM found f ORDER BY f.at DESC, f.study, f.no, f.series, f.number, f.sop LIMIT ${query.limit} OFFSET ${query.offset}`;
  }
}

export type Condition = postgres.PendingQuery<postgres.Row[]>;

/** What a series `s` and an object `o` must fulfil, as a condition each. */
export function conditionsOf(
  sql: postgres.Sql,
  scope: QidoScope,
  { matches }: Pick<QidoQuery, "matches">,
): Condition[] {
  const conditions: Condition[] = [];
  if (scope.study !== undefined) conditions.push(sql`s.study = ${scope.study}`);
  if (scope.series !== undefined) conditions.push(sql`s.series = ${scope.series}`);
  for (const [tag, values] of matches) {
    const uid = uidColumn(sql, tag);
    if (uid !== undefined) {
      conditions.push(sql`${uid} = ANY(${[...values]}::text[])`);
      continue;
    }
    const any = values.map((value) => conditionOf(sql, tag, value));
    const [first, ...rest] = any;
    if (first !== undefined) conditions.push(sql`(${rest.reduce((all, one) => sql`${all} OR ${one}`, first)})`);
  }
  return conditions;
}

function uidColumn(sql: postgres.Sql, tag: string): Condition | undefined {
  switch (tag) {
    case "0020000D":
      return sql`s.study`;
    case "0020000E":
      return sql`s.series`;
    case "00080018":
      return sql`o.sop`;
    case "00080016":
      return sql`o.sop_class`;
    default:
      return undefined;
  }
}

function conditionOf(sql: postgres.Sql, tag: string, value: string): Condition {
  switch (tag) {
    case "00200013":
      return sql`o.number::text = ${value}`;
    case "00080061":
      return sql`EXISTS (SELECT FROM imaging_series m WHERE m.study = s.study AND m.modality ILIKE ${pattern(value)})`;
    case "00100010":
      return sql`EXISTS (SELECT FROM unnest(s.patient_names) AS name WHERE rtrim(name, '^ ') ILIKE ${pattern(value)})`;
    case "00080090":
      return sql`EXISTS (SELECT FROM unnest(s.referring_names) AS name WHERE rtrim(name, '^ ') ILIKE ${pattern(value)})`;
    case "00080020":
      return rangeCondition(sql, sql`s.study_date`, value);
    case "00080030":
      return rangeCondition(sql, sql`rpad(split_part(s.study_time, '.', 1), 6, '0')`, value);
    case "00100030":
      return rangeCondition(sql, sql`s.patient_birth_date`, value);
    default:
      return sql`${columnOf(sql, tag)} ILIKE ${pattern(value)}`;
  }
}

function columnOf(sql: postgres.Sql, tag: string): Condition {
  switch (tag) {
    case "00080050":
      return sql`s.accession_number`;
    case "00080060":
      return sql`s.modality`;
    case "00081030":
      return sql`s.study_description`;
    case "0008103E":
      return sql`s.series_description`;
    case "00100020":
      return sql`s.patient_id`;
    case "00180015":
      return sql`s.body_part`;
    case "00200010":
      return sql`s.study_id`;
    default:
      return sql`s.series_number`;
  }
}

/** A range is written from-to, either of which may be missing (PS3.4 §C.2.2.2.5); what has no date is in none. */
function rangeCondition(sql: postgres.Sql, column: Condition, value: string): Condition {
  const dash = value.indexOf("-");
  const digits = (text: string) => text.replaceAll(/[^0-9]/g, "");
  if (dash < 0) return sql`${column} = ${padTime(digits(value), "0")}`;
  const from = digits(value.slice(0, dash));
  const until = digits(value.slice(dash + 1));
  const low = from === "" ? sql`${column} <> ''` : sql`${column} >= ${padTime(from, "0")}`;
  return until === "" ? low : sql`${low} AND ${column} <> '' AND ${column} <= ${padTime(until, "9")}`;
}

/** A date has eight digits; a time may be cut short. */
function padTime(digits: string, fill: string): string {
  return digits.length < 6 ? digits.padEnd(6, fill) : digits;
}

/** Wildcard matching of PS3.4 §C.2.2.2.4 as a LIKE pattern. */
function pattern(value: string): string {
  return value
    .replaceAll(/[\\%_]/g, "\\$&")
    .replaceAll("*", "%")
    .replaceAll("?", "_");
}
