import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreLargeData } from "@caseroom/client";
import { createAssembler, parseFragment } from "@caseroom/clinical";
import { expectOk, importLine } from "@caseroom/contract";
import { fragmentsOf, gatewayOf, readDemoWorld, signInPerson, type TestPerson } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const world = readDemoWorld(inject("worldFolder"));
const REPOSITORY = join(import.meta.dirname, "../..");
const fixture = (name: string): string => readFileSync(join(REPOSITORY, "fixtures/ccda", name), "utf8");
type OpenBlobOf = Parameters<typeof restoreLargeData>[1];
let folder: string;
let ho: TestPerson;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "caseroom-ccda-"));
  ho = await signInPerson(world, "ho");
});
afterAll(async () => {
  await ho?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function bring(...names: readonly string[]) {
  const files = names.map((name) => join(folder, name));
  const patient = ["--patient", "KDC|KD-778812"];
  const words = ["import", "--world", world.folder, "--gateway", "kdc", ...patient, ...files];
  const done = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(REPOSITORY, "apps/cli/src/main.ts"), ...words],
    {
      encoding: "utf8",
    },
  );
  expect(done.stderr).toBe("");
  return done.stdout
    .trim()
    .split("\n")
    .map((line) => importLine.parse(JSON.parse(line)));
}

/** Everything that a doctor has received, as their screen puts it together. */
function pictureOf(person: TestPerson) {
  const assembler = createAssembler();
  const provenance = { institutionId: "any", institution: "Any", system: "any", receivedMs: 0 };
  for (const [at, entry] of person.entries().entries())
    for (const [i, json] of fragmentsOf(entry).entries()) {
      const fragment = parseFragment({ id: `${at}:${i}`, json, provenance });
      assembler.add([expectOk(fragment, "a fragment that was received")]);
    }
  return assembler.picture();
}

const base64Of = (text: string): string => Buffer.from(text).toString("base64");

function openAs(person: TestPerson): OpenBlobOf {
  return (compId, descriptor) => person.client.blobs.open(compId, descriptor).read(0, descriptor.plainLength);
}

/** What an institution's own systems find at its door. */
async function searchDocuments(id: string): Promise<string> {
  const { fhir, token } = gatewayOf(world, id);
  const url = `${fhir}/DocumentReference?patient.identifier=${encodeURIComponent("KDC|KD-778812")}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return response.text();
}

describe("a summary that a patient brought from abroad", () => {
  it("imported at one institution warns the doctor of another, who can also open the file as it was", async () => {
    const chan = (text: string) =>
      text
        .replaceAll("19950105", "19570731")
        .replaceAll("Marsha", "Tai Man")
        .replaceAll("Pope", "Chan")
        .replace(/<administrativeGenderCode[^>]*>/, '<administrativeGenderCode code="M"/>');
    const document = chan(fixture("emerge-124.xml"));
    writeFileSync(join(folder, "summary.xml"), document);
    writeFileSync(join(folder, "egg.xml"), fixture("fragment-allergy-to-egg.xml"));
    writeFileSync(join(folder, "hers.xml"), fixture("emerge-124.xml"));
    const lines = bring("summary.xml", "egg.xml", "hers.xml");
    expect(
      lines.map(({ file, status, format, patient, code }) => [
        file.slice(folder.length + 1),
        status,
        format,
        patient,
        code,
      ]),
    ).toEqual([
      ["summary.xml", "read", "ccda", "KDC|KD-778812", undefined],
      ["egg.xml", "read", "ccda", "KDC|KD-778812", undefined],
      ["hers.xml", "quarantined", "ccda", undefined, "PATIENT_MISMATCH"],
    ]);
    await ho.awaitEntry((one) => fragmentsOf(one).some((json) => /"AllergyIntolerance".*[Ee]gg/.test(json)));
    const isOriginal = (json: string) => json.includes('"application/xml"') && json.includes("urn:caseroom:blob:");
    const sent = await ho.awaitEntry((one) => fragmentsOf(one).some(isOriginal));
    const original = fragmentsOf(sent).find(isOriginal) ?? "";
    expect(expectOk(await restoreLargeData(original, openAs(ho)), "the file")).toContain(base64Of(document));
    expect(await searchDocuments("chc")).toContain(base64Of(document));
    const picture = pictureOf(ho);
    expect(picture.allergies.items.map(({ title }) => title.toLowerCase()).join()).toContain("egg");
  });
});
