import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { gatewayOf, readDemoWorld } from "@caseroom/testkit";
import { describe, expect, inject, it } from "vitest";

const world = readDemoWorld(inject("worldFolder"));
const REPOSITORY = join(import.meta.dirname, "../..");

function caseroom(...words: string[]) {
  const script = join(REPOSITORY, "apps/cli/src/main.ts");
  return spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...words], {
    encoding: "utf8",
    cwd: REPOSITORY,
  });
}

describe("caseroom share", () => {
  it("ends with 0 once the other institution's own FHIR door shows the patient", async () => {
    const kdc = gatewayOf(world, "kdc");
    const search = async () => {
      const response = await fetch(`${kdc.fhir}/Patient?identifier=${encodeURIComponent("HGH|H0031184")}`, {
        headers: { authorization: `Bearer ${kdc.token}` },
      });
      return response.json();
    };
    expect(await search()).toMatchObject({ resourceType: "Bundle", total: 0 });
    const shared = caseroom(
      "share",
      "--world",
      world.folder,
      "--patient",
      "HGH|H0031184",
      "--from",
      "hgh",
      "--to",
      "kdc",
    );
    expect(shared.stderr).toBe("");
    expect(shared.status).toBe(0);
    expect(await search()).toMatchObject({ resourceType: "Bundle", total: 1 });
  });

  it("says what to do when nobody has the number, and what it needs when words are missing", () => {
    const unknown = caseroom(
      "share",
      "--world",
      world.folder,
      "--patient",
      "HGH|nobody",
      "--from",
      "hgh",
      "--to",
      "kdc",
    );
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain("no patient of that gateway has this number");
    const incomplete = caseroom("share", "--world", world.folder);
    expect(incomplete.status).toBe(2);
    expect(incomplete.stderr).toContain("--patient, --from and --to are needed");
  });
});

describe("caseroom", () => {
  it("explains itself", () => {
    expect(caseroom().stdout).toContain("Usage: caseroom <command>");
    expect(caseroom("share", "--help").stdout).toContain("Example:");
    const wrong = caseroom("dance");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain("there is no command");
  });
});
