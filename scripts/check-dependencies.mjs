/** Every dependency of every package is pinned exactly and has a line in docs/dependencies.md that says why. */
import { globSync, readFileSync } from "node:fs";

const PINNED = /^(npm:@?[^@]+@)?\d+\.\d+\.\d+(-[a-z0-9.]+)?$/;

const reasons = readFileSync("docs/dependencies.md", "utf8").replace(/ +/g, " ");
const manifests = globSync("{packages,apps,scripts}/**/package.json", { exclude: (name) => name === "node_modules" });
const problems = [];
for (const file of ["package.json", ...manifests]) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file, "utf8"));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (name.startsWith("@caseroom/")) continue;
    if (!PINNED.test(version)) problems.push(`${file}: ${name} is not pinned exactly`);
    if (!reasons.includes(`| \`${name}\` |`)) problems.push(`${file}: ${name} has no line in docs/dependencies.md`);
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
