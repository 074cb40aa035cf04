import { checkHkid, normaliseHkid } from "@caseroom/clinical";
import { err, type Failure, failure, ok, parseId32, type Result, type SpaceId } from "@caseroom/contract";
import type postgres from "postgres";

/** A number by which somebody knows a patient. The issuer's, or else the sender's own (issue: joined by nothing else). */
export type PatientIdentifier = { readonly system: string; readonly value: string };

export type PatientClaim = {
  readonly identifiers: readonly PatientIdentifier[];
  readonly name: string;
  readonly birthDate: string | undefined;
  readonly sex: string | undefined;
};

export type Patient = {
  readonly id: string;
  readonly name: string;
  readonly birthDate: string | undefined;
  readonly sex: string | undefined;
  readonly spaceId: SpaceId | undefined;
};

/** The system under which a Hong Kong identity number is known, whoever wrote it down. */
export const HKID_SYSTEM = "HKID";

/** Numbers that a state gives, and that anybody may have written down wrongly: Hong Kong's, and the United States' social security number. */
const NATIONAL_SYSTEMS = new Set([HKID_SYSTEM, "urn:oid:2.16.840.1.113883.4.1", "http://hl7.org/fhir/sid/us-ssn"]);

type Row = {
  readonly id: string;
  readonly name: string;
  readonly birth_date: string | null;
  readonly sex: string | null;
  readonly space_id: string | null;
};

/**
 * The patient whom a message is about, or a new one. Joined only by an identifier that this institution or the sender issued; another birth
 * date or sex than the patient's is a mismatch that a person must look at. A national number joins nobody by itself.
 */
export async function matchPatient(
  sql: postgres.ISql,
  claim: PatientClaim,
): Promise<Result<string, Failure<"PATIENT_MISMATCH" | "SOURCE_INCOMPLETE">>> {
  const joining = joiningIdentifiers(claim);
  if (joining.length === 0) return err(failure("SOURCE_INCOMPLETE", "no identifier of an issuer"));
  const known = await findJoined(sql, joining, claim);
  if (!known.ok) return known;
  // Nothing is to be written: the results of one patient need not wait for each other's flush to disk.
  if (known.value !== undefined && (await hasIdentifiers(sql, known.value, claim.identifiers))) return ok(known.value);
  await lockPatients(sql, [claim]);
  // Somebody else may have been first.
  const found = await findJoined(sql, joining, claim);
  if (!found.ok) return found;
  const id = found.value ?? (await insertPatient(sql, claim));
  await addIdentifiers(sql, id, claim.identifiers);
  return ok(id);
}

/** As `matchPatient`, in a transaction of its own, which somebody who is known by that very number does not need: nothing is to be written. */
export async function matchByNumber(
  sql: postgres.Sql,
  { identifier, ...person }: Omit<PatientClaim, "identifiers"> & { readonly identifier: PatientIdentifier },
): ReturnType<typeof matchPatient> {
  const claim = { ...person, identifiers: [identifier] };
  const found = identifier.system === HKID_SYSTEM ? ok() : await findJoined(sql, [identifier], claim);
  if (!found.ok) return found;
  return found.value === undefined ? sql.begin((tx) => matchPatient(tx, claim)) : ok(found.value);
}

/** `undefined` when nobody is known by any of them. */
async function findJoined(
  sql: postgres.ISql,
  joining: readonly PatientIdentifier[],
  claim: PatientClaim,
): Promise<Result<string | undefined, Failure<"PATIENT_MISMATCH">>> {
  const found = await sql<Row[]>`
    SELECT DISTINCT p.id::text, p.name, p.birth_date, p.sex, p.space_id
    FROM patient p JOIN patient_identifier i ON i.patient_id = p.id
    WHERE (i.system, i.value) IN (SELECT * FROM unnest(${joining.map((one) => one.system)}::text[], ${joining.map((one) => one.value)}::text[]))`;
  if (found.length > 1) return err(failure("PATIENT_MISMATCH", "identifiers of two patients"));
  const [patient] = found;
  if (patient !== undefined && contradicts(patient, claim))
    return err(failure("PATIENT_MISMATCH", "another birth date or sex"));
  return ok(patient?.id);
}

/**
 * Two messages about somebody new at the same moment would make two patients, and one of them without a number. The locks end with the
 * caller's transaction. Who matches several patients in one transaction takes all their locks here first: each call takes its own in one
 * order, so that nobody waits in a circle.
 */
