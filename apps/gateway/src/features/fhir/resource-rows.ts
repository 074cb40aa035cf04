import { createHash } from "node:crypto";
import type { FhirResource } from "@caseroom/clinical";
import { isFhirId } from "@caseroom/fhir";
import type postgres from "postgres";
import { datePeriodOf, keysOf, NO_DATE } from "./index-keys.ts";

/** The provenance's system of what this door's clients created; what came otherwise carries its sender's own. */
export const DOOR_SYSTEM = "fhir";
/** Source ids of this door's deposits begin with it: the versions in them were counted here and hold everywhere. */
export const DOOR_SOURCE = "door:";
/** Marks the last version of a resource that its owner deleted (in `meta.tag`). */
export const DELETED_TAG = { system: "urn:caseroom:fhir", code: "deleted" } as const;

/** A version to be filed. `version` is `undefined` when the source did not count: the next one is taken. */
export type NewVersion = {
  readonly resource: FhirResource;
  readonly json: string;
  readonly scope: string;
  readonly sourceKey: string;
  readonly institutionId: string;
  readonly system: string;
  readonly isOwn: boolean;
  readonly isDeleted: boolean;
  readonly version: number | undefined;
  readonly compartment: string | null;
  readonly charts: readonly string[];
  readonly lastUpdatedMs: number;
  readonly place: { readonly spaceId: string; readonly entryId: string; readonly position: number } | undefined;
};

/** Where a version was filed; `isNews` when it is now what the resource says. */
export type FiledVersion = { readonly rowId: string; readonly isNews: boolean };

/**
 * Files one version of a resource: a new resource, a later version, an earlier one that came late, or the sealed place of
 * one that was written here. Filing the same again changes nothing.
 */
export async function fileVersion(sql: postgres.ISql, added: NewVersion): Promise<FiledVersion> {
  const known = await addVersion(sql, added);
  if (known === undefined) return insertResource(sql, added);
  if (!known.isAdded && added.place !== undefined) await setPlace(sql, known.rowId, known.version, added.place);
  return { rowId: known.rowId, isNews: known.isNews };
}

type Known = FiledVersion & {
  readonly version: number;
  /** `false` when this version is filed already. */
  readonly isAdded: boolean;
};

/** Files it if the resource is known here; one statement, since a result is several resources at every institution that reads it. */
async function addVersion(sql: postgres.ISql, added: NewVersion): Promise<Known | undefined> {
  const { place } = added;
  const index = indexOf(added);
  const [row] = await sql<Known[]>`
    WITH known AS (
      SELECT row_id, version AS latest, coalesce(${added.version ?? null}::int, version + 1) AS version FROM fhir_resource
      WHERE source_key = ${added.sourceKey} AND resource_type = ${added.resource.resourceType} AND scope = ${added.scope} FOR UPDATE
    ), added AS (
      INSERT INTO fhir_version (row_id, version, space_id, entry_id, position, is_deleted, last_updated_ms, json)
      SELECT row_id, version, ${place?.spaceId ?? null}, ${place?.entryId ?? null}, ${place?.position ?? null}::int,
        ${added.isDeleted}::boolean, ${added.lastUpdatedMs}::bigint, ${added.json} FROM known
      ON CONFLICT DO NOTHING RETURNING version
    ), moved AS (
      UPDATE fhir_resource AS resource SET version = added.version, is_deleted = ${added.isDeleted}, last_updated_ms = ${added.lastUpdatedMs},
        date_from_ms = ${index.fromMs}, date_until_ms = ${index.untilMs}, keys = ${index.keys}::bigint[],
        compartment = coalesce(resource.compartment, ${added.compartment}), space_id = coalesce(resource.space_id, ${place?.spaceId ?? null}),
        charts = ARRAY(SELECT DISTINCT unnest(resource.charts || ${added.charts}::bigint[]))
      FROM known, added WHERE resource.row_id = known.row_id AND added.version > known.latest
      RETURNING resource.row_id
    )
    SELECT row_id::text AS "rowId", version, EXISTS (SELECT FROM added) AS "isAdded", EXISTS (SELECT FROM moved) AS "isNews" FROM known`;
  return row;
}

