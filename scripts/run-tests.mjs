/**
 * `npm test`: every check of the repository in one run. All of them run even when one fails, so that one run shows everything.
 * Ends with a summary and the line that counts: checks and tests together, "N passed, N failed". With `--checks-only` (`npm run check`)
 * the tests are left out: the minute before a commit.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";

process.chdir(dirname(import.meta.dirname));

const workspaces = readJson("package.json")
  .workspaces.flatMap((pattern) => globSync(pattern))
  .sort();
const written = workspaces.filter(hasSources);
const unwritten = workspaces.filter((workspace) => !hasSources(workspace));
const typed = new Set([
  ...written.filter((workspace) => globSync(`${workspace}/src/**/*.{ts,tsx}`).length > 0),
  ...globSync("{packages,apps,tests,bench,examples,scripts}/**/tsconfig.json", { exclude: isInstalled })
    .map(dirname)
    .filter(hasSources),
]);
const folders = ["packages", "apps", "tests", "bench", "examples", "scripts"].filter((folder) => existsSync(folder));

/** The slow ones first: the short ones fill the gaps. */
const checks = [
  { name: "promises (type-aware lint)", args: [tool("oxlint"), "--type-aware", ...folders] },
  { name: "unused code", args: [tool("knip"), "--no-progress", ...[".", ...written].map((it) => `--workspace=${it}`)] },
  { name: "arrows between packages", args: ["scripts/arrows/check-arrows.mjs"] },
  ...[...typed].map((folder) => ({
    name: `types of ${folder}`,
    args: [tool("typescript", "tsc"), "-p", join(folder, "tsconfig.json")],
  })),
  { name: "format and lint", args: [tool("@biomejs/biome", "biome"), "check", "."] },
  { name: "ciphers in the hub", args: ["scripts/check-hub-ciphers.mjs"] },
  { name: "file names and sizes", args: ["scripts/check-files.mjs"] },
  { name: "a reason for every dependency", args: ["scripts/check-dependencies.mjs"] },
];

/** @type {string[]} */
const failed = [];
const waiting = [...checks];
await Promise.all(Array.from({ length: Math.max(1, Math.min(4, availableParallelism())) }, work));
if (unwritten.length > 0) process.stdout.write(`- without sources, so unchecked: ${unwritten.join(", ")}\n`);

const words = process.argv.slice(2);
const { counts, seconds } = words.includes("--checks-only")
  ? { counts: { passed: 0, failed: 0, skipped: 0 }, seconds: 0 }
  : runVitest(words);
const passed = counts.passed + checks.length - failed.length;
const failures = counts.failed + failed.length;
process.stdout.write(`\nchecks: ${checks.length - failed.length} hold, ${failed.length} do not\n`);
for (const name of failed) process.stdout.write(`  ✗ ${name}\n`);
process.stdout.write(
  `tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)\n`,
);
process.stdout.write(`${passed} passed, ${failures} failed\n`);
process.exitCode = failures === 0 ? 0 : 1;

async function work() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const started = performance.now();
    const { holds, output } = await runNode(check.args);
    process.stdout.write(`${holds ? "✓" : "✗"} ${check.name} (${since(started)} s)\n`);
    if (holds) continue;
    process.stdout.write(`${output}\n`);
    failed.push(check.name);
  }
}

/** @returns {Promise<{ holds: boolean, output: string }>} */
function runNode(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const pieces = [];
    child.stdout.on("data", (piece) => pieces.push(piece));
    child.stderr.on("data", (piece) => pieces.push(piece));
    child.on("error", (error) => resolve({ holds: false, output: error.message }));
    child.on("close", (code) => resolve({ holds: code === 0, output: Buffer.concat(pieces).toString("utf8") }));
  });
}

/** Vitest alone, after the checks: its tests measure patience in seconds and start databases. */
function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), "caseroom-test-"));
  const countsFile = join(folder, "counts.json");
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [tool("vitest"), "run", ...args], {
    stdio: "inherit",
    env: { ...process.env, CASEROOM_TEST_COUNTS: countsFile },
  });
  const counts = existsSync(countsFile) ? readJson(countsFile) : { passed: 0, failed: 0, skipped: 0 };
  rmSync(folder, { recursive: true, force: true });
  // Vitest can fail without a failed test, for instance when it finds none or crashes.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return { counts, seconds: since(started) };
}

/** The script behind a tool's command: started directly, since npx would fetch from the registry what is missing. */
function tool(name, command = name) {
  const { bin } = readJson(join("node_modules", name, "package.json"));
  return join("node_modules", name, typeof bin === "string" ? bin : bin[command]);
}

function hasSources(folder) {
  return globSync(`${folder}/**/*.{ts,tsx,mjs}`, { exclude: isInstalled }).length > 0;
}

function isInstalled(name) {
  return name === "node_modules" || name === "dist";
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function since(started) {
  return ((performance.now() - started) / 1000).toFixed(1);
}