export async function lockPatients(sql: postgres.ISql, claims: readonly PatientClaim[]): Promise<void> {
  const keys = claims.flatMap(joiningIdentifiers).map(({ system, value }) => JSON.stringify([system, value]));
  await sql`
    SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(text, 0) AS key FROM unnest(${keys}::text[]) text ORDER BY key) keys`;
}

/** The numbers of a claim by which a patient is known again. */
export function joiningIdentifiers({ identifiers }: PatientClaim): readonly PatientIdentifier[] {
  return identifiers.filter(({ system }) => !NATIONAL_SYSTEMS.has(system));
}

function contradicts(patient: Row, claim: PatientClaim): boolean {
  const otherBirth =
    patient.birth_date !== null && claim.birthDate !== undefined && patient.birth_date !== claim.birthDate;
  const otherSex = patient.sex !== null && claim.sex !== undefined && patient.sex !== claim.sex;
  return otherBirth || otherSex;
}

async function insertPatient(sql: postgres.ISql, claim: PatientClaim): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    INSERT INTO patient (name, birth_date, sex) VALUES (${claim.name}, ${claim.birthDate ?? null}, ${claim.sex ?? null}) RETURNING id::text`;
  if (row === undefined) throw new Error("an insert returns its row");
  return row.id;
}

async function addIdentifiers(
  sql: postgres.ISql,
  patientId: string,
  identifiers: readonly PatientIdentifier[],
): Promise<void> {
  const { systems, values } = asKept(identifiers);
  // The HKID is what other institutions may know as well: several patients of one institution can never share one.
  await sql`
    INSERT INTO patient_identifier (system, value, patient_id)
    SELECT system, value, ${patientId}::bigint FROM unnest(${systems}::text[], ${values}::text[]) AS known (system, value)
    ON CONFLICT DO NOTHING`;
}

/** Whether a patient is known by all of them already. */
async function hasIdentifiers(
  sql: postgres.ISql,
  patientId: string,
  identifiers: readonly PatientIdentifier[],
): Promise<boolean> {
  const { systems, values } = asKept(identifiers);
  const missing = await sql`
    SELECT * FROM unnest(${systems}::text[], ${values}::text[])
    EXCEPT SELECT system, value FROM patient_identifier WHERE patient_id = ${patientId}::bigint`;
  return missing.length === 0;
}

function asKept(identifiers: readonly PatientIdentifier[]) {
  return {
    systems: identifiers.map(({ system }) => system),
    values: identifiers.map(({ system, value }) => (system === HKID_SYSTEM ? (normaliseHkid(value) ?? value) : value)),
  };
}

/** Patients of this institution by name or number. */
export async function searchPatients(sql: postgres.Sql, query: string, limit: number) {
  const pattern = `%${query.replaceAll(/[%_\\]/g, "\\$&")}%`;
  const rows = await sql<(Row & { identifiers: PatientIdentifier[] })[]>`
    SELECT p.id::text, p.name, p.birth_date, p.sex, p.space_id,
      (SELECT jsonb_agg(jsonb_build_object('system', i.system, 'value', i.value) ORDER BY i.system) FROM patient_identifier i WHERE i.patient_id = p.id) AS identifiers
    FROM patient p
    WHERE p.space_id IS NOT NULL AND (p.name ILIKE ${pattern}
      OR EXISTS (SELECT 1 FROM patient_identifier i WHERE i.patient_id = p.id AND i.value ILIKE ${pattern}))
    ORDER BY p.name LIMIT ${limit}`;
  return rows.map((row) => ({ ...toPatient(row), identifiers: row.identifiers }));
}

export async function findPatientsByIdentifier(
  sql: postgres.ISql,
  value: string,
  system?: string,
): Promise<readonly Patient[]> {
  const rows = await sql<Row[]>`
    SELECT DISTINCT p.id::text, p.name, p.birth_date, p.sex, p.space_id FROM patient p
    JOIN patient_identifier i ON i.patient_id = p.id
    WHERE i.value = ${value} ${system === undefined ? sql`` : sql`AND i.system = ${system}`}`;
  return rows.map(toPatient);
}

/** Whether an identifier is an HKID whose check digit holds: enough to suggest, never to join. */
export function isTrustworthyHkid(identifier: PatientIdentifier): boolean {
  return identifier.system === HKID_SYSTEM && checkHkid(identifier.value) === "valid";
}

function toPatient(row: Row): Patient {
  return {
    id: row.id,
    name: row.name,
    birthDate: row.birth_date ?? undefined,
    sex: row.sex ?? undefined,
    spaceId: row.space_id === null ? undefined : parseId32<SpaceId>(row.space_id),
  };
}
