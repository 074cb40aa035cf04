import type postgres from "postgres";
import { z } from "zod";

/** Search of FHIR R4 (§3.1.1) over what this institution may read: the parameters that phase 1 offers. */
export const searchParameters = z.strictObject({
  identifier: z.string().max(512).optional(),
  "patient.identifier": z.string().max(512).optional(),
  "subject.identifier": z.string().max(512).optional(),
  code: z.string().max(512).optional(),
  date: z.union([z.string().max(64), z.array(z.string().max(64)).max(4)]).optional(),
  _count: z.coerce.number().int().min(0).max(1000).default(50),
});
export type SearchParameters = z.infer<typeof searchParameters>;
export const SEARCHED_TYPES = ["Patient", "Observation"] as const;
export type SearchedType = (typeof SEARCHED_TYPES)[number];

export type Found = { readonly id: string; readonly json: string };

/** Newest first. Answers the page and how many there are in all; `undefined` for a date that is none. */
export async function searchResources(
  sql: postgres.Sql,
  type: SearchedType,
  parameters: SearchParameters,
): Promise<{ readonly total: number; readonly found: readonly Found[] } | undefined> {
  const dates = (typeof parameters.date === "string" ? [parameters.date] : (parameters.date ?? [])).map(parseDate);
  if (dates.some((date) => date === undefined)) return undefined;
  const patient = parameters["patient.identifier"] ?? parameters["subject.identifier"];
  const conditions = [
    sql`r.resource_type = ${type}`,
    ...tokenCondition(sql, "identifier", parameters.identifier),
    ...tokenCondition(sql, "code", parameters.code),
    ...(patient === undefined ? [] : [patientCondition(sql, patient)]),
    ...dates.flatMap((date) => (date === undefined ? [] : [dateCondition(sql, date)])),
  ];
  const where = conditions.reduce((all, one) => sql`${all} AND ${one}`);
  const rows = await sql<{ entry_id: string; position: number; json: string; total: string }[]>`
    SELECT r.entry_id, r.position, r.json, count(*) OVER ()::text AS total FROM fhir_resource r
    WHERE ${where} ORDER BY r.effective_ms DESC NULLS LAST, r.received_ms DESC, r.entry_id, r.position LIMIT ${Math.max(1, parameters._count)}`;
  const found = rows
    .slice(0, parameters._count)
    .map((row) => ({ id: `${row.entry_id.slice(0, 48)}-${row.position}`, json: row.json }));
  return { total: Number(rows[0]?.total ?? 0), found };
}

/** system|value, |value, or value alone (§3.1.1.4.10). */
function tokenCondition(sql: postgres.Sql, parameter: string, token: string | undefined) {
  if (token === undefined) return [];
  const { system, value } = parseToken(token);
  return [
    sql`EXISTS (SELECT 1 FROM fhir_token t WHERE (t.space_id, t.entry_id, t.position) = (r.space_id, r.entry_id, r.position)
      AND t.parameter = ${parameter} AND t.value = ${value} ${system === undefined ? sql`` : sql`AND t.system = ${system}`})`,
  ];
}

/** A chart is one institution's record of one patient: its resources are those of whoever has the identifier there. */
function patientCondition(sql: postgres.Sql, token: string) {
  const { system, value } = parseToken(token);
  return sql`r.space_id IN (SELECT t.space_id FROM fhir_token t WHERE t.parameter = 'identifier' AND t.resource_type = 'Patient'
    AND t.value = ${value} ${system === undefined ? sql`` : sql`AND t.system = ${system}`})`;
}

function parseToken(token: string): { readonly system: string | undefined; readonly value: string } {
  const bar = token.lastIndexOf("|");
  return bar < 0 ? { system: undefined, value: token } : { system: token.slice(0, bar), value: token.slice(bar + 1) };
}

type DateRange = {
  readonly comparator: "eq" | "ge" | "gt" | "le" | "lt";
  readonly fromMs: number;
  readonly untilMs: number;
};

/** A date of any precision stands for the whole of its period (§3.1.1.4.7). */
function parseDate(text: string): DateRange | undefined {
  const match = /^(eq|ge|gt|le|lt)?(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?$/.exec(text);
  if (match === null) return undefined;
  const comparator = (["eq", "ge", "gt", "le", "lt"] as const).find((one) => one === match[1]) ?? "eq";
  const [year, month, day] = [Number(match[2]), Number(match[3] ?? "1") - 1, Number(match[4] ?? "1")];
  if (match[5] !== undefined) {
    const at = Date.parse(`${match[2]}-${match[3]}-${match[4]}${match[5]}`);
    return Number.isNaN(at) ? undefined : { comparator, fromMs: at, untilMs: at + 1000 };
  }
  const fromMs = Date.UTC(year, month, day);
  const untilMs =
    match[4] !== undefined
      ? Date.UTC(year, month, day + 1)
      : match[3] !== undefined
        ? Date.UTC(year, month + 1, 1)
        : Date.UTC(year + 1, 0, 1);
  return { comparator, fromMs, untilMs };
}

function dateCondition(sql: postgres.Sql, { comparator, fromMs, untilMs }: DateRange) {
  switch (comparator) {
    case "eq":
      return sql`r.effective_ms >= ${fromMs} AND r.effective_ms < ${untilMs}`;
    case "ge":
      return sql`r.effective_ms >= ${fromMs}`;
    case "gt":
      return sql`r.effective_ms >= ${untilMs}`;
    case "le":
      return sql`r.effective_ms < ${untilMs}`;
    case "lt":
      return sql`r.effective_ms < ${fromMs}`;
  }
}
