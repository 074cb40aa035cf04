import { readFileSync } from "node:fs";
import { bytesToUtf8, type ImportLine, toBytes, utf8ToBytes } from "@caseroom/contract";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { receiveHl7 } from "../../adapters/mllp/receive-hl7.ts";
import { listWaiting } from "../inbound/inbound-store.ts";
import { findPatientsByIdentifier } from "../patients/patient-index.ts";
import { createImportDoors } from "./import-doors.ts";
import { importUpload } from "./import-upload.ts";

const sample = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../../../fixtures/hl7v2/${name}.hl7`, import.meta.url));

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../../migrations/", import.meta.url));
}, 60_000);
afterAll(() => database?.stop());

const nowMs = () => 0;
const onAccepted = () => undefined;

async function bring(name: string, bytes: Uint8Array): Promise<ImportLine | undefined> {
  const { sql } = database;
  const receive = { sql, dataDir: "/nowhere", defaultIssuer: "A", nowMs, onReceived: () => undefined };
  const doors = createImportDoors({ sql, receive, nowMs, onAccepted });
  const lines = await Array.fromAsync(importUpload(doors, { name, bytes: toBytes(bytes) }));
  expect(lines).toHaveLength(1);
  return lines[0];
}

const stored = async () => (await listWaiting(database.sql, 100)).map(({ controlId }) => controlId);
const message = (controlId: string, number: string, ...segments: string[]) =>
  [
    `MSH|^~\\&|HIS|KDC|||2026||ADT^A04|${controlId}|P|2.5`,
    `PID|1||${number}^^^KDC^MR||Lee^Ann||1980|F`,
    ...segments,
  ].join("\r");

describe("a file of HL7 v2 messages that somebody imports", () => {
  it("is read message by message, changes nothing the second time, and is known to MLLP", async () => {
    for (const _round of ["first", "again"]) {
      const line = await bring("admissions.hl7", sample("cosyte-batch__multi-batch-file"));
      expect(line).toEqual({
        file: "admissions.hl7",
        status: "read",
        format: "hl7v2",
        counts: { Patient: 3, Encounter: 3 },
      });
    }
    expect(await stored()).toEqual(["MSGB0001", "MSGB0002", "MSGB0003"]);
    await bring("one.txt", sample("oru-hba1c"));
    const reply = await receiveHl7({ sql: database.sql, nowMs, onAccepted }, toBytes(sample("oru-hba1c")));
    expect(bytesToUtf8(reply)).toContain("MSA|AA|KDC-20261120-0001");
    expect(await stored()).toHaveLength(4);
  });

  it("says of the good and the bad ones in it how many there are, and why", async () => {
    expect(await bring("broken.hl7", sample("cosyte-batch__malformed-mid-batch"))).toMatchObject({
      status: "read",
      code: expect.any(String),
      reason: expect.stringMatching(/^1 of 3 messages: SOURCE_/),
      counts: { Patient: 2 },
    });
    expect(await bring("short.hl7", sample("cosyte-batch__count-mismatch"))).toMatchObject({
      status: "read",
      reason: "the batch announces 3 and holds 2",
    });
    expect(await bring("nobody.hl7", utf8ToBytes("MSH|^~\\&|A|B|||2026||ADT^A01|N1|P|2.5\rPID|1"))).toMatchObject({
      status: "quarantined",
      code: "SOURCE_INCOMPLETE",
      reason: "1 of 1 messages: SOURCE_INCOMPLETE PID-3",
      counts: {},
    });
  });

  it("is not called read when its number was another message's", async () => {
    expect(await bring("a.hl7", utf8ToBytes(message("C1", "N-1")))).toMatchObject({
      status: "read",
      patient: "KDC|N-1",
    });
    expect(await bring("b.hl7", utf8ToBytes(message("C1", "N-2")))).toMatchObject({
      status: "refused",
      code: "DUPLICATE",
      reason: "1 of 1 messages: DUPLICATE MSH-10",
    });
  });

  it("is answered AE over MLLP when its number was another message's, and kept once; a mere repeat is answered as before", async () => {
    const send = async (text: string) =>
      bytesToUtf8(await receiveHl7({ sql: database.sql, nowMs, onAccepted }, utf8ToBytes(text)));
    const first = message("R1", "N-5");
    expect(await send(first)).toContain("MSA|AA|R1");
    expect(await send(first.replace("|2026|", "|20260101|"))).toContain("MSA|AA|R1");
    for (const _round of ["first", "again"]) {
      const reply = await send(message("R1", "N-6"));
      expect(reply).toContain("MSA|AE|R1");
      expect(reply).toContain("MSH-10 (DUPLICATE)");
    }
    // The one of the file before, and this one.
    expect(await database.sql`SELECT FROM quarantine WHERE code = 'DUPLICATE' AND place = 'MSH-10'`).toHaveLength(2);
  });

  it("that merges two numbers joins them where one of them is new, and asks a person where both have a record", async () => {
    const merge = (controlId: string, number: string, prior: string) =>
      utf8ToBytes(message(controlId, number, `MRG|${prior}^^^KDC^MR`).replace("ADT^A04", "ADT^A40"));
    await bring("m.hl7", utf8ToBytes(message("M1", "OLD-1")));
    expect(await bring("m.hl7", merge("M2", "NEW-1", "OLD-1"))).toMatchObject({ status: "read" });
    const [before] = await findPatientsByIdentifier(database.sql, "OLD-1", "KDC");
    expect(await findPatientsByIdentifier(database.sql, "NEW-1", "KDC")).toEqual([before]);
    await bring("m.hl7", utf8ToBytes(message("M3", "OTHER-1")));
    expect(await bring("m.hl7", merge("M4", "NEW-1", "OTHER-1"))).toMatchObject({
      status: "quarantined",
      code: "PATIENT_MISMATCH",
    });
  });
});
