import { readdirSync, readFileSync } from "node:fs";
import { failure, type ImportLine, ok, toBytes, utf8ToBytes } from "@caseroom/contract";
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { type ImportDoors, importUpload } from "./import-upload.ts";

/** Doors that remember what came through, and refuse a patient by the name of Mallory. */
function openDoors() {
  const bundles: string[] = [];
  const doors: ImportDoors = {
    fhir: async (bundle) => {
      if (bundle.includes("Mallory")) return { ok: false, error: failure("PATIENT_MISMATCH", "another birth date") };
      bundles.push(bundle);
      return ok({ patient: `HGH|${/"id":"(\w+)"/.exec(bundle)?.[1]}` });
    },
    dicom: async (bytes) =>
      bytes.length > 200
        ? ok({ patient: "HGH|1", isNew: true })
        : { ok: false, error: { ...failure("PATIENT_MISMATCH"), isKept: true } },
    document: async () => ({ ok: false, error: failure("SOURCE_INCOMPLETE") }),
    hl7v2: async () => ({ fragments: [], messages: 1, announced: undefined, asideBy: [], patient: undefined }),
    ccda: async () => ({ ok: false, error: { ...failure("SOURCE_UNREADABLE"), isKept: true } }),
  };
  const run = async (name: string, bytes: Uint8Array) => {
    const lines: ImportLine[] = [];
    for await (const line of importUpload(doors, { name, bytes: toBytes(bytes) })) lines.push(line);
    return lines;
  };
  return { bundles, run };
}

const json = (value: unknown) => JSON.stringify(value);
const patient = (id: string, name = "Chan") => ({ resourceType: "Patient", id, name: [{ family: name }] });
const result = (of: string, id: string) => ({
  resourceType: "Observation",
  id,
  subject: { reference: `Patient/${of}` },
  performer: [{ reference: "Practitioner/dr" }],
});
const dicom = (size: number) => {
  const bytes = new Uint8Array(size);
  bytes.set(strToU8("DICM"), 128);
  return bytes;
};

describe("a file that somebody imports", () => {
  it("of a bulk export gives each patient their own, wherever in the export it lies, and the people that it names", async () => {
    const { bundles, run } = openDoors();
    const zip = zipSync({
      "Observation.ndjson": strToU8([result("a", "1"), result("b", "2"), result("a", "3")].map(json).join("\n")),
      "Patient.ndjson": strToU8(`${json(patient("a"))}\n${json(patient("b"))}\n`),
      "Practitioner.ndjson": strToU8(
        [{ id: "dr" }, { id: "other" }].map((one) => json({ resourceType: "Practitioner", ...one })).join("\n"),
      ),
    });
    const lines = await run("export.zip", zip);
    expect(lines.map(({ file, counts }) => [file, counts])).toEqual([
      ["export.zip/Observation.ndjson", { Observation: 3 }],
      ["export.zip/Patient.ndjson", { Patient: 2 }],
      ["export.zip/Practitioner.ndjson", { Practitioner: 2 }],
    ]);
    expect(lines[0]?.reason).toContain("1 resources of nobody");
    expect(bundles).toHaveLength(2);
    expect(bundles[0]?.match(/"Observation"/g)).toHaveLength(2);
    expect(bundles[1]?.match(/"Observation"/g)).toHaveLength(1);
    for (const bundle of bundles) expect(bundle).toContain('"id":"dr"');
    expect(bundles.join()).not.toContain("other");
  });

  it("keeps every decimal as it was written", async () => {
    const { bundles, run } = openDoors();
    const text = `{"resourceType":"Bundle","type":"collection","entry":[{"resource":${json(patient("a"))}},{"resource":{"resourceType":"Observation","valueQuantity":{"value":6.50}}}]}`;
    await run("one.json", utf8ToBytes(text));
    expect(bundles[0]).toContain('"value":6.50');
  });

  it("does not take the others with it when one patient is not who they were", async () => {
    const { bundles, run } = openDoors();
    const entry = [patient("a"), patient("m", "Mallory"), result("a", "1"), result("m", "2")].map((resource) => ({
      resource,
    }));
    const [line] = await run("two.json", utf8ToBytes(json({ resourceType: "Bundle", type: "collection", entry })));
    expect(bundles).toHaveLength(1);
    expect(line).toMatchObject({ status: "read", counts: { Patient: 1, Observation: 1 } });
    expect(line?.reason).toMatch(/^1 of 2 patients: PATIENT_MISMATCH/);
    const [alone] = await run("m.json", utf8ToBytes(json(patient("m", "Mallory"))));
    expect(alone).toMatchObject({ status: "quarantined", counts: {} });
  });

  it("that nobody can use is refused with a reason, and what lies beside it in the zip is read", async () => {
    const { run } = openDoors();
    const zip = zipSync({
      "broken.json": strToU8('{"resourceType":'),
      "notes.txt": strToU8("remember the milk"),
      DICOMDIR: dicomdir(),
      "IM/1": dicom(300),
      "IM/2": dicom(150),
      ".DS_Store": strToU8("x"),
    });
    expect((await run("cd.zip", zip)).map(({ file, status, format }) => [file, status, format])).toEqual([
      ["cd.zip/broken.json", "refused", "fhir-json"],
      ["cd.zip/notes.txt", "refused", "unknown"],
      ["cd.zip/DICOMDIR", "read", "dicomdir"],
      ["cd.zip/IM/1", "read", "dicom"],
      ["cd.zip/IM/2", "quarantined", "dicom"],
    ]);
  });

  it("that would unpack to gigabytes is refused before it is unpacked, and a damaged zip as well", async () => {
    const { run } = openDoors();
    const bomb = zipSync({ "bomb.json": new Uint8Array(64 * 1_048_576) });
    expect(await run("bomb.zip", bomb)).toMatchObject([
      { status: "refused", reason: expect.stringContaining("TOO_LARGE") },
    ]);
    const cut = zipSync({ "a.json": strToU8(json(patient("a"))) }).subarray(0, 60);
    expect(await run("cut.zip", cut)).toMatchObject([{ status: "refused", format: "zip" }]);
  });

  it("is known for a real one: the demo's patients are all read", async () => {
    const { run } = openDoors();
    const file = new URL("../../../../../fixtures/patients/", import.meta.url);
    for (const name of readdirSync(file).filter((one) => one.endsWith(".json"))) {
      const [line] = await run(name, readFileSync(new URL(name, file)));
      expect(line, name).toMatchObject({ status: "read", format: "fhir-json" });
    }
  });
});

/** A preamble, the marker, and the class of a media directory where a DICOMDIR has it. */
function dicomdir(): Uint8Array {
  const bytes = dicom(400);
  bytes.set(strToU8("1.2.840.10008.1.3.10\0"), 150);
  return bytes;
}
