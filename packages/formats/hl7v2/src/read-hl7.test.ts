import { readdirSync, readFileSync } from "node:fs";
import { createAssembler, parseFragment } from "@caseroom/clinical";
import { expectOk, utf8ToBytes } from "@caseroom/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildAck } from "./build-ack.ts";
import { type Hl7Reading, MAX_HL7_BYTES, readHl7 } from "./read-hl7.ts";

const FIXTURES = new URL("../../../../fixtures/hl7v2/", import.meta.url);
const sample = (name: string): Uint8Array => readFileSync(new URL(`${name}.hl7`, FIXTURES));
const read = (bytes: Uint8Array): Hl7Reading => expectOk(readHl7(bytes), "a message of a test");
const MSH = "MSH|^~\\&|LIS|KDC|||20260315120000||ORU^R01|1|P|2.5.1";
const PID = "PID|1||KD-1^^^KDC^MR||Chan^Tai Man||19570731|M";
const OBR = "OBR|1|P1|F1|24323-8^Panel^LN|||20260315080000|||||||||||||||20260315113000|||F";
const message = (...segments: string[]): Uint8Array => utf8ToBytes(segments.join("\r"));
const result = (obx: string) => read(message(MSH, PID, OBR, obx)).fragments.at(-1)?.json ?? "";

describe("a laboratory's message", () => {
  it("becomes a patient, a report and an observation with its number exactly as written", () => {
    const reading = read(sample("oru-hba1c"));
    expect(reading).toMatchObject({
      controlId: "KDC-20261120-0001",
      type: "ORU^R01",
      sendingApplication: "LIS",
      sendingFacility: "KDC",
      sentMs: Date.parse("2026-11-20T15:05:00+08:00"),
      patient: {
        identifiers: [{ authority: "KDC", type: "MR", value: "KD-778812" }],
        name: "Chan Tai Man",
        birthDate: "1957-07-31",
        sex: "male",
      },
    });
    expect(reading.fragments.map(({ resourceType }) => resourceType)).toEqual([
      "Patient",
      "DiagnosticReport",
      "Observation",
    ]);
    expect(JSON.parse(reading.fragments[0]?.json ?? "")).toMatchObject({
      name: [{ text: "Chan Tai Man" }, { text: "陳大文" }],
    });
    expect(JSON.parse(reading.fragments[2]?.json ?? "")).toMatchObject({
      identifier: [{ system: "urn:caseroom:hl7:KDC", value: "L-26-118842/4548-4/1" }],
      status: "final",
      code: { coding: [{ system: "http://loinc.org", code: "4548-4" }] },
      effectiveDateTime: "2026-11-20T08:00:00+08:00",
      issued: "2026-11-20T15:00:00+08:00",
      valueQuantity: { value: 7.1, unit: "%", system: "http://unitsofmeasure.org", code: "%" },
      referenceRange: [{ low: { value: 4 }, high: { value: 5.6 }, text: "4.0-5.6" }],
      interpretation: [{ coding: [{ code: "H" }] }],
    });
  });

  it("never rounds a number: 6.50 stays 6.50", () => {
    expect(result("OBX|1|NM|4548-4^A1c^LN||6.50|%|||||F")).toContain('"valueQuantity":{"value":6.50,');
    expect(result("OBX|1|NM|4548-4^A1c^LN||+007.10|%|||||F")).toContain('"value":7.10,');
    expect(result("OBX|1|NM|4548-4^A1c^LN||0.1000000000000000000001|%|||||F")).toContain(
      '"value":0.1000000000000000000001,',
    );
  });

  it("keeps what is not a number as what it is", () => {
    const value = (type: string, text: string) => JSON.parse(result(`OBX|1|${type}|X^Test^L||${text}|mg/L|||||F`));
    expect(value("NM", "<0.5")).toMatchObject({ valueQuantity: { comparator: "<", value: 0.5 } });
    expect(value("NM", "haemolysed")).toMatchObject({ valueString: "haemolysed" });
    expect(value("SN", ">^90")).toMatchObject({ valueQuantity: { comparator: ">", value: 90, unit: "mg/L" } });
    expect(value("SN", "^100^-^200")).toMatchObject({ valueRange: { low: { value: 100 }, high: { value: 200 } } });
    expect(value("SN", "^1^:^128")).toMatchObject({
      valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } },
    });
    expect(value("CWE", "260373001^Detected^SCT")).toMatchObject({
      valueCodeableConcept: { coding: [{ system: "http://snomed.info/sct", code: "260373001" }], text: "Detected" },
    });
    expect(value("FT", "A 6 mm nodule \\T\\ more\\.br\\Next line")).toMatchObject({
      valueString: "A 6 mm nodule & more\nNext line",
    });
    expect(value("DT", "20260301")).toMatchObject({ valueDateTime: "2026-03-01" });
    expect(value("ST", '""')).not.toHaveProperty("valueString");
  });

  it("says under whose name a local code goes, and takes back what the laboratory takes back", () => {
    const taken = JSON.parse(result("OBX|1|NM|K^Potassium^L||4.1|mmol/L|||||W"));
    expect(taken).toMatchObject({
      status: "entered-in-error",
      code: { coding: [{ system: "urn:caseroom:local:KDC" }] },
    });
  });

  it("gives a correction the number of what it corrects, also when it repeats only one result of the order", () => {
    const [first, second] = [
      read(
        message(MSH, PID, OBR, "OBX|1|NM|NA^Sodium^L||140|mmol/L|||||F", "OBX|2|NM|K^Potassium^L||6.8|mmol/L|||||F"),
      ),
      read(message(MSH.replace("|1|P|", "|2|P|"), PID, OBR, "OBX|1|NM|K^Potassium^L||4.1|mmol/L|||||C")),
    ];
    const assembler = createAssembler();
    for (const [at, { fragments }] of [first, second].entries())
      assembler.add(
        fragments.map(({ json }, index) =>
          expectOk(
            parseFragment({
              id: `${at}:${index}`,
              json,
              provenance: { institutionId: "kdc", institution: "KDC", system: "LIS", receivedMs: at },
            }),
            "a fragment",
          ),
        ),
      );
    const potassium = assembler.picture().series.find(({ name }) => name === "Potassium");
    expect(potassium?.points.map(({ text, status }) => [text, status])).toEqual([["4.1", "corrected"]]);
  });

  it("keeps two lines apart that the sender numbered alike", () => {
    const numbers = read(sample("cdc-two-obx-alike")).fragments.map(
      ({ json }) => JSON.parse(json).identifier?.[0]?.value,
    );
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("hands an embedded PDF on as a document", () => {
    const document = JSON.parse(read(sample("oru-embedded-pdf-1")).fragments.at(-1)?.json ?? "");
    expect(document).toMatchObject({
      resourceType: "DocumentReference",
      content: [{ attachment: { contentType: "application/pdf" } }],
    });
    expect(atob(document.content[0].attachment.data).startsWith("%PDF-1.4")).toBe(true);
  });
});

