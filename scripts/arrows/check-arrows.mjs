/**
 * Checks the arrows of ARCHITECTURE.md with dependency-cruiser, in the folder where it is called: `check-arrows.mjs [folder …]`.
 *
 * dependency-cruiser reads TypeScript through the programming interface of TypeScript 6 (7 has none yet). Without one it warns,
 * sees no file and calls that a success. So the 6 of this workspace is put before it, and the check fails unless every source
 * was seen.
 */
import { existsSync, globSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";

const requireHere = createRequire(import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    const asksForTypescript =
      /^typescript(\/|$)/.test(specifier) && context.parentURL?.includes("/dependency-cruiser/");
    if (!asksForTypescript) return next(specifier, context);
    return { url: pathToFileURL(requireHere.resolve(specifier)).href, shortCircuit: true };
  },
});

const { cruise } = await import("dependency-cruiser");
const { default: extractOptions } = await import("dependency-cruiser/config-utl/extract-depcruise-options");
const { default: extractTsConfig } = await import("dependency-cruiser/config-utl/extract-ts-config");

const asked = process.argv.slice(2);
const folders = (asked.length > 0 ? asked : ["packages", "apps", "tests"]).filter((folder) => existsSync(folder));
const sources = folders
  .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { exclude: (name) => isIgnored(name) }))
  .map((file) => file.split(sep).join("/"));

const options = await extractOptions(join(process.cwd(), ".dependency-cruiser.cjs"));
const tsConfig = extractTsConfig(join(process.cwd(), options.tsConfig.fileName));
const { output: seen } = await cruise(folders, options, undefined, { tsConfig });

const problems = seen.summary.violations.map(describe);
for (const issue of seen.summary.environmentIssues ?? []) {
  problems.push(`the arrows cannot be trusted: ${issue.name}: ${issue.description}`);
}
const modules = new Set(seen.modules.map((module) => module.source));
const unseen = sources.filter((file) => !modules.has(file) && existsSync(file));
if (sources.length === 0) problems.push("the arrows cannot be trusted: there are no sources here");
if (unseen.length > 0) {
  problems.push(`the arrows cannot be trusted: ${unseen.length} sources were not seen, such as ${unseen[0]}`);
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`${sources.length} sources, ${seen.summary.totalDependenciesCruised ?? 0} imports\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function describe({ rule, from, to, via = [], cycle = [] }) {
  const way = [...via, ...cycle].map((step) => step.name);
  return `${rule.name}: ${from} → ${way.length > 0 ? way.join(" → ") : to}`;
}

function isIgnored(name) {
  return ["node_modules", "dist", "fixtures"].includes(name);
}
