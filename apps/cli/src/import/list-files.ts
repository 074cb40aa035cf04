import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** One thing to send: a file, or the bulk-export files of a folder, which belong together. */
export type ImportUnit = { readonly name: string; readonly files: readonly string[] };

const BOOKKEEPING = new Set([".DS_Store", "Thumbs.db", "__MACOSX"]);

/** Everything below the paths in a stable order; `missing` is what is not there. */
export function listUnits(paths: readonly string[]): {
  readonly units: readonly ImportUnit[];
  readonly missing: readonly string[];
} {
  const units: ImportUnit[] = [];
  const missing: string[] = [];
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) missing.push(path);
    else if (stat.isDirectory()) units.push(...unitsBelow(path));
    else units.push({ name: path, files: [path] });
  }
  return { units, missing };
}

function unitsBelow(folder: string): readonly ImportUnit[] {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !BOOKKEEPING.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  const lines = files.filter((file) => /\.ndjson$/i.test(file));
  return [
    ...files.filter((file) => !lines.includes(file)).map((file) => ({ name: file, files: [file] })),
    ...(lines.length === 0 ? [] : [{ name: folder, files: lines }]),
    ...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => unitsBelow(join(folder, name))),
  ];
}

/** The name of a file of a unit inside the zip in which it is sent. */
export function nameInZip(file: string): string {
  return basename(file);
}
