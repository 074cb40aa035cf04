import { readFileSync } from "node:fs";
import { createAssembler, parseFragment } from "@caseroom/clinical";
import { expectOk, utf8ToBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { type Hl7Reading, readHl7 } from "./read-hl7.ts";
import { splitHl7 } from "./split-batch.ts";

const FIXTURES = new URL("../../../../fixtures/hl7v2/", import.meta.url);
const sample = (name: string): Uint8Array => readFileSync(new URL(`${name}.hl7`, FIXTURES));
const PID = "PID|1||KD-1^^^KDC^MR||Chan^Tai Man||19570731|M";
const read = (bytes: Uint8Array): Hl7Reading => expectOk(readHl7(bytes), "a message of a test");
const send = (type: string, ...segments: string[]): Hl7Reading =>
  read(utf8ToBytes([`MSH|^~\\&|HIS|KDC|||20260315120000||${type}|1|P|2.5.1`, PID, ...segments].join("\r")));
const of = (reading: Hl7Reading, type: string) =>
  reading.fragments.filter(({ resourceType }) => resourceType === type).map(({ json }) => JSON.parse(json));
const only = (reading: Hl7Reading, type: string) => {
  const found = of(reading, type);
  expect(found).toHaveLength(1);
  return found[0];
};

function picture(...readings: readonly Hl7Reading[]) {
  const assembler = createAssembler();
  for (const [at, { fragments }] of readings.entries())
    for (const [i, { json }] of fragments.entries()) {
      const provenance = { institutionId: "kdc", institution: "KDC", system: "HIS", receivedMs: at };
      assembler.add([expectOk(parseFragment({ id: `${at}:${i}`, json, provenance }), "a fragment")]);
    }
  return assembler.picture();
}

describe("a stay", () => {
  const visit = (event: string, end = "") =>
    only(send(`ADT^${event}`, `PV1|1|I|W7^3^B||||||||||||||||V1${"|".repeat(25)}20260310|${end}`), "Encounter");

  it("is planned, goes on, ends and is cancelled under the same number", () => {
    expect(["A05", "A01", "A02", "A03", "A13", "A11"].map((event) => visit(event).status)).toEqual([
      "planned",
      "in-progress",
      "in-progress",
      "finished",
      "in-progress",
      "cancelled",
    ]);
    expect(visit("A08", "20260312")).toMatchObject({ status: "finished", period: { end: "2026-03-12" } });
    expect(visit("A01").identifier).toEqual(visit("A03").identifier);
  });

  it("has the procedures and measurements that come with it", () => {
    const reading = send(
      "ADT^A01",
      "PR1|1||80146002^Appendectomy^SCT||20260311",
      "OBX|1|NM|8302-2^Body height^LN||172|cm|||||F",
    );
    expect(only(reading, "Procedure")).toMatchObject({
      performedDateTime: "2026-03-11",
      code: { text: "Appendectomy" },
    });
    expect(only(reading, "Observation")).toMatchObject({ valueQuantity: { value: 172 } });
    expect(of(reading, "DiagnosticReport")).toEqual([]);
  });
});

describe("an allergy", () => {
  it("that is deleted warns nobody any more", () => {
    const allergy = (action: string) => send("ADT^A60", `IAM|1|DA|7980^Penicillin^RXNORM|SV|Rash|${action}`);
    expect(picture(allergy("A")).allergies.items.map(({ title }) => title)).toEqual(["Penicillin"]);
    expect(picture(allergy("A"), allergy("D")).allergies.items).toEqual([]);
  });

  it("warns whatever kind of message it comes with", () => {
    const reading = send("OML^O21", "AL1|1|DA|^Penicillin|SV", "ORC|NW|1", "OBR|1|1||58410-2^CBC^LN");
    expect(picture(reading).allergies.items).toHaveLength(1);
  });
});

describe("a merge", () => {
  it("says which numbers are the patient's from now on", () => {
    const reading = read(sample("cosyte-canonical__adt-a40-merge"));
    expect(reading.patient.identifiers).toMatchObject([
      { value: "MRN99001" },
      { value: "MRN99002", authority: "HOSP" },
    ]);
    expect(only(reading, "Patient").identifier).toMatchObject([
      { value: "MRN99001" },
      { value: "MRN99002", use: "old" },
    ]);
    expect(readHl7(utf8ToBytes(`MSH|^~\\&|HIS|KDC|||2026||ADT^A40|1|P|2.5\r${PID}`))).toMatchObject({
      error: { code: "SOURCE_INCOMPLETE", segment: "MRG", field: 1 },
    });
  });
});

describe("an order", () => {
  it("of a service is active until it is cancelled, under one number", () => {
    const order = (control: string) =>
      only(
        send("ORM^O01", `ORC|${control}|P1|F1`, "OBR|1|P1|F1|24627-2^CT chest^LN", "NTE|1||Contrast allergy"),
        "ServiceRequest",
      );
    expect(order("NW")).toMatchObject({
      status: "active",
      code: { text: "CT chest" },
      note: [{ text: "Contrast allergy" }],
    });
    expect(["CA", "DC", "HD"].map((control) => order(control).status)).toEqual(["revoked", "revoked", "on-hold"]);
    expect(order("CA").identifier).toEqual(order("NW").identifier);
  });

  it("of a medicine has its dose, and says what a mixture contains", () => {
    const prescription = only(read(sample("cosyte-canonical__rde-o11-pharmacy")), "MedicationRequest");
    expect(prescription).toMatchObject({
      status: "active",
      medicationCodeableConcept: {
        coding: [{ system: "http://www.nlm.nih.gov/research/umls/rxnorm", code: "1049630" }],
        text: "Acetaminophen 325 MG Oral Tablet",
      },
      dosageInstruction: [
        { route: { text: "Oral" }, doseAndRate: [{ doseQuantity: { value: 2, unit: "tablet", code: "TAB" } }] },
      ],
    });
    const mixture = send("RDE^O11", "ORC|NW|P1", "RXE||1^Infusion^L|1||bag", "RXC|A|2^Nicardipine^L|40|mg");
    expect(only(mixture, "MedicationRequest").note).toEqual([{ text: "Contains: Nicardipine 40 mg" }]);
  });

  it("that is stopped is shown as stopped, once", () => {
    const order = (control: string) => send("RDE^O11", `ORC|${control}|P1`, "RXE|^BID|11289^Warfarin^RXN|3||mg");
    expect(picture(order("NW")).medications.items.map(({ title }) => title)).toEqual(["Warfarin"]);
    expect(picture(order("NW"), order("DC")).medications.items).toMatchObject([{ status: "stopped" }]);
  });

  it("does not become one with another drug under the same number", () => {
    const reading = send("RDE^O11", "ORC|NW|P1", "RXE||1^Ampicillin^L|2||g", "ORC|NW|P1", "RXE||2^Heparin^L|1||mL");
    expect(picture(reading).medications.items).toHaveLength(2);
  });

  it("that was dispensed says what and how much", () => {
    expect(only(read(sample("cosyte-canonical__rds-o13-dispense")), "MedicationDispense")).toMatchObject({
      status: "completed",
      quantity: { value: 30 },
    });
  });
});

describe("a vaccination", () => {
  it("is read with its lot, dose and site, each for itself", () => {
    const [first, second] = of(read(sample("cosyte-canonical__vxu-v04")), "Immunization");
    expect(first).toMatchObject({
      status: "completed",
      vaccineCode: { coding: [{ system: "http://hl7.org/fhir/sid/cvx", code: "115" }] },
      occurrenceDateTime: "2026-06-15T10:30:00+08:00",
      lotNumber: "LOT-TEST-001",
      expirationDate: "2027-12-31",
      manufacturer: { display: "Sanofi Pasteur" },
      primarySource: true,
      doseQuantity: { value: 0.5, code: "mL" },
    });
    expect(second.vaccineCode.coding).toHaveLength(2);
  });

  it("that was refused was not given, that was deleted never was, and that is none is none", () => {
    const rxa = (vaccine: string, completion: string, action = "A") =>
      of(
        send("VXU^V04", `RXA|0|1|20260301||${vaccine}^Vaccine^CVX|999${"|".repeat(14)}${completion}|${action}`),
        "Immunization",
      );
    expect(rxa("115", "RE")).toMatchObject([{ status: "not-done" }]);
    expect(rxa("115", "CP", "D")).toMatchObject([{ status: "entered-in-error" }]);
    expect(rxa("998", "NA")).toEqual([]);
    expect(rxa("115", "CP")[0]).not.toHaveProperty("doseQuantity");
  });
});

describe("a document", () => {
  const txa = (event: string, rest = "", ...obx: string[]) =>
    only(send(`MDM^${event}`, `TXA|1|DS|TX|20260419160000||||||||D2|D1|||${rest}`, ...obx), "DocumentReference");

  it("is its words in one text, and its file beside them", () => {
    const pdf = "OBX|3|ED|PDF^Report^L||^application^pdf^Base64^JVBERi0=||||||F";
    const { content, type, status } = txa("T02", "", "OBX|1|TX|A||First line", "OBX|2|TX|A||second \\T\\ last", pdf);
    expect(type.text).toBe("Discharge summary");
    expect(status).toBe("current");
    expect(content).toMatchObject([
      { attachment: { contentType: "application/pdf", data: "JVBERi0=" } },
      { attachment: { data: Buffer.from("First line\nsecond & last").toString("base64") } },
    ]);
  });

  it("replaces another, is cancelled, and may only be announced", () => {
    expect(txa("T10").relatesTo).toMatchObject([
      { code: "replaces", target: { identifier: { value: "document/D1" } } },
    ]);
    expect(txa("T11").status).toBe("entered-in-error");
    expect(txa("T01").content).toEqual([{ attachment: { title: "Discharge summary" } }]);
  });

  it("is RTF, hexadecimal or plain text where it says so", () => {
    const file = (ed: string) => txa("T02", "", `OBX|1|ED|X||${ed}||||||F`).content[0].attachment;
    expect(file("^TEXT^RTF^Base64^e1xydGYx")).toEqual({ contentType: "application/rtf", data: "e1xydGYx" });
    expect(file("^application^pdf^Hex^255044")).toEqual({ contentType: "application/pdf", data: "JVBE" });
    expect(file("report.rtf^AP^Octet-stream^A^hi")).toEqual({ contentType: "application/rtf", data: "aGk=" });
  });
});

describe("an appointment", () => {
  it("has its time and who takes part, and is cancelled under the same number", () => {
    const made = only(read(sample("cosyte-canonical__siu-s12-appointment")), "Appointment");
    expect(made).toMatchObject({
      status: "booked",
      start: "2026-05-01T09:00:00+08:00",
      end: "2026-05-01T09:30:00+08:00",
      participant: [{ status: "accepted" }, { actor: { display: "Dr Marcus Welby" } }, {}, {}],
    });
    const sch = "SCH|P1|F1|||||||30|min|^^^20260501090000";
    expect(only(send("SIU^S15", sch), "Appointment")).toMatchObject({ status: "cancelled" });
    expect(only(send("SIU^S12", sch), "Appointment").end).toBe("2026-05-01T01:30:00.000Z");
  });
});

describe("a report", () => {
  it("whose text comes line by line is one text, and keeps what is said of the whole order", () => {
    const obr = "OBR|1|P1|F1|24627-2^CT chest^LN|||20260315080000|||||||||||||||||RAD|F";
    const reading = send(
      "ORU^R01",
      obr,
      "NTE|1||Discussed by phone",
      "OBX|1|TX|||A nodule||||||F",
      "OBX|2|TX|||of 6 mm.||||||F",
    );
    expect(only(reading, "Observation")).toMatchObject({
      code: { text: "CT chest" },
      valueString: "A nodule\nof 6 mm.",
      category: [{ coding: [{ code: "imaging" }] }],
    });
    expect(only(reading, "DiagnosticReport").conclusion).toBe("Discussed by phone");
  });

  it("keeps two results of one name apart, and says by whom and of what they were made", () => {
    const obr = "OBR|1|P1|F1|600-7^Blood culture^LN";
    const lines = [
      "OBX|1|CWE|600-7^Culture^LN||1^Growth^L",
      "OBX|2|CWE|600-7^Culture^LN||2^None^L||||||F||||||||||||KDC lab",
      "SPM|1|||BLD^Blood",
    ];
    const results = of(send("ORU^R01", obr, ...lines), "Observation");
    expect(results).toHaveLength(2);
    expect(results[1]).toMatchObject({ performer: [{ display: "KDC lab" }], specimen: { display: "Blood" } });
  });

  it("has its escaped bytes in the character set in which everybody writes today", () => {
    const value = (text: string) =>
      only(send("ORU^R01", "OBR|1|P1|F1|1^X^L", `OBX|1|ST|1^X^L||${text}`), "Observation").valueString;
    expect(value("Ren\\XC3A9\\e")).toBe("Renée");
    expect(value("Ren\\XE9\\e")).toBe("Renée");
    expect(value("1\\S\\128 in mg\\F\\dL")).toBe("1^128 in mg|dL");
  });

  it("tells results apart by all of their sub-number, not by its first part", () => {
    const lines = ["OBX|1|CWE|1^X^L|^4^1|A^First^L", "OBX|2|CWE|1^X^L|^4^2|B^Second^L"];
    const numbers = of(send("ORU^R01", "OBR|1|P1|F1|1^X^L", ...lines), "Observation").map(
      (one) => one.identifier[0].value,
    );
    expect(numbers).toEqual(["F1/1/^4^1", "F1/1/^4^2"]);
  });

  it("names repeated findings by their words", () => {
    const obr = "OBR|1|P1|F1|1^X^L";
    expect(only(send("ORU^R01", obr, "OBX|1|CWE|1^X^L||A^First^L~B^Second^L"), "Observation").valueString).toBe(
      "First\nSecond",
    );
  });
});

describe("a message of an early version", () => {
  it("names its event elsewhere, and its patient in PID-2 or PID-4", () => {
    const early = (...segments: string[]) => read(utf8ToBytes(segments.join("\r")));
    const header = (type: string, version: string) => `MSH|^~\\&|LAB|KDC|||2026||${type}|1|P|${version}`;
    expect(early(header("ADT", "2.1"), "EVN|A04|2026", "PID|1|E-7").type).toBe("ADT^A04");
    expect(early(header("ORU", "2.1"), "PID|1|||L-7", "OBR|1").patient.identifiers).toEqual([{ value: "L-7" }]);
  });
});

describe("a file of messages", () => {
  it("is taken apart whatever stands around them", () => {
    const texts = (bytes: Uint8Array) => {
      const { messages, announced } = splitHl7(bytes);
      return [messages.map((one) => read(one).controlId), announced];
    };
    expect(texts(sample("cosyte-batch__multi-batch-file"))).toEqual([["MSGB0001", "MSGB0002", "MSGB0003"], 3]);
    expect(texts(sample("cosyte-batch__count-mismatch"))).toEqual([["MSGC0001", "MSGC0002"], 3]);
    const [one, two] = ["cosyte-canonical__orm-o01", "oru-hba1c"].map((name) =>
      Buffer.from(sample(name)).toString("latin1"),
    );
    const framed = Buffer.from(`\u000b${one}\u001c\r\u000b${two}\u001c\r`, "latin1");
    expect(texts(framed)[0]).toHaveLength(2);
    const marked = Buffer.from(`\u00ef\u00bb\u00bf${one?.replaceAll("\r", "\r\n")}\r\n\r\n${two}`, "latin1");
    expect(texts(marked)[0]).toHaveLength(2);
    expect(texts(Buffer.from(`# exported on Monday\n${one}`, "latin1"))[0]).toHaveLength(1);
  });

  it("does not lose the good ones to a broken one among them", () => {
    const { messages } = splitHl7(sample("cosyte-batch__malformed-mid-batch"));
    expect(messages.map((one) => readHl7(one).ok)).toEqual([true, false, true]);
  });

  it("that is none comes back whole", () => {
    const rubbish = utf8ToBytes("PID|1\rMSHELL");
    expect(splitHl7(rubbish).messages).toEqual([rubbish]);
  });
});
