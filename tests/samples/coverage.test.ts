import { readFileSync } from "node:fs";
import { utf8ToBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { countHl7 } from "./count-hl7.ts";
import { coverFile } from "./cover-file.ts";
import { coverFolder } from "./covered-folder.ts";
import { permissionFor, readManifest } from "./refusal-manifest.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;
const KINDS = ["fhir-r4", "patients", "ccda", "hl7v2", "dicom"];
const rows = coverFolder(FIXTURES, KINDS);
const manifest = readManifest();
const name = (file: string) => `fixtures/${file}`;

describe("every sample of this repository", () => {
  it("is read, or a line of the manifest says why it may be refused", () => {
    const refused = rows.filter(({ status }) => status !== "read").map(({ file }) => name(file));
    expect(refused.filter((file) => permissionFor(manifest, file) === undefined)).toEqual([]);
    const lines = Object.keys(manifest).filter((line) => line.startsWith("fixtures/"));
    expect(lines.filter((line) => !refused.some((file) => permissionFor({ [line]: "" }, file) !== undefined))).toEqual(
      [],
    );
    expect(rows.length).toBeGreaterThan(90);
  });

  it("has as many allergies, medicines, results and the rest as a counter finds that shares nothing with the readers", () => {
    expect(rows.filter(({ unexplained }) => unexplained.length > 0)).toEqual([]);
  });
});

describe("the counter over HL7 v2", () => {
  const message = [
    "MSH|^~\\&|A|B|||2026||ORU^R01|1|P|2.5",
    "PID|1||1",
    "AL1|1|DA|^Penicillin",
    "AL1|2|DA|",
    "OBR|1",
    "OBX|1|TX|1^Report||one",
    "OBX|2|TX|1^Report||two",
    "OBX|3|ED|2^File||^AP^PDF^Base64^AAAA",
    "OBX|4|NM|3^K||4.1",
  ].join("\r");

  it("counts what is there, and says what of it is no statement of its own", () => {
    const { counts, except } = countHl7(message);
    expect(counts).toMatchObject({ allergies: 2, results: 4, documents: 1, medications: 0 });
    expect(except.map(({ reason }) => reason)).toEqual(["unnamed", "line-of-text", "file"]);
  });

  it("notices a reader that finds less: a segment that the reader does not know as one", () => {
    expect(coverFile("x.hl7", utf8ToBytes(message)).unexplained).toEqual([]);
    const odd = coverFile("x.hl7", utf8ToBytes(message.replace("\rOBX|4", "\r OBX|4")));
    expect(odd.unexplained).toEqual(["results"]);
  });
});

describe("the table in docs", () => {
  it("says for each kind what was read, and leaves no difference unexplained", () => {
    const written = readFileSync(new URL("../../docs/coverage.md", import.meta.url), "utf8");
    expect(written).toContain("| kind | files | read | refused | quarantined |");
    expect(written).not.toContain("unexplained");
  });
});
