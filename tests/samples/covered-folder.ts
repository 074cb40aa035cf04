import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { toBytes } from "@caseroom/contract";
import { readZip } from "../../apps/gateway/src/features/import/read-zip.ts";
import { type CoveredFile, coverFile } from "./cover-file.ts";

export type FolderRow = CoveredFile & { readonly file: string };

/** Notes about the files, and the truth that somebody wrote down about a scan, are no sources. */
const NO_SOURCE = /(^|\/)(SOURCES\.md|[^/]*\.truth\.json|build\.mjs|objects\.json)$/;

/** Every file below a folder, those of zips as well, in the order of their names. */
export function coverFolder(root: string, kinds: readonly string[]): readonly FolderRow[] {
  return kinds.flatMap((kind) =>
    walk(join(root, kind)).flatMap((path): readonly FolderRow[] => {
      const file = relative(root, path);
      if (NO_SOURCE.test(file)) return [];
      const raw = readFileSync(path);
      const bytes = toBytes(file.endsWith(".gz") ? gunzipSync(raw) : raw);
      const zip = bytes[0] === 0x50 && bytes[1] === 0x4b ? readZip(bytes) : undefined;
      if (zip?.ok !== true) return [{ file, ...coverFile(basename(path), bytes) }];
      return zip.value.flatMap(({ name, read }) => {
        const inner = read();
        return inner.ok ? [{ file: `${file}/${name}`, ...coverFile(basename(name), inner.value) }] : [];
      });
    }),
  );
}

function walk(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}
