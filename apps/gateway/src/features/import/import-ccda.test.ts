import { readFileSync } from "node:fs";
import { isFhirResource, routeFragment } from "@caseroom/clinical";
import { type ImportLine, toBytes, utf8ToBytes } from "@caseroom/contract";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listWaiting, type WaitingMessage } from "../inbound/inbound-store.ts";
import { listQuarantine } from "../quarantine/quarantine-store.ts";
import { createImportDoors } from "./import-doors.ts";
import { importUpload } from "./import-upload.ts";

const FIXTURES = new URL("../../../../../fixtures/ccda/", import.meta.url);
const sample = (name: string): Uint8Array => readFileSync(new URL(name, FIXTURES));
const POPE = { system: "urn:oid:2.16.840.1.113883.19.5.99999.2", value: "998991" };

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
let woken = 0;
beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../../migrations/", import.meta.url));
}, 60_000);
afterAll(() => database?.stop());

async function bring(name: string, bytes: Uint8Array, about?: typeof POPE): Promise<readonly ImportLine[]> {
  const { sql } = database;
  const doors = createImportDoors({
    sql,
    receive: { sql, dataDir: "/nowhere", defaultIssuer: "A", nowMs: () => 0, onReceived: () => undefined },
    nowMs: () => 0,
    onAccepted: () => {
      woken += 1;
    },
  });
  const upload = { name, bytes: toBytes(bytes), ...(about === undefined ? {} : { about }) };
  return Array.fromAsync(importUpload(doors, upload));
}

const waiting = (): Promise<readonly WaitingMessage[]> => listWaiting(database.sql, 100);
const resources = (message: WaitingMessage | undefined): readonly unknown[] =>
  (message?.fragments ?? []).map(({ json }): unknown => JSON.parse(json));

