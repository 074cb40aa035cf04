import { type Client, parseImagingManifest, type ReceivedEntry } from "@caseroom/client";
import { encodeCbor } from "@caseroom/crypto/verify";
import type postgres from "postgres";

/**
 * Keeps every manifest that this institution may read until its index has been read, and takes note of those that are withdrawn. Written
 * before the feed's progress is, so that none is lost; a manifest that comes twice is one.
 */
export async function queueManifests(
  deps: { readonly sql: postgres.Sql; readonly client: Client },
  received: readonly ReceivedEntry[],
): Promise<number> {
  let count = 0;
  for (const one of received) {
    if (one.entry.kind === "manifest" && parseImagingManifest(one.entry.body) !== undefined) {
      await insertManifest(deps, one);
      count += 1;
    }
    if (one.entry.kind === "retract" && one.entry.re !== undefined) count += await retract(deps, one, one.entry.re);
  }
  return count;
}

/** The institution whose gateway signed, by id and name. */
function authorOf(client: Client, author: string): { readonly author: string; readonly institution: string } {
  for (const org of client.directory.orgs()) {
    if (![...org.gateways.keys()].some((userId) => userId === author)) continue;
    return { author: org.id, institution: client.directory.consortium()?.orgs.get(org.id)?.name ?? org.id };
  }
  return { author, institution: author };
}

async function insertManifest(
  { sql, client }: { readonly sql: postgres.Sql; readonly client: Client },
  { spaceId, compId, n, entry }: ReceivedEntry,
): Promise<void> {
  const { author, institution } = authorOf(client, entry.author);
  await sql`
    INSERT INTO imaging_manifest (space_id, entry_id, comp_id, n, author, institution, received_ms, body, state)
    VALUES (${spaceId}, ${entry.entryId}, ${compId}, ${n}, ${author}, ${institution}, ${entry.t}, ${Buffer.from(encodeCbor(entry.body))}, 'waiting')
    ON CONFLICT DO NOTHING`;
}

/** Counts only from the institution that wrote it (phase-1 §2.20). */
async function retract(
  { sql, client }: { readonly sql: postgres.Sql; readonly client: Client },
  { spaceId, entry }: ReceivedEntry,
  re: string,
): Promise<number> {
  const { author } = authorOf(client, entry.author);
  return sql.begin(async (tx) => {
    const done = await tx`
      UPDATE imaging_manifest SET state = 'retracted'
      WHERE space_id = ${spaceId} AND entry_id = ${re} AND author = ${author} AND state <> 'retracted'`;
    const gone = await tx<{ series: string }[]>`
      DELETE FROM imaging_series WHERE space_id = ${spaceId} AND entry_id = ${re} AND author = ${author} RETURNING series`;
    for (const { series } of gone)
      await tx`DELETE FROM imaging_object WHERE space_id = ${spaceId} AND author = ${author} AND series = ${series}`;
    return done.count;
  });
}
