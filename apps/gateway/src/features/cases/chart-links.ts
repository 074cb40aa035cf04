import { maskIdentifier } from "@caseroom/clinical";
import {
  type ChartLink,
  type ChartLinkAnswer,
  chartLink,
  type Failure,
  failure,
  ok,
  type Result,
} from "@caseroom/contract";
import type postgres from "postgres";
import { z } from "zod";
import type { Actor } from "../quarantine/quarantine-store.ts";

const identifiers = z.array(z.object({ system: z.string(), value: z.string() }));
const person = z.object({
  name: z.string(),
  birthDate: z.string().nullish(),
  sex: z.string().nullish(),
  identifiers,
});
const row = chartLink.pick({ spaceId: true, patientId: true, caseName: true, state: true }).extend({
  by: z.string().nullable(),
  atMs: z.coerce.number(),
  inCase: person,
  onRecord: person,
});

const MAX_LINKS = 200;

/** Charts of this institution that are, may be or are not a case's patient's, both records side by side (architecture.md §1). */
export async function listLinks(sql: postgres.Sql): Promise<readonly ChartLink[]> {
  const rows = await sql`
    SELECT l.space_id AS "spaceId", l.patient_id::text AS "patientId", c.name AS "caseName", l.state, a.by_name AS by,
      coalesce(a.at_ms, 0)::text AS "atMs", c.patient AS "inCase",
      jsonb_build_object('name', p.name, 'birthDate', p.birth_date, 'sex', p.sex, 'identifiers',
        (SELECT coalesce(jsonb_agg(jsonb_build_object('system', i.system, 'value', i.value) ORDER BY i.system), '[]')
          FROM patient_identifier i WHERE i.patient_id = p.id)) AS "onRecord"
    FROM chart_link l JOIN case_file c ON c.space_id = l.space_id JOIN patient p ON p.id = l.patient_id
    LEFT JOIN LATERAL (SELECT by_name, at_ms FROM chart_link_answer
      WHERE space_id = l.space_id AND patient_id = l.patient_id ORDER BY id DESC LIMIT 1) a ON true
    ORDER BY (l.state = 'suggested') DESC, a.at_ms DESC NULLS LAST, l.space_id, l.patient_id LIMIT ${MAX_LINKS}`;
  return rows.map((one) => toLink(row.parse(one)));
}

function toLink({ by, atMs, inCase, onRecord, ...link }: z.infer<typeof row>): ChartLink {
  const shared = inCase.identifiers.filter((one) =>
    onRecord.identifiers.some(({ system, value }) => system === one.system && value === one.value),
  );
  return {
    ...link,
    answered: by === null ? null : { by, atMs },
    inCase: shown(inCase),
    onRecord: shown(onRecord),
    shared: shared.map(({ system }) => system),
  };
}

function shown({ name, birthDate, sex, identifiers: numbers }: z.infer<typeof person>) {
  const masked = numbers.map(({ system, value }) => ({ system, masked: maskIdentifier(value) }));
  return { name, birthDate: birthDate ?? null, sex: sex ?? null, identifiers: masked };
}

/** A person's answer. Readers that only this link entitled are added or removed after it, and no byte moves. */
export async function answerLink(
  sql: postgres.Sql,
  { spaceId, patientId, state }: ChartLinkAnswer,
  by: Actor,
  atMs: number,
): Promise<Result<undefined, Failure<"NOT_FOUND">>> {
  return sql.begin(async (tx): Promise<Result<undefined, Failure<"NOT_FOUND">>> => {
    const rows = await tx`
      UPDATE chart_link SET state = ${state} WHERE space_id = ${spaceId} AND patient_id = ${patientId}::bigint RETURNING space_id`;
    if (rows.length === 0) return { ok: false, error: failure("NOT_FOUND") };
    await tx`
      INSERT INTO chart_link_answer (space_id, patient_id, state, by_id, by_name, at_ms)
      VALUES (${spaceId}, ${patientId}::bigint, ${state}, ${by.id}, ${by.name}, ${atMs})`;
    return ok();
  });
}
