import { maskIdentifier } from "@caseroom/clinical";
import { type Failure, failure, ok, type Result } from "@caseroom/contract";
import type postgres from "postgres";

/** A chart of this institution that may be a case's patient, because the HKIDs agree: for a person to look at (architecture.md §1). */
export type LinkSuggestion = {
  readonly spaceId: string;
  readonly patientId: string;
  readonly caseName: string;
  readonly casePatient: string;
  readonly ownPatient: string;
  readonly ownBirthDate: string | null;
  readonly identifiers: readonly string[];
};

type Row = Omit<LinkSuggestion, "identifiers"> & { readonly identifiers: readonly string[] };

export async function listSuggestions(sql: postgres.Sql): Promise<readonly LinkSuggestion[]> {
  const rows = await sql<Row[]>`
    SELECT l.space_id AS "spaceId", l.patient_id::text AS "patientId", c.name AS "caseName", c.patient->>'name' AS "casePatient",
      p.name AS "ownPatient", p.birth_date AS "ownBirthDate",
      (SELECT array_agg(i.value ORDER BY i.system) FROM patient_identifier i WHERE i.patient_id = p.id) AS identifiers
    FROM chart_link l JOIN case_file c ON c.space_id = l.space_id JOIN patient p ON p.id = l.patient_id
    WHERE l.state = 'suggested' ORDER BY l.space_id, l.patient_id`;
  return rows.map((row) => ({ ...row, identifiers: row.identifiers.map(maskIdentifier) }));
}

/** A person's answer. A confirmed link can be refused later: the readers that only it entitled are removed, and no byte moves. */
export async function answerSuggestion(
  sql: postgres.Sql,
  answer: { readonly spaceId: string; readonly patientId: string; readonly state: "confirmed" | "refused" },
): Promise<Result<undefined, Failure<"NOT_FOUND">>> {
  const rows = await sql`
    UPDATE chart_link SET state = ${answer.state} WHERE space_id = ${answer.spaceId} AND patient_id = ${answer.patientId}::bigint RETURNING space_id`;
  return rows.length === 1 ? ok() : { ok: false, error: failure("NOT_FOUND") };
}
