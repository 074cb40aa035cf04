import { type Client, parseFhirBody, type ReceivedEntry } from "@caseroom/client";
import { clinicalTime, codingsOf, type Fragment, identifiersOf, parseFragment } from "@caseroom/clinical";
import type postgres from "postgres";

/** Keeps what this institution may read, opened and verified, for its own systems: the FHIR door reads from here. */
export async function projectEntries(
  deps: { readonly sql: postgres.Sql; readonly client: Client },
  received: readonly ReceivedEntry[],
): Promise<void> {
  const fragments = received.flatMap((one) => (one.entry.kind === "fhir" ? fragmentsOf(deps.client, one) : []));
  if (fragments.length === 0) return;
  await deps.sql.begin(async (tx) => {
    await insertResources(tx, fragments);
    await insertTokens(tx, fragments);
  });
}

type Projected = {
  readonly spaceId: string;
  readonly entryId: string;
  readonly position: number;
  readonly fragment: Fragment;
};

function fragmentsOf(client: Client, { entry, spaceId }: ReceivedEntry): readonly Projected[] {
  const { institutionId, institution } = institutionOf(client, entry.author);
  return (parseFhirBody(entry.body) ?? []).flatMap((json, position) => {
    const provenance = {
      institutionId,
      institution,
      system: entry.provenance?.system ?? "",
      receivedMs: entry.provenance?.receivedMs ?? entry.t,
    };
    const fragment = parseFragment({ id: `${entry.entryId}:${position}`, json, provenance });
    return fragment.ok ? [{ spaceId, entryId: entry.entryId, position, fragment: fragment.value }] : [];
  });
}

/** The institution whose gateway signed. */
function institutionOf(client: Client, author: ReceivedEntry["entry"]["author"]) {
  for (const org of client.directory.orgs()) {
    if (!org.gateways.has(author)) continue;
    return { institutionId: org.id, institution: client.directory.consortium()?.orgs.get(org.id)?.name ?? org.id };
  }
  return { institutionId: author, institution: author };
}

async function insertResources(sql: postgres.ISql, rows: readonly Projected[]): Promise<void> {
  await sql`
    INSERT INTO fhir_resource (space_id, entry_id, position, resource_type, institution, received_ms, effective_ms, json)
    SELECT * FROM unnest(
      ${rows.map((row) => row.spaceId)}::text[], ${rows.map((row) => row.entryId)}::text[], ${rows.map((row) => row.position)}::integer[],
      ${rows.map((row) => row.fragment.resourceType)}::text[], ${rows.map((row) => row.fragment.provenance.institution)}::text[],
      ${rows.map((row) => row.fragment.provenance.receivedMs)}::bigint[], ${rows.map((row) => clinicalTime(row.fragment.resource)?.ms ?? null)}::bigint[],
      ${rows.map((row) => row.fragment.json)}::text[])
    ON CONFLICT DO NOTHING`;
}

async function insertTokens(sql: postgres.ISql, rows: readonly Projected[]): Promise<void> {
  const tokens = rows.flatMap((row) => [
    ...identifiersOf(row.fragment.resource).map((one) => ({
      row,
      parameter: "identifier",
      system: one.system ?? "",
      value: one.value ?? "",
    })),
    ...codingsOf(row.fragment.resource.code).map((one) => ({
      row,
      parameter: "code",
      system: one.system ?? "",
      value: one.code ?? "",
    })),
  ]);
  if (tokens.length === 0) return;
  await sql`
    INSERT INTO fhir_token (space_id, entry_id, position, resource_type, parameter, system, value)
    SELECT * FROM unnest(
      ${tokens.map((one) => one.row.spaceId)}::text[], ${tokens.map((one) => one.row.entryId)}::text[], ${tokens.map((one) => one.row.position)}::integer[],
      ${tokens.map((one) => one.row.fragment.resourceType)}::text[], ${tokens.map((one) => one.parameter)}::text[],
      ${tokens.map((one) => one.system)}::text[], ${tokens.map((one) => one.value)}::text[])
    ON CONFLICT DO NOTHING`;
}
