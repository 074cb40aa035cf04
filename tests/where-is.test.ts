import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

describe("the table at the end of ARCHITECTURE.md", () => {
  const table = readFileSync(join(root, "ARCHITECTURE.md"), "utf8").split("## Where is …?")[1] ?? "";
  const rows = [...table.matchAll(/^\| +([^|]*[^| ]) +\| +`([^`]+)` +\|$/gm)].map((row) => ({
    what: row[1],
    path: row[2] ?? "",
  }));

  it("answers at least twenty questions", () => {
    expect(rows.length).toBeGreaterThanOrEqual(20);
  });

  it.each(rows)("says truly where $what is", ({ path }) => {
    expect(existsSync(join(root, path)), path).toBe(true);
  });
});
