import type postgres from "postgres";
import { joiningIdentifiers, type PatientClaim, type PatientIdentifier } from "./patient-index.ts";

/** A patient of this institution with everything that a person compares. */
export type KnownPatient = Omit<PatientClaim, "birthDate" | "sex"> & {
  readonly birthDate: string | null;
  readonly sex: string | null;
};

/** In what a claim contradicts the record of the patient whose numbers it names (see `matchPatient`). */
export type RecordDifference =
  | { readonly kind: "birth-date" | "sex"; readonly said: string; readonly known: string }
  | { readonly kind: "two-patients" | "no-identifier" };

/** Whom this institution knows by the claim's numbers, and why `matchPatient` would not take the claim; no difference: it would. */
export async function compareWithRecord(
  sql: postgres.ISql,
  claim: PatientClaim,
): Promise<{ readonly known: readonly KnownPatient[]; readonly differences: readonly RecordDifference[] }> {
  const joining = joiningIdentifiers(claim);
  if (joining.length === 0) return { known: [], differences: [{ kind: "no-identifier" }] };
  const known = await findKnown(sql, joining);
  const [patient] = known;
  if (known.length > 1) return { known, differences: [{ kind: "two-patients" }] };
  if (patient === undefined) return { known, differences: [] };
  const pairs = [
    { kind: "birth-date" as const, said: claim.birthDate, known: patient.birthDate },
    { kind: "sex" as const, said: claim.sex, known: patient.sex },
  ];
  const differences = pairs.flatMap(({ kind, said, known: recorded }) =>
    said === undefined || recorded === null || said === recorded ? [] : [{ kind, said, known: recorded }],
  );
  return { known, differences };
}

async function findKnown(
  sql: postgres.ISql,
  identifiers: readonly PatientIdentifier[],
): Promise<readonly KnownPatient[]> {
  return sql<KnownPatient[]>`
    SELECT p.name, p.birth_date AS "birthDate", p.sex,
      (SELECT jsonb_agg(jsonb_build_object('system', i.system, 'value', i.value) ORDER BY i.system)
        FROM patient_identifier i WHERE i.patient_id = p.id) AS identifiers
    FROM patient p
    WHERE p.id IN (SELECT i.patient_id FROM patient_identifier i
      WHERE (i.system, i.value) IN (SELECT * FROM unnest(${identifiers.map((one) => one.system)}::text[], ${identifiers.map((one) => one.value)}::text[])))
    ORDER BY p.id`;
}
