import { writeFileSync } from "node:fs";
import { coverageTable } from "./coverage-table.ts";
import { coverFolder } from "./covered-folder.ts";
import { permissionFor, readManifest } from "./refusal-manifest.ts";

/** Writes docs/coverage.md over a folder of samples: FOLDER/fhir-r4, FOLDER/ips and so on. Fails where the test would. */
const KINDS = ["fhir-r4", "ips", "ccda", "hl7v2", "dicom", "documents"];

const [folder, target = "docs/coverage.md"] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("Usage: npm run coverage:table -- FOLDER [FILE]\n");
  process.exitCode = 2;
} else {
  const rows = coverFolder(folder, KINDS);
  const manifest = readManifest();
  writeFileSync(target, coverageTable(rows, KINDS));
  const problems = [
    ...rows
      .filter(({ status, file }) => status !== "read" && permissionFor(manifest, file) === undefined)
      .map(({ file, status, why }) => `${file}: ${status} (${why}), and no line allows it`),
    ...rows
      .filter(({ unexplained }) => unexplained.length > 0)
      .map(({ file, unexplained }) => `${file}: ${unexplained.join(", ")} differ for no reason of the list`),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`${rows.length} files, ${problems.length} problems; ${target}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