describe("a C-CDA file that somebody imports", () => {
  it("is the named patient's: allergies where an emergency finds them, and the file as it came", async () => {
    const bytes = sample("emerge-124.xml");
    expect(await bring("emerge-124.xml", bytes)).toEqual([
      {
        file: "emerge-124.xml",
        status: "read",
        format: "ccda",
        patient: `${POPE.system}|${POPE.value}`,
        counts: expect.objectContaining({ Patient: 1, AllergyIntolerance: 3, Composition: 1, DocumentReference: 1 }),
        reason: expect.stringMatching(/^\d+ statements are in the original only$/),
      },
    ]);
    const [message] = await waiting();
    const tiers = Map.groupBy(resources(message).filter(isFhirResource), routeFragment);
    const types = (tier: "emergency" | "clinical") => new Set(tiers.get(tier)?.map(({ resourceType }) => resourceType));
    expect(types("emergency")).toEqual(new Set(["Patient", "AllergyIntolerance"]));
    expect(types("clinical")).toContain("Observation");
    const original = tiers.get("clinical")?.find(({ resourceType }) => resourceType === "DocumentReference");
    expect(original).toMatchObject({ content: [{ attachment: { contentType: "application/xml" } }] });
    expect(JSON.stringify(original)).toContain(Buffer.from(bytes).toString("base64"));
  });

  it("changes nothing when it comes again, also in a zip", async () => {
    const before = woken;
    const zip = zipSync({ "IHE_XDM/SUBSET01/DOC1.XML": sample("emerge-124.xml") });
    expect(await bring("xdm.zip", zip)).toMatchObject([{ status: "read", patient: `${POPE.system}|${POPE.value}` }]);
    expect(await waiting()).toHaveLength(1);
    expect(woken).toBe(before);
  });

  it("about somebody with another birth date is put aside with the place, and nothing of it is taken", async () => {
    const other = utf8ToBytes(new TextDecoder().decode(sample("emerge-124.xml")).replaceAll("19950105", "19620214"));
    expect(await bring("other.xml", other)).toMatchObject([
      { status: "quarantined", code: "PATIENT_MISMATCH", counts: {} },
    ]);
    expect(await waiting()).toHaveLength(1);
    const { items } = await listQuarantine(database.sql, { state: "waiting", limit: 10 });
    expect(items).toMatchObject([
      { source: "import", code: "PATIENT_MISMATCH", place: "patientRole/patient/birthTime", size: other.length },
    ]);
  });

  it("that is only a section is put aside, until somebody says whose it is", async () => {
    const section = sample("fragment-allergy-to-egg.xml");
    expect(await bring("egg.xml", section)).toMatchObject([
      { status: "quarantined", code: "SOURCE_INCOMPLETE", reason: expect.stringContaining("name the patient") },
    ]);
    const nobody = { ...POPE, value: "1" };
    expect(await bring("egg.xml", section, nobody)).toMatchObject([{ status: "refused", code: "NOT_FOUND" }]);
    expect(await bring("egg.xml", section, POPE)).toMatchObject([
      { status: "read", patient: `${POPE.system}|${POPE.value}`, counts: { AllergyIntolerance: 1 } },
    ]);
    const messages = await waiting();
    expect(messages.map(({ patientId }) => patientId)).toEqual([messages[0]?.patientId, messages[0]?.patientId]);
  });

  it("of another hospital's numbers goes to the patient whom the importer names, unless the birth date says no", async () => {
    const foreign = new TextDecoder()
      .decode(sample("emerge-124.xml"))
      .replaceAll('extension="998991"', 'extension="F-7"');
    expect(await bring("foreign.xml", utf8ToBytes(foreign), POPE)).toMatchObject([
      { status: "read", patient: `${POPE.system}|${POPE.value}` },
    ]);
    const wrong = utf8ToBytes(foreign.replaceAll("19950105", "19620214"));
    expect(await bring("foreign.xml", wrong, POPE)).toMatchObject([
      { status: "quarantined", code: "PATIENT_MISMATCH" },
    ]);
  });

  it("does not stop the others: what is no document is refused, what is a broken one is put aside", async () => {
    const zip = zipSync({
      "page.html": utf8ToBytes("<!DOCTYPE html><html><body>Hello</body></html>"),
      "fhir.xml": utf8ToBytes('<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"/>'),
      "cut.xml": sample("kareo.ccd").subarray(0, 5000),
      "whole.ccd": sample("kareo.ccd"),
    });
    expect((await bring("mixed.zip", zip)).map(({ file, status, code }) => [file, status, code])).toEqual([
      ["mixed.zip/page.html", "refused", "SOURCE_UNSUPPORTED"],
      ["mixed.zip/fhir.xml", "refused", "SOURCE_UNSUPPORTED"],
      ["mixed.zip/cut.xml", "quarantined", "SOURCE_UNREADABLE"],
      ["mixed.zip/whole.ccd", "read", undefined],
    ]);
  });

  it("may have a scan beside it, which goes to the patient whom the importer names, whole", async () => {
    const pdf = utf8ToBytes("%PDF-1.4 a letter");
    expect(await bring("letter.pdf", pdf)).toMatchObject([{ status: "refused", code: "SOURCE_INCOMPLETE" }]);
    expect(await bring("letter.pdf", pdf, { ...POPE, value: "1" })).toMatchObject([{ code: "NOT_FOUND" }]);
    for (const _round of ["first", "again"])
      expect(await bring("letter.pdf", pdf, POPE)).toMatchObject([
        { status: "read", patient: `${POPE.system}|${POPE.value}`, counts: { DocumentReference: 1 } },
      ]);
    const letters = (await waiting()).filter(({ protocol }) => protocol === "document").map(resources);
    expect(letters).toMatchObject([
      [{ description: "letter.pdf", content: [{ attachment: { data: Buffer.from(pdf).toString("base64") } }] }],
    ]);
  });

  it("is with scans the only kind for which a patient may be named: FHIR says itself whose it is", async () => {
    const patient = { resourceType: "Patient", identifier: [{ system: "A", value: "1" }] };
    expect(await bring("p.json", utf8ToBytes(JSON.stringify(patient)), POPE)).toMatchObject([{ status: "refused" }]);
    expect(await bring("p.ndjson", utf8ToBytes(JSON.stringify(patient)), POPE)).toMatchObject([{ status: "refused" }]);
  });
});
