import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importLine } from "@caseroom/contract";
import { gatewayOf, readDemoWorld } from "@caseroom/testkit";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";

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

describe("caseroom import", () => {
  it("takes in a patient's stick, says of each file what became of it, and changes nothing the second time", async () => {
    const stick = mkdtempSync(join(tmpdir(), "caseroom-stick-"));
    try {
      const patient = {
        resourceType: "Patient",
        id: "p1",
        identifier: [{ system: "HGH", value: "H-STICK-1" }],
        name: [{ family: "Ng", given: ["Ka Yan"] }],
        birthDate: "1970-02-03",
        gender: "female",
      };
      const allergy = {
        resourceType: "AllergyIntolerance",
        id: "a1",
        patient: { reference: "Patient/p1" },
        code: { text: "Latex" },
      };
      mkdirSync(join(stick, "export"));
      writeFileSync(join(stick, "export", "Patient.ndjson"), `${JSON.stringify(patient)}\n`);
      writeFileSync(join(stick, "export", "AllergyIntolerance.ndjson"), `${JSON.stringify(allergy)}\n`);
      copyFileSync(join(REPOSITORY, "fixtures/dicom/viewer/mr-small.dcm"), join(stick, "IM0001"));
      writeFileSync(join(stick, "notes.txt"), "remember the milk");
      for (const _round of ["first", "again"]) {
        const done = caseroom("import", "--world", world.folder, "--gateway", "hgh", stick);
        expect(done.stderr).toBe("");
        expect(done.status).toBe(0);
        const lines = done.stdout
          .trim()
          .split("\n")
          .map((line) => importLine.parse(JSON.parse(line)));
        expect(lines.map(({ file, status, counts }) => [file.slice(stick.length + 1), status, counts])).toEqual([
          ["IM0001", "read", { ImagingStudy: 1 }],
          ["notes.txt", "refused", {}],
          ["export/AllergyIntolerance.ndjson", "read", { AllergyIntolerance: 1 }],
          ["export/Patient.ndjson", "read", { Patient: 1 }],
        ]);
      }
      const hgh = gatewayOf(world, "hgh");
      const total = async () => {
        const url = `${hgh.fhir}/AllergyIntolerance?patient.identifier=${encodeURIComponent("HGH|H-STICK-1")}`;
        const response = await fetch(url, { headers: { authorization: `Bearer ${hgh.token}` } });
        return z.object({ total: z.number() }).parse(await response.json()).total;
      };
      await expect.poll(total, { timeout: 30_000 }).toBe(1);
    } finally {
      rmSync(stick, { recursive: true, force: true });
    }
  });

  it("sends nothing when a path is not there, and says which", () => {
    const done = caseroom("import", "--world", world.folder, "--gateway", "hgh", "/nowhere/at-all");
    expect(done.status).toBe(2);
    expect(done.stderr).toContain("/nowhere/at-all");
  });
});
