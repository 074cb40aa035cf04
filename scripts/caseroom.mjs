#!/usr/bin/env node
/**
 * The one entrance: `npm start`, `npm test` and `npx caseroom <words>` all come here.
 *
 * It must run on any Node from 18 and needs no install, because a fresh clone has neither the right Node nor
 * node_modules. In order: the right Node (from npm, into .node/), the packages, the web app's build, the work.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_VERSION = "24.21.0";
const NODE_MINIMUM = [24, 15];
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SELF = fileURLToPath(import.meta.url);

/** Node announces each experimental algorithm of WebCrypto; that we use them is decided in docs/dependencies.md. */
const FLAGS = ["--disable-warning=ExperimentalWarning"];

const words = process.argv.slice(2);
if (!isNodeRecent()) {
  process.exit(runUnderOwnNode());
}
installPackages();
if (words[0] === "test") {
  buildWebApp();
  process.exit(run(process.execPath, [join(ROOT, "scripts/run-tests.mjs"), ...words.slice(1)]));
}
if (words[0] === "check") {
  process.exit(run(process.execPath, [join(ROOT, "scripts/run-tests.mjs"), "--checks-only"]));
}
if (words[0] === "test-full") {
  const kills = run(process.execPath, [...FLAGS, join(ROOT, "tests/crash/kill-full.ts"), ...words.slice(1)]);
  const resume = [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--project",
    "crash",
    "tests/crash/resume.test.ts",
  ];
  process.exit(run(process.execPath, resume, { ...process.env, CASEROOM_TEST_FULL: "yes" }) || kills);
}
if (words[0] === "start") buildWebApp();
const command = words[0] === "start" ? ["world", "start", ...words.slice(1)] : words;
process.exit(run(process.execPath, [...FLAGS, join(ROOT, "apps/cli/src/main.ts"), ...command]));

function isNodeRecent() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1]);
}

/** Node of this platform as an npm package: no install script, nothing outside the checkout is touched. */
function runUnderOwnNode() {
  if (process.env.CASEROOM_OWN_NODE) {
    fail("the Node installed into .node/ is still too old", "remove the folder .node and run the command again");
  }
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(ROOT, ".node", "node_modules", name, "bin");
  const node = join(folder, process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(node) || !readVersion(node).startsWith(`v${NODE_VERSION}`)) {
    say(
      `Node ${process.versions.node} is older than ${NODE_MINIMUM.join(".")}: getting Node ${NODE_VERSION} into .node/ (once, about 190 MB)`,
    );
    makeFolder(join(ROOT, ".node"));
    const code = npm([
      "install",
      "--prefix",
      join(ROOT, ".node"),
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--engine-strict=false",
      `${name}@${NODE_VERSION}`,
    ]);
    if (code !== 0 || !existsSync(node)) {
      fail(
        `npm could not install ${name}@${NODE_VERSION}`,
        "check that the npm registry can be reached (npm ping), or install Node 24.15 or newer yourself and run the command again",
      );
    }
  }
  const env = { ...process.env, CASEROOM_OWN_NODE: "1", PATH: `${folder}${delimiter}${process.env.PATH ?? ""}` };
  return run(node, [SELF, ...words], env);
}

function installPackages() {
  const lock = join(ROOT, "package-lock.json");
  const stamp = join(ROOT, "node_modules", ".caseroom-lock");
  const wanted = hashFiles([lock]);
  if (readText(stamp) === wanted) return;
  requireWritable(ROOT);
  say("installing packages (npm install)");
  if (npm(["install", "--no-audit", "--no-fund"]) !== 0) {
    fail(
      "npm install failed",
      "check that the npm registry can be reached (npm ping) and that this folder is writable",
    );
  }
  // npm may complete the lock file for this platform: what counts is the lock that was installed.
  writeText(stamp, hashFiles([lock]));
}

function buildWebApp() {
  const web = join(ROOT, "apps/web");
  if (!existsSync(join(web, "vite.config.ts"))) return;
  const stamp = join(web, "dist", ".caseroom-sources");
  const folders = [
    "apps/web",
    "packages/client",
    "packages/clinical",
    "packages/contract",
    "packages/crypto",
    "packages/space",
  ];
  const wanted = hashFiles([
    join(ROOT, "package-lock.json"),
    ...folders.flatMap((folder) => sourceFiles(join(ROOT, folder))),
  ]);
  if (readText(stamp) === wanted) return;
  say("building the web app (vite build)");
  const vite = join(ROOT, "node_modules/vite/bin/vite.js");
  if (run(process.execPath, [vite, "build", "--logLevel", "warn"], process.env, web) !== 0) {
    // The checks must still run and show everything else that is wrong.
    if (words[0] === "test") return;
    fail("the web app does not build", "read the message above; run `npm test` to see all that is wrong");
  }
  makeFolder(join(web, "dist"));
  writeText(stamp, wanted);
}

function sourceFiles(folder) {
  /** @type {string[]} */
  const files = [];
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    if (["node_modules", "dist", "coverage"].includes(item.name)) continue;
    const path = join(folder, item.name);
    if (item.isDirectory()) files.push(...sourceFiles(path));
    else if (!/\.test\.tsx?$/.test(item.name)) files.push(path);
  }
  return files.sort();
}

function hashFiles(paths) {
  const hash = createHash("sha256");
  for (const path of paths)
    hash
      .update(path.slice(ROOT.length))
      .update("\0")
      .update(readText(path) ?? "")
      .update("\0");
  return hash.digest("hex");
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readVersion(node) {
  return spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? "";
}

function makeFolder(path) {
  orSayReadOnly(path, () => mkdirSync(path, { recursive: true }));
}

function writeText(path, text) {
  orSayReadOnly(path, () => writeFileSync(path, text));
}

/** Asked before npm is: its own account of a read-only folder fills a screen. */
function requireWritable(path) {
  orSayReadOnly(path, () => accessSync(path, constants.W_OK));
}

function orSayReadOnly(path, act) {
  try {
    act();
  } catch (error) {
    fail(`cannot write ${path} (${error.code})`, "make the checkout writable, or clone it to a folder of yours");
  }
}

/** npm of the machine under the Node that runs this script; on Windows npm is a batch file and needs a shell. */
function npm(args) {
  return run("npm", args, process.env, ROOT, process.platform === "win32");
}

function run(file, args, env = process.env, cwd = ROOT, shell = false) {
  // Ctrl+C reaches the child through the terminal: it stops in its own order and this script waits for it.
  process.on("SIGINT", () => {});
  const result = spawnSync(file, args, { stdio: "inherit", env, cwd, shell });
  if (result.error) {
    say(`${file} could not be started: ${result.error.message}`);
    return 1;
  }
  return result.status ?? 1;
}

function say(text) {
  process.stderr.write(`caseroom: ${text}\n`);
}

function fail(what, remedy) {
  say(`${what}\n          ${remedy}`);
  process.exit(1);
}
