import { randomUUID } from "node:crypto";
import type { FhirResource } from "@caseroom/clinical";
import type { Sql } from "@caseroom/postgres";
import { datePeriodOf, keysOf } from "../apps/gateway/src/features/fhir/index-keys.ts";
import { compartmentOfPatient, DOOR_SYSTEM, scopeOf } from "../apps/gateway/src/features/fhir/resource-rows.ts";

export type SeededPatient = {
  readonly id: string;
  readonly identifier: string;
  readonly observationId: string;
  readonly encounterId: string;
};

/** Codes as a hospital's results have them: a few that everybody has, and many that few have. */
const CODES = ["8480-6", "8462-4", "8867-4", "29463-7", "4548-4", "2339-0", "2160-0", "2951-2", "2823-3", "718-7"];
const RARE = "33914-3";
const OF_A_PATIENT = 100;
const BATCH = 2_000;
const INSTITUTION = "bench";
const FIRST_MS = Date.UTC(2016, 0, 1);
const SPAN_MS = 10 * 365 * 86_400_000;

type Seeded = {
  readonly resource: FhirResource;
  readonly id: string;
  readonly patient: number;
  readonly lastMs: number;
};

/** Fills the door's tables with whole records, as the projection would: of a hundred resources about 85 are observations. */
export async function seedResources(sql: Sql, total: number): Promise<readonly SeededPatient[]> {
  const patients: SeededPatient[] = [];
  let batch: Seeded[] = [];
  for (let number = 1; number <= Math.ceil(total / OF_A_PATIENT); number++) {
    const record = recordOf(number);
    patients.push(record.patient);
    batch.push(...record.resources);
    if (batch.length < BATCH) continue;
    await insert(sql, batch);
    batch = [];
  }
  if (batch.length > 0) await insert(sql, batch);
  await sql`VACUUM ANALYZE fhir_resource, fhir_version`;
  return patients;
}

export async function countSeeded(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`SELECT count(*)::integer AS count FROM fhir_resource`;
  return row?.count ?? 0;
}

function recordOf(number: number): { readonly patient: SeededPatient; readonly resources: readonly Seeded[] } {
  const id = randomUUID();
  const value = `P-${number}`;
  const subject = { reference: `Patient/${id}` };
  const lastMs = Date.UTC(2026, 9, 1) + number * 3_000_000;
  const at = (share: number) =>
    new Date(FIRST_MS + ((share * 7919 + number * 104_729) % 3650) * (SPAN_MS / 3650)).toISOString();
  const seeded = (resource: FhirResource, ownId: string = randomUUID()): Seeded => ({
    resource: { ...resource, id: ownId },
    id: ownId,
    patient: number,
    lastMs,
  });
  const patient = seeded(
    {
      resourceType: "Patient",
      identifier: [{ system: "BENCH", value }],
      name: [{ family: `Family ${number}` }],
      birthDate: "1957-07-31",
    },
    id,
  );
  const encounters = Array.from({ length: 8 }, (_, i) =>
    seeded({
      resourceType: "Encounter",
      status: "finished",
      class: { code: "AMB" },
      subject,
      period: { start: at(i), end: at(i) },
    }),
  );
  const conditions = Array.from({ length: 6 }, (_, i) =>
    seeded({
      resourceType: "Condition",
      clinicalStatus: {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }],
      },
      code: { coding: [{ system: "http://snomed.info/sct", code: String(38_341_003 + i) }] },
      subject,
      onsetDateTime: at(i),
    }),
  );
  const observations = Array.from({ length: OF_A_PATIENT - 15 }, (_, i) =>
    seeded(observation(subject, encounters[i % encounters.length]?.id ?? "", at(i), number, i)),
  );
  return {
    patient: {
      id,
      identifier: `BENCH|${value}`,
      observationId: observations[0]?.id ?? "",
      encounterId: encounters[0]?.id ?? "",
    },
    resources: [patient, ...encounters, ...conditions, ...observations],
  };
}

function observation(subject: object, encounterId: string, when: string, number: number, i: number): FhirResource {
  const code = number % 500 === 0 && i === 0 ? RARE : CODES[i % CODES.length];
  const category = i % CODES.length < 4 ? "vital-signs" : "laboratory";
  return {
    resourceType: "Observation",
    identifier: [{ system: "urn:caseroom:hl7:BENCH", value: `L-${number}-${i}/${code}/1` }],
    status: i % 20 === 0 ? "corrected" : "final",
    category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: category }] }],
    code: {
      coding: [{ system: "http://loinc.org", code, display: "As the laboratory calls it" }],
      text: "As the laboratory calls it",
    },
    subject,
    encounter: { reference: `Encounter/${encounterId}` },
    effectiveDateTime: when,
    issued: when,
    valueQuantity: { value: 7.35, unit: "%", system: "http://unitsofmeasure.org", code: "%" },
    referenceRange: [{ low: { value: 4, unit: "%" }, high: { value: 5.6, unit: "%" } }],
  };
}

async function insert(sql: Sql, batch: readonly Seeded[]): Promise<void> {
  const scope = scopeOf({ system: DOOR_SYSTEM, institutionId: INSTITUTION, spaceId: null });
  const rows = batch.map(({ resource, id, patient, lastMs }) => ({
    id,
    lastMs,
    type: resource.resourceType,
    compartment: compartmentOfPatient(String(patient)),
    ...datePeriodOf(resource),
    keys: `{${keysOf(resource).join(",")}}`,
    json: JSON.stringify(resource),
  }));
  await sql`
    WITH given AS (
      SELECT * FROM unnest(${rows.map((row) => row.type)}::text[], ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.compartment)}::text[],
        ${rows.map((row) => row.lastMs)}::bigint[], ${rows.map((row) => row.fromMs)}::bigint[], ${rows.map((row) => row.untilMs)}::bigint[],
        ${rows.map((row) => row.keys)}::text[], ${rows.map((row) => row.json)}::text[]) AS g (type, id, compartment, last_ms, from_ms, until_ms, keys, json)
    ), added AS (
      INSERT INTO fhir_resource (resource_type, logical_id, scope, source_key, institution_id, compartment, system, is_own, version,
        last_updated_ms, date_from_ms, date_until_ms, keys)
      SELECT type, id, ${scope}, id, ${INSTITUTION}, compartment, ${DOOR_SYSTEM}, true, 1, last_ms, from_ms, until_ms, keys::bigint[] FROM given
      RETURNING row_id, resource_type, logical_id
    )
    INSERT INTO fhir_version (row_id, version, is_deleted, last_updated_ms, json)
    SELECT added.row_id, 1, false, given.last_ms, given.json FROM added JOIN given ON (given.type, given.id) = (added.resource_type, added.logical_id)`;
}
