import { createHash } from "node:crypto";
import { type Client, parseFhirBody, type ReceivedEntry } from "@caseroom/client";
import {
  codingsOf,
  dateTimeToMs,
  type FhirResource,
  identifiersOf,
  objectOf,
  objectsOf,
  parseFragment,
  textOf,
} from "@caseroom/clinical";
import type postgres from "postgres";
import {
  compartmentOfPatient,
  compartmentOfSpace,
  DELETED_TAG,
  DOOR_SOURCE,
  fileVersion,
  type NewVersion,
  scopeOf,
} from "./resource-rows.ts";
import { SHARED_TYPES } from "./shared-types.ts";
import { raiseNotifications } from "./subscription-events.ts";

type Deps = { readonly sql: postgres.Sql; readonly client: Client; readonly onRaised?: () => void };

/** What is known of a deposit beside its text. */
type Deposit = {
  readonly spaceId: string;
  readonly entryId: string;
  readonly institutionId: string;
  readonly isOwn: boolean;
  readonly system: string;
  readonly sourceId: string;
  readonly receivedMs: number;
  readonly patientId: string | undefined;
};

/** Keeps what this institution may read, opened and verified, for its own systems: the FHIR door reads from here. */
export async function projectEntries(deps: Deps, received: readonly ReceivedEntry[]): Promise<void> {
  const deposits = received.filter(({ entry }) => entry.kind === "fhir");
  if (deposits.length === 0) return;
  const raised = await deps.sql.begin(async (tx) => {
    const patients = await patientsOfSpaces(tx, [...new Set(deposits.map(({ spaceId }) => spaceId))]);
    const places = deposits.map(({ spaceId, entry }) => ({ spaceId, entryId: entry.entryId }));
    const filed = await filedPlaces(tx, places);
    const news: string[] = [];
    for (const one of deposits) {
      const deposit = depositOf(deps.client, one, patients.get(one.spaceId));
      for (const [position, json] of (parseFhirBody(one.entry.body) ?? []).entries()) {
        if (filed.has(placeKey(deposit, position))) continue;
        const rowId = await fileFragment(tx, deposit, position, json);
        if (rowId !== undefined) news.push(rowId);
      }
    }
    return raiseNotifications(tx, news, Date.now());
  });
  if (raised > 0) deps.onRaised?.();
}

function placeKey({ spaceId, entryId }: Pick<Deposit, "spaceId" | "entryId">, position: number): string {
  return `${spaceId}/${entryId}/${position}`;
}

/** The fragments of these entries that are filed already: what comes twice changes nothing, and counts no version. */
async function filedPlaces(
  sql: postgres.ISql,
  entries: readonly Pick<Deposit, "spaceId" | "entryId">[],
): Promise<ReadonlySet<string>> {
  const rows = await sql<{ spaceId: string; entryId: string; position: number }[]>`
    SELECT filed.space_id AS "spaceId", filed.entry_id AS "entryId", filed.position
    FROM unnest(${entries.map(({ spaceId }) => spaceId)}::text[], ${entries.map(({ entryId }) => entryId)}::text[]) AS asked(space_id, entry_id)
    CROSS JOIN LATERAL (
      SELECT space_id, entry_id, position FROM fhir_version
      WHERE space_id = asked.space_id AND entry_id = asked.entry_id OFFSET 0
    ) AS filed`;
  return new Set(rows.map((row) => placeKey(row, row.position)));
}

/** The row that says something new now; `undefined` when nothing changed. */
async function fileFragment(
  sql: postgres.ISql,
  deposit: Deposit,
  position: number,
  json: string,
): Promise<string | undefined> {
  const provenance = { institutionId: deposit.institutionId, institution: "", system: deposit.system, receivedMs: 0 };
  const fragment = parseFragment({ id: `${deposit.entryId}:${position}`, json, provenance });
  if (!fragment.ok) return undefined;
  const version = versionOf(deposit, position, fragment.value.resource, json);
  const done = await fileVersion(sql, version);
  return done.isNews && !version.isDeleted ? done.rowId : undefined;
}