describe("a registration", () => {
  it("becomes a patient and an encounter, with allergies and diagnoses where it has them", () => {
    const adt = MSH.replace("ORU^R01", "ADT^A01");
    const reading = read(
      message(
        adt,
        PID,
        "PV1|1|I|W7^3^B||||||||||||||||V1",
        "AL1|1|DA|^Penicillin|SV|Rash~Wheeze|2011",
        "DG1|1||I48^Atrial fibrillation^I10||20170817",
      ),
    );
    const [, allergy, diagnosis, encounter] = reading.fragments.map(({ json }) => JSON.parse(json));
    expect(allergy).toMatchObject({
      resourceType: "AllergyIntolerance",
      category: ["medication"],
      code: { text: "Penicillin" },
      recordedDate: "2011",
      reaction: [{ manifestation: [{ text: "Rash" }, { text: "Wheeze" }], severity: "severe" }],
    });
    expect(diagnosis).toMatchObject({
      resourceType: "Condition",
      code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: "I48" }] },
    });
    expect(encounter).toMatchObject({ resourceType: "Encounter", status: "in-progress", class: { code: "IMP" } });
  });

  it("is read whatever its separators, line ends and empty fields", () => {
    expect(read(sample("cosyte-edge-cases__custom-msh-delimiters")).patient).toMatchObject({
      name: "Doe John",
      sex: "male",
    });
    expect(read(sample("cosyte-edge-cases__crlf-line-endings")).patient.identifiers).toHaveLength(1);
    expect(read(sample("cosyte-edge-cases__null-fields")).patient).toMatchObject({
      identifiers: [{ value: "MRN99999" }],
    });
    expect(read(sample("google-adt_a01_ex1")).patient.identifiers).toHaveLength(2);
  });

  it("is read in the character set that it names, and in what it is without one", () => {
    const bytes = (charset: string, name: number[]) =>
      new Uint8Array([
        ...utf8ToBytes(`${MSH.replace("ORU^R01", "ADT^A08")}||||||${charset}\rPID|1||1||`),
        ...name,
        0x5e,
        0x0d,
      ]);
    expect(read(sample("cosyte-charset__utf8-name")).patient.name).toBe("Zörb Renée");
    expect(read(bytes("", [0x5a, 0xf6])).patient.name).toBe("Zö");
    expect(read(bytes("8859/1", [0xc3, 0xb6])).patient.name).toBe("Ã¶");
    expect(read(bytes("BIG-5", [0xb3, 0xaf])).patient.name).toBe("陳");
    expect(read(new Uint8Array([0xef, 0xbb, 0xbf, ...sample("cosyte-canonical__adt-a08")])).controlId).toBe("MSG00004");
    expect(readHl7(bytes("UNICODE UTF-8", [0xf6]))).toMatchObject({ error: { code: "SOURCE_UNREADABLE", ack: "AR" } });
  });
});

