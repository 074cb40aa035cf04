import { readdirSync, readFileSync } from "node:fs";
import { checkHkid, createAssembler, type Picture, parseFragment } from "@caseroom/clinical";
import { expectOk } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { readFhir } from "./read-fhir.ts";

const FIXTURES = new URL("../../../../fixtures/patients/", import.meta.url);

function pictureOf(patient: string): Picture {
  const assembler = createAssembler();
  for (const file of readdirSync(new URL(`${patient}/`, FIXTURES))) {
    const institutionId = file.replace(".json", "");
    const provenance = { institutionId, institution: institutionId, system: "HIS", receivedMs: 1_000 };
    const resources = expectOk(readFhir(readFileSync(new URL(`${patient}/${file}`, FIXTURES), "utf8")), file);
    assembler.add(
      resources.map(({ json }, index) =>
        expectOk(parseFragment({ id: `${institutionId}:${index}`, json, provenance }), file),
      ),
    );
  }
  return assembler.picture();
}

describe("the record of Chan Tai Man", () => {
  const picture = pictureOf("chan-tai-man");

  it("is one picture of three institutions", () => {
    expect(picture.patient).toMatchObject({ name: "Chan Tai Man (陳大文)", birthDate: "1957-07-31", sex: "male" });
    expect(picture.institutions.map(({ id }) => id)).toEqual(["chc", "hgh", "kdc"]);
    expect(picture.problems).toMatchObject({ state: "listed", silentInstitutions: ["chc", "kdc"] });
    expect(
      picture.medications.items.some(({ title, status }) => title.startsWith("Warfarin") && status === "active"),
    ).toBe(true);
  });

  it("shows years of HbA1c in both units, the shared result once and the corrected one with its correction", () => {
    const points = picture.series.find(({ key }) => key === "hba1c")?.points ?? [];
    expect(points.map(({ text }) => text).slice(-7)).toEqual(["9.4", "7.7", "7.2", "6.8", "6.9", "53", "7.3"]);
    expect(points.every(({ hba1c }) => hba1c !== undefined)).toBe(true);
    expect(points.at(-3)?.sources.map(({ institutionId }) => institutionId)).toEqual(["chc", "kdc"]);
    expect(picture.timeline.filter(({ superseded }) => superseded).map(({ detail }) => detail)).toEqual([
      "8.1 % (4–5.6)",
    ]);
  });

  it("shows that the clinic contradicts the hospital about allergies", () => {
    expect(picture.allergies).toMatchObject({ state: "listed", silentInstitutions: ["kdc"] });
    expect(picture.conflicts.map(({ kind }) => kind)).toEqual(["allergy"]);
  });
});

describe("the demo's patients", () => {
  it("have identity numbers that hold, and results that no correction hides by accident", () => {
    for (const patient of readdirSync(FIXTURES).filter((name) => !name.includes("."))) {
      const { patient: facts, timeline } = pictureOf(patient);
      const hkid = facts?.identifiers.find(({ system }) => system === "HKID")?.value ?? "";
      expect(checkHkid(hkid), patient).toBe("valid");
      expect(timeline.filter(({ superseded }) => superseded).length, patient).toBe(patient === "chan-tai-man" ? 1 : 0);
    }
  });
});