async function setPlace(
  sql: postgres.ISql,
  rowId: string,
  version: number,
  place: NonNullable<NewVersion["place"]>,
): Promise<void> {
  await sql`
    UPDATE fhir_version SET space_id = ${place.spaceId}, entry_id = ${place.entryId}, position = ${place.position}
    WHERE row_id = ${rowId}::bigint AND version = ${version} AND entry_id IS NULL`;
  await sql`UPDATE fhir_resource SET space_id = ${place.spaceId} WHERE row_id = ${rowId}::bigint AND space_id IS NULL`;
}

async function insertResource(sql: postgres.ISql, added: NewVersion): Promise<FiledVersion> {
  const type = added.resource.resourceType;
  const logicalId = await freeIdOf(sql, added);
  const version = added.version ?? 1;
  const index = indexOf(added);
  const { place } = added;
  const [row] = await sql<{ rowId: string }[]>`
    WITH resource AS (
      INSERT INTO fhir_resource (resource_type, logical_id, scope, source_key, institution_id, space_id, compartment, charts, system, is_own,
        is_deleted, is_renamed, version, last_updated_ms, date_from_ms, date_until_ms, keys)
      VALUES (${type}, ${logicalId}, ${added.scope}, ${added.sourceKey}, ${added.institutionId}, ${place?.spaceId ?? null}, ${added.compartment},
        ${added.charts}::bigint[], ${added.system}, ${added.isOwn}, ${added.isDeleted}, ${logicalId !== added.sourceKey}, ${version},
        ${added.lastUpdatedMs}, ${index.fromMs}, ${index.untilMs}, ${index.keys}::bigint[])
      RETURNING row_id
    )
    INSERT INTO fhir_version (row_id, version, space_id, entry_id, position, is_deleted, last_updated_ms, json)
    SELECT row_id, ${version}::int, ${place?.spaceId ?? null}, ${place?.entryId ?? null}, ${place?.position ?? null}::int, ${added.isDeleted}::boolean,
      ${added.lastUpdatedMs}::bigint, ${added.json} FROM resource
    RETURNING row_id::text AS "rowId"`;
  if (row === undefined) throw new Error("an insert returns its row");
  return { rowId: row.rowId, isNews: true };
}

/** The id of its source, unless it has none or another resource here is called so already: then one made from who means it. */
async function freeIdOf(sql: postgres.ISql, added: NewVersion): Promise<string> {
  const type = added.resource.resourceType;
  if (isFhirId(added.sourceKey)) {
    const taken =
      await sql`SELECT FROM fhir_resource WHERE resource_type = ${type} AND logical_id = ${added.sourceKey}`;
    if (taken.length === 0) return added.sourceKey;
  }
  return createHash("sha256").update(`${added.scope}/${type}/${added.sourceKey}`).digest("hex").slice(0, 40);
}

function indexOf({ resource, isDeleted }: NewVersion) {
  const period = isDeleted ? NO_DATE : datePeriodOf(resource);
  return { ...period, keys: isDeleted ? [] : keysOf(resource) };
}

/** The chart's record: an own patient's, or a foreign chart's. */
export function compartmentOfPatient(patientId: string): string {
  return `p:${patientId}`;
}
export function compartmentOfSpace(spaceId: string): string {
  return `s:${spaceId}`;
}
/** Everything that an institution's door made shares its ids; what came otherwise shares them within one sender's part of one chart. */
export function scopeOf(input: {
  readonly system: string;
  readonly institutionId: string;
  readonly spaceId: string | null;
}): string {
  const parts =
    input.system === DOOR_SYSTEM ? [input.institutionId] : [input.institutionId, input.spaceId, input.system];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