describe("a message that cannot be taken", () => {
  it("is refused with the place of what is missing", () => {
    expect(readHl7(sample("cdc-no-msh10"))).toMatchObject({
      error: { code: "SOURCE_INCOMPLETE", ack: "AE", segment: "MSH", field: 10 },
    });
    expect(readHl7(message(MSH, "PID|1||||Chan^Tai Man"))).toMatchObject({
      error: { code: "SOURCE_INCOMPLETE", controlId: "1", segment: "PID", field: 3 },
    });
    expect(readHl7(message(MSH, PID, OBR, "OBX|1|NM|||5"))).toMatchObject({ error: { segment: "OBX", field: 3 } });
  });

  it("is refused when its type is not taken, when it is no HL7 and when it is too large", () => {
    expect(readHl7(message(MSH.replace("ORU^R01", "DFT^P03"), PID))).toMatchObject({
      error: { code: "SOURCE_UNSUPPORTED", ack: "AR" },
    });
    for (const text of ["", "MSH", "MSHAAAA", "PID|1", "MSH|^~\\&"])
      expect(readHl7(utf8ToBytes(text)).ok, text).toBe(false);
    expect(readHl7(sample("cosyte-malformed__no-msh-segment"))).toMatchObject({ error: { code: "SOURCE_UNREADABLE" } });
    expect(readHl7(new Uint8Array(MAX_HL7_BYTES + 1))).toMatchObject({ error: { code: "TOO_LARGE" } });
    const pdf = `OBX|1|ED|X^Report^L||A^application^pdf^Base64^${"A".repeat(1_100_000)}||||||F`;
    expect(readHl7(message(MSH, PID, OBR, pdf))).toMatchObject({
      error: { code: "TOO_LARGE", segment: "OBX", field: 5 },
    });
  });

  it("never makes the reader throw, and gets an answer, however it was damaged", () => {
    const samples = readdirSync(FIXTURES)
      .filter((name) => name.endsWith(".hl7") && !name.includes("pdf"))
      .map((name) => readFileSync(new URL(name, FIXTURES)));
    const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 0x0d, 0x26, 0x5c, 0x5e, 0x7c, 0x7e, 0x41, 0xff)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.constantFrom(...samples), damage, fc.nat(), (original, changes, cut) => {
        const bytes = new Uint8Array(original);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const damaged = bytes.subarray(0, (cut % bytes.length) + 1);
        const reading = readHl7(damaged);
        if (reading.ok)
          for (const { json } of reading.value.fragments) expect(JSON.parse(json)).toHaveProperty("resourceType");
        buildAck({ request: damaged, code: "AR", controlId: "1", nowMs: 0 });
      }),
      { numRuns: 500 },
    );
  });
});