function versionOf(deposit: Deposit, position: number, resource: FhirResource, json: string): NewVersion {
  const meta = objectOf(resource.meta);
  const isFromDoor = deposit.sourceId.startsWith(DOOR_SOURCE) && !deposit.system.includes("|");
  const counted = Number(textOf(meta?.versionId));
  const isShared = isFromDoor && SHARED_TYPES.has(resource.resourceType);
  const { spaceId, entryId, patientId } = deposit;
  return {
    resource,
    json,
    scope: scopeOf(deposit),
    sourceKey: sourceKeyOf(resource, entryId, position),
    institutionId: deposit.institutionId,
    system: deposit.system,
    isOwn: deposit.isOwn,
    isDeleted: isFromDoor && isDeletion(resource),
    version: isFromDoor && Number.isSafeInteger(counted) && counted > 0 ? counted : undefined,
    compartment: isShared
      ? null
      : patientId === undefined
        ? compartmentOfSpace(spaceId)
        : compartmentOfPatient(patientId),
    charts: patientId === undefined ? [] : [patientId],
    lastUpdatedMs: (isFromDoor ? dateTimeToMs(meta?.lastUpdated) : undefined) ?? deposit.receivedMs,
    place: { spaceId, entryId, position },
  };
}

function isDeletion(resource: FhirResource): boolean {
  return objectsOf(objectOf(resource.meta)?.tag).some(
    (tag) => tag.system === DELETED_TAG.system && tag.code === DELETED_TAG.code,
  );
}

/** Systems of the identifiers that our own HL7 v2 reader makes: each names one thing. */
const HL7_IDENTIFIERS = "urn:caseroom:hl7:";

/**
 * What its source calls a resource. HL7 v2 has no resource ids: there a patient's registration is the chart's one, and a
 * result that comes again under its order's number is another version of itself. All else stands for itself.
 */
function sourceKeyOf(resource: FhirResource, entryId: string, position: number): string {
  const id = textOf(resource.id);
  if (id !== undefined) return id;
  if (resource.resourceType === "Patient") return "~patient";
  const made = identifiersOf(resource).find(({ system }) => system.startsWith(HL7_IDENTIFIERS));
  if (made === undefined) return `~${entryId}/${position}`;
  const codes = codingsOf(resource.code).map(({ system, code }) => `${system}|${code}`);
  return `~${createHash("sha256")
    .update(JSON.stringify([made.system, made.value, codes]))
    .digest("hex")}`;
}

function depositOf(client: Client, { entry, spaceId }: ReceivedEntry, patientId: string | undefined): Deposit {
  const org = [...client.directory.orgs()].find((one) => one.gateways.has(entry.author));
  return {
    spaceId,
    entryId: entry.entryId,
    institutionId: org?.id ?? entry.author,
    isOwn: org?.gateways.has(client.userId) === true,
    system: entry.provenance?.system ?? "",
    sourceId: entry.provenance?.sourceId ?? "",
    receivedMs: entry.provenance?.receivedMs ?? entry.t,
    patientId,
  };
}

async function patientsOfSpaces(sql: postgres.ISql, spaceIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ id: string; spaceId: string }[]>`
    SELECT id::text, space_id AS "spaceId" FROM patient WHERE space_id = ANY(${spaceIds}::text[])`;
  return new Map(rows.map(({ id, spaceId }) => [spaceId, id]));
}

/** Files what was opened before the door kept versions (migration 004); once, at a start. */
export async function projectUnfiled({ sql, client }: Deps): Promise<void> {
  const rows = await sql<
    { space_id: string; entry_id: string; position: number; institution: string; received_ms: string; json: string }[]
  >`
    SELECT space_id, entry_id, position, institution, received_ms::text, json FROM fhir_unprojected ORDER BY received_ms, entry_id, position`;
  if (rows.length === 0) return;
  const orgs = [...client.directory.orgs()].map((org) => ({
    org,
    name: client.directory.consortium()?.orgs.get(org.id)?.name ?? org.id,
  }));
  await sql.begin(async (tx) => {
    const patients = await patientsOfSpaces(tx, [...new Set(rows.map((row) => row.space_id))]);
    const entries = rows.map((row) => ({ spaceId: row.space_id, entryId: row.entry_id }));
    const filed = await filedPlaces(tx, entries);
    for (const row of rows) {
      if (filed.has(placeKey({ spaceId: row.space_id, entryId: row.entry_id }, row.position))) continue;
      const found = orgs.find(({ name }) => name === row.institution)?.org;
      const deposit: Deposit = {
        spaceId: row.space_id,
        entryId: row.entry_id,
        institutionId: found?.id ?? row.institution,
        isOwn: found?.gateways.has(client.userId) === true,
        system: "",
        sourceId: "",
        receivedMs: Number(row.received_ms),
        patientId: patients.get(row.space_id),
      };
      await fileFragment(tx, deposit, row.position, row.json);
    }
    await tx`DELETE FROM fhir_unprojected`;
  });
}
