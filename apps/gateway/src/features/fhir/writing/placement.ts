import { type FhirResource, objectOf, objectsOf, textOf } from "@caseroom/clinical";
import { parseReference, referencesOf } from "@caseroom/fhir";
import type postgres from "postgres";
import { findPatientsByIdentifier, lockPatients, matchPatient } from "../../patients/patient-index.ts";
import { findFaultPlace } from "../../quarantine/fault-place.ts";
import { claimOf } from "../patient-claim.ts";
import { RefusedWrite, refusal } from "../refusal.ts";
import { compartmentOfPatient } from "../resource-rows.ts";
import { PATIENT_ELEMENTS } from "../searched-types.ts";
import { SHARED_TYPES } from "../shared-types.ts";
import type { PlannedWrite } from "./write-request.ts";

/** Whose record a resource becomes part of: the charts it is deposited in, and the one it belongs to. */
export type Placement = { readonly charts: readonly string[]; readonly compartment: string | null };

const NOBODY: Placement = { charts: [], compartment: null };

/**
 * The patient of every resource that is written. A Patient is matched by its identifiers; every other resource belongs to the
 * patient that it refers to, else to the patient of what it refers to, else to the bundle's only one; what is about nobody
 * travels with the bundle's patients. A bundle may hold several patients; a resource has one.
 */
export async function placeWrites(
  sql: postgres.ISql,
  writes: readonly PlannedWrite[],
): Promise<ReadonlyMap<PlannedWrite, Placement>> {
  const patientByName = new Map<string, string>();
  const placed = new Map<PlannedWrite, Placement>();
  const place = (write: PlannedWrite, patientId: string) => {
    patientByName.set(`${write.type}/${write.id}`, patientId);
    placed.set(write, { charts: [patientId], compartment: compartmentOfPatient(patientId) });
  };
  const patients = writes.flatMap((write) =>
    write.type === "Patient" && write.resource !== undefined ? [{ write, resource: write.resource.value }] : [],
  );
  await lockPatients(
    sql,
    patients.flatMap(({ resource }) => claimOf(resource) ?? []),
  );
  for (const { write, resource } of patients) place(write, await matchWritten(sql, write, resource));
  const others = writes.filter(({ type, resource }) => resource !== undefined && type !== "Patient");
  const ofNobodyNamed: PlannedWrite[] = [];
  for (const write of others.filter(({ type }) => !SHARED_TYPES.has(type) && !isLocal(type))) {
    const patientId = await namedPatient(sql, write, patientByName);
    if (patientId === undefined) ofNobodyNamed.push(write);
    else place(write, patientId);
  }
  for (const write of ofNobodyNamed) {
    const patientId = (await patientOfReferences(sql, write, patientByName)) ?? onlyPatient(placed);
    if (patientId === undefined) placed.set(write, NOBODY);
    else place(write, patientId);
  }
  const charts = [...new Set([...placed.values()].flatMap((one) => one.charts))];
  for (const write of others.filter(({ type }) => SHARED_TYPES.has(type)))
    placed.set(write, { charts, compartment: null });
  return placed;
}

/** What steers this gateway stays at it. */
function isLocal(type: string): boolean {
  return type === "Subscription";
}

function onlyPatient(placed: ReadonlyMap<PlannedWrite, Placement>): string | undefined {
  const patients = new Set([...placed.values()].flatMap(({ charts }) => charts));
  return patients.size === 1 ? [...patients][0] : undefined;
}

async function matchWritten(sql: postgres.ISql, write: PlannedWrite, resource: FhirResource): Promise<string> {
  const at = `${write.place === "" ? "Patient" : write.place}.identifier`;
  const claim = claimOf(resource);
  const incomplete = "a Patient needs an identifier with its issuer as system, beside any HKID";
  if (claim === undefined) throw new RefusedWrite(refusal(422, "business-rule", incomplete, at));
  const matched = await matchPatient(sql, claim);
  if (matched.ok) return matched.value;
  if (matched.error.code === "SOURCE_INCOMPLETE") throw new RefusedWrite(refusal(422, "business-rule", incomplete, at));
  const words = "the identifiers belong to a patient with another birth date or sex, or to two patients; set aside";
  const fault = await findFaultPlace(sql, "fhir", claim, matched.error);
  const place = write.place === "" ? fault : fault.replace("Patient", write.place);
  throw new RefusedWrite(refusal(409, "conflict", words, place), true);
}

/** The patient whom a resource names as its own. */
async function namedPatient(
  sql: postgres.ISql,
  write: PlannedWrite,
  patientByName: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const resource = write.resource?.value ?? { resourceType: write.type };
  const found = new Set<string>();
  for (const element of PATIENT_ELEMENTS) {
    for (const [i, reference] of objectsOf(resource[element]).entries()) {
      const list = Array.isArray(resource[element]) ? `[${i}]` : "";
      const at = `${write.place === "" ? write.type : write.place}.${element}${list}`;
      const patientId = await patientOfReference(sql, reference, at, patientByName);
      if (patientId !== undefined) found.add(patientId);
    }
  }
  if (found.size > 1)
    throw new RefusedWrite(refusal(422, "business-rule", "a resource is about one patient", write.place || write.type));
  return [...found][0];
}

async function patientOfReference(
  sql: postgres.ISql,
  reference: { readonly [name: string]: unknown },
  at: string,
  patientByName: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const literal = parseReference(textOf(reference.reference) ?? "");
  if (literal?.type === "Patient") {
    const known = patientByName.get(`Patient/${literal.id}`) ?? (await ownPatientOf(sql, "Patient", literal.id));
    if (known === undefined)
      throw new RefusedWrite(refusal(422, "not-found", "no such patient of this institution", `${at}.reference`));
    return known;
  }
  if (literal !== undefined || reference.reference !== undefined) return undefined;
  const identifier = objectOf(reference.identifier);
  const value = textOf(identifier?.value);
  if (value === undefined || (reference.type !== undefined && reference.type !== "Patient")) return undefined;
  const patients = await findPatientsByIdentifier(sql, value, textOf(identifier?.system));
  if (patients.length !== 1)
    throw new RefusedWrite(
      refusal(422, "not-found", "the identifier is not one patient's of this institution", `${at}.identifier`),
    );
  return patients[0]?.id;
}

/** The patient whose record this institution's own resource is part of. */
async function ownPatientOf(sql: postgres.ISql, type: string, id: string): Promise<string | undefined> {
  const [row] = await sql<{ compartment: string | null }[]>`
    SELECT compartment FROM fhir_resource WHERE resource_type = ${type} AND logical_id = ${id} AND is_own AND NOT is_deleted`;
  return row?.compartment?.startsWith("p:") === true ? row.compartment.slice(2) : undefined;
}

/** What a resource refers to may say whose it is, as Provenance.target does. */
async function patientOfReferences(
  sql: postgres.ISql,
  write: PlannedWrite,
  patientByName: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const found = new Set<string>();
  for (const { reference } of referencesOf(write.resource?.value).slice(0, 200)) {
    const target = parseReference(reference);
    if (target === undefined || SHARED_TYPES.has(target.type)) continue;
    const patientId =
      patientByName.get(`${target.type}/${target.id}`) ?? (await ownPatientOf(sql, target.type, target.id));
    if (patientId !== undefined) found.add(patientId);
  }
  return found.size === 1 ? [...found][0] : undefined;
}
