import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sql } from "@caseroom/postgres";
import { findWords, type needlesOf } from "./find-words.ts";

/** Where a word was seen: a file, a table of the database, or a recording. */
export type WorldSighting = { readonly place: string; readonly word: string; readonly form: string };
type Needles = ReturnType<typeof needlesOf>;

/** Every file below these folders, as it lies on disk. */
export function findInFiles(
  folders: readonly string[],
  needles: Needles,
  isSkipped: (path: string) => boolean,
): readonly WorldSighting[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((item): readonly WorldSighting[] => {
      const path = join(folder, item.name);
      if (isSkipped(path)) return [];
      if (item.isDirectory()) return findInFiles([path], needles, isSkipped);
      return item.isFile() ? placed(path, findWords(readOrNothing(path), needles)) : [];
    }),
  );
}

/** Every row of every table as text: what the database has compressed on disk is in clear here, and bytes are in hexadecimal. */
export async function findInTables(sql: Sql, needles: Needles): Promise<readonly WorldSighting[]> {
  const tables = await sql<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
  const sightings: WorldSighting[] = [];
  for (const { name } of tables) {
    const rows = await sql<{ line: string }[]>`SELECT t::text AS line FROM ${sql(name)} t`;
    const text = Buffer.from(rows.map(({ line }) => line).join("\n"));
    sightings.push(...placed(`table ${name}`, findWords(text, needles)));
    // Bytes stand there as \x and hexadecimal: taken back, every other form of the word shows as well.
    const bytes = Buffer.concat([...text.toString("latin1").matchAll(/\\\\?x((?:[0-9a-f]{2})+)/g)].map(unhex));
    sightings.push(...placed(`bytes of table ${name}`, findWords(bytes, needles)));
  }
  return sightings;
}

export function findInRecording(place: string, recorded: Buffer, needles: Needles): readonly WorldSighting[] {
  return placed(place, findWords(recorded, needles));
}

function unhex(match: RegExpExecArray): Buffer {
  return Buffer.from(match[1] ?? "", "hex");
}

function placed(place: string, found: ReturnType<typeof findWords>): readonly WorldSighting[] {
  return found.map(({ word, form }) => ({ place, word, form }));
}

/** A database at work removes files between being listed and being read. */
function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
