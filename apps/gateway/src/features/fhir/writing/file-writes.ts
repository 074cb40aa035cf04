import type { FhirResource } from "@caseroom/clinical";
import { isFhirResource } from "@caseroom/clinical";
import { InvariantError } from "@caseroom/contract";
import { setVersion } from "@caseroom/fhir";
import type postgres from "postgres";
import { RefusedWrite, refusal } from "../refusal.ts";
import { DELETED_TAG, DOOR_SYSTEM, fileVersion, scopeOf } from "../resource-rows.ts";
import type { Placement } from "./placement.ts";
import type { PlannedWrite, WriteDone } from "./write-request.ts";

/** A text that is to be sealed into a patient's chart, under the name of the system that its resource came from. */
export type ChartFragment = {
  readonly patientId: string;
  readonly system: string;
  readonly resourceType: string;
  readonly json: string;
};

export type Filed = {
  readonly done: WriteDone;
  readonly rowId: string | undefined;
  readonly fragments: readonly ChartFragment[];
};

type Existing = {
  readonly rowId: string;
  readonly scope: string;
  readonly sourceKey: string;
  readonly spaceId: string | null;
  readonly compartment: string | null;
  readonly charts: readonly string[];
  readonly system: string;
  readonly isOwn: boolean;
  readonly isDeleted: boolean;
  readonly version: number;
};

/** Files one create, update or delete as the resource's next version, and answers what is to be sealed. */
export async function fileWrite(
  sql: postgres.ISql,
  write: PlannedWrite,
  placement: Placement,
  by: { readonly institutionId: string; readonly nowMs: number },
): Promise<Filed> {
  const existing = await findExisting(sql, write.type, write.id);
  if (existing !== undefined) checkChangeable(write, existing);
  checkVersion(write, existing);
  if (write.method === "DELETE") return fileDeletion(sql, write, existing, by);
  if (existing?.compartment != null && placement.compartment !== null && existing.compartment !== placement.compartment)
    throw refused(write, 409, "conflict", "the resource is part of another patient's record");
  const { resource } = write;
  if (resource === undefined) throw new InvariantError("a create or update was planned with its resource");
  const version = (existing?.version ?? 0) + 1;
  const lastUpdated = new Date(by.nowMs).toISOString();
  const sourceKey = existing?.sourceKey ?? write.id;
  const json = setVersion(resource.json, { id: sourceKey, versionId: String(version), lastUpdated });
  const system = existing?.system ?? DOOR_SYSTEM;
  const charts = [...new Set([...(existing?.charts ?? []), ...placement.charts])];
  const filed = await fileVersion(sql, {
    resource: resource.value,
    json,
    scope: existing?.scope ?? scopeOf({ system, institutionId: by.institutionId, spaceId: null }),
    sourceKey,
    institutionId: by.institutionId,
    system,
    isOwn: true,
    isDeleted: false,
    version,
    compartment: placement.compartment ?? existing?.compartment ?? null,
    charts,
    lastUpdatedMs: by.nowMs,
    place: undefined,
  });
  const isNew = existing === undefined || existing.isDeleted;
  return {
    done: { status: isNew ? "201 Created" : "200 OK", type: write.type, id: write.id, version, lastUpdated },
    rowId: filed.rowId,
    fragments: charts.map((patientId) => ({ patientId, system, resourceType: write.type, json })),
  };
}

async function fileDeletion(
  sql: postgres.ISql,
  write: PlannedWrite,
  existing: Existing | undefined,
  by: { readonly institutionId: string; readonly nowMs: number },
): Promise<Filed> {
  if (existing === undefined) throw refused(write, 404, "not-found", "no such resource");
  const base = { status: "204 No Content" as const, type: write.type, id: write.id };
  if (existing.isDeleted)
    return { done: { ...base, version: existing.version, lastUpdated: undefined }, rowId: undefined, fragments: [] };
  if (write.type === "Patient") await checkEmptyRecord(sql, write, existing);
  const version = existing.version + 1;
  const lastUpdated = new Date(by.nowMs).toISOString();
  const resource: FhirResource = {
    resourceType: write.type,
    id: existing.sourceKey,
    meta: { versionId: String(version), lastUpdated, tag: [DELETED_TAG] },
  };
  const json = JSON.stringify(resource);
  await fileVersion(sql, {
    resource,
    json,
    scope: existing.scope,
    sourceKey: existing.sourceKey,
    institutionId: by.institutionId,
    system: existing.system,
    isOwn: true,
    isDeleted: true,
    version,
    compartment: existing.compartment,
    charts: existing.charts,
    lastUpdatedMs: by.nowMs,
    place: undefined,
  });
  const fragments = existing.charts.map((patientId) => ({
    patientId,
    system: existing.system,
    resourceType: write.type,
    json,
  }));
  return { done: { ...base, version, lastUpdated }, rowId: undefined, fragments };
}

