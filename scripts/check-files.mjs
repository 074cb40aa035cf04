/** House rules on files: kebab-case, no drawer names, no file that nobody can read in one sitting. */
import { globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";

const BANNED = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "shared",
  "core",
  "misc",
  "lib",
  "base",
  "manager",
  "types",
  "constants",
  "new",
  "old",
  "v2",
]);
const MAX_LINES = 400;

const problems = [];
for (const file of globSync("{packages,apps,tests,scripts,bench,examples}/**/*.{ts,tsx,mjs}", {
  exclude: (name) => ["node_modules", "dist"].includes(name),
})) {
  const stem = basename(file).split(".")[0];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) problems.push(`${file}: names are kebab-case`);
  for (const part of [stem, ...dirname(file).split("/")])
    if (BANNED.has(part)) problems.push(`${file}: "${part}" says nothing; name it by its noun`);
  const lines = readFileSync(file, "utf8").split("\n").length;
  if (lines > MAX_LINES) problems.push(`${file}: ${lines} lines; split it by concept (limit ${MAX_LINES})`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
