import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type postgres from "postgres";

/**
 * Removes what a crash left behind between a file and its row: nobody was told that it is kept, and nobody would ever seal it. Before
 * anything is received; what is being written at that moment would go with it.
 */
export async function removeLeftovers({ sql, dataDir }: { readonly sql: postgres.Sql; readonly dataDir: string }) {
  const rows = await sql<{ file: string }[]>`SELECT file FROM imaging_instance WHERE state = 'received'`;
  const known = new Set(rows.map(({ file }) => file));
  for (const file of await filesBelow(dataDir, "imaging/instances"))
    if (!known.has(file)) await rm(join(dataDir, file), { force: true });
  for (const file of await filesBelow(dataDir, "imaging/quarantine"))
    if (file.endsWith(".part")) await rm(join(dataDir, file), { force: true });
}

/** With forward slashes, as rows name them. */
async function filesBelow(dataDir: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(dataDir, folder), { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesBelow(dataDir, path)));
    else files.push(path);
  }
  return files;
}