async function findExisting(sql: postgres.ISql, type: string, id: string): Promise<Existing | undefined> {
  const [row] = await sql<Existing[]>`
    SELECT row_id::text AS "rowId", scope, source_key AS "sourceKey", space_id AS "spaceId", compartment, charts::text[] AS charts, system,
      is_own AS "isOwn", is_deleted AS "isDeleted", version
    FROM fhir_resource WHERE resource_type = ${type} AND logical_id = ${id} FOR UPDATE`;
  return row;
}

function checkChangeable(write: PlannedWrite, existing: Existing): void {
  if (!existing.isOwn)
    throw refused(write, 403, "forbidden", "another institution's resource is changed there, not here");
  if (existing.sourceKey.startsWith("~"))
    throw refused(write, 409, "business-rule", "came by HL7 v2 without an id: corrected by the system that sent it");
}

function checkVersion(write: PlannedWrite, existing: Existing | undefined): void {
  if (write.ifMatch === undefined || write.ifMatch === existing?.version) return;
  throw refused(write, 412, "conflict", "the resource has another version now");
}

async function checkEmptyRecord(sql: postgres.ISql, write: PlannedWrite, existing: Existing): Promise<void> {
  const others = await sql`
    SELECT FROM fhir_resource WHERE compartment = ${existing.compartment} AND NOT is_deleted AND row_id <> ${existing.rowId}::bigint LIMIT 1`;
  if (others.length > 0) throw refused(write, 409, "conflict", "the patient's record is not empty");
}

function refused({ place, type }: PlannedWrite, status: number, code: string, diagnostics: string): RefusedWrite {
  return new RefusedWrite(refusal(status, code, diagnostics, place === "" ? type : place));
}

/** How far what is referred to may in turn refer: a role names a practitioner, who names an organization. */
const MAX_STEPS = 3;

/**
 * What is about nobody and is referred to from a chart that does not have it yet: its present version goes along, so that
 * the reference leads somewhere at every institution that reads the chart.
 */
export async function bringAlong(
  sql: postgres.ISql,
  fragments: readonly ChartFragment[],
): Promise<readonly ChartFragment[]> {
  const added: ChartFragment[] = [];
  let round = fragments;
  for (let step = 0; step < MAX_STEPS && round.length > 0; step++) {
    const next: ChartFragment[] = [];
    for (const [patientId, ofChart] of Map.groupBy(round, (one) => one.patientId)) {
      const names = [...new Set(ofChart.flatMap(({ json }) => namesIn(json)))];
      if (names.length > 0) next.push(...(await takeAlong(sql, patientId, names)));
    }
    added.push(...next);
    round = next;
  }
  return added;
}

function namesIn(json: string): readonly string[] {
  return [...json.matchAll(/"reference"\s*:\s*"([A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64})"/g)].flatMap(
    ([, name]) => name ?? [],
  );
}

async function takeAlong(
  sql: postgres.ISql,
  patientId: string,
  names: readonly string[],
): Promise<readonly ChartFragment[]> {
  const rows = await sql<{ resourceType: string; json: string }[]>`
    UPDATE fhir_resource r SET charts = charts || ${patientId}::bigint FROM fhir_version v
    WHERE (r.resource_type, r.logical_id) IN (SELECT split_part(name, '/', 1), split_part(name, '/', 2) FROM unnest(${names}::text[]) name)
      AND r.is_own AND NOT r.is_deleted AND r.compartment IS NULL AND r.system = ${DOOR_SYSTEM} AND NOT ${patientId}::bigint = ANY(r.charts)
      AND v.row_id = r.row_id AND v.version = r.version AND r.resource_type <> 'Subscription'
    RETURNING r.resource_type AS "resourceType", v.json`;
  return rows.flatMap(({ resourceType, json }) => {
    const value: unknown = JSON.parse(json);
    return isFhirResource(value) ? [{ patientId, system: DOOR_SYSTEM, resourceType, json }] : [];
  });
}
