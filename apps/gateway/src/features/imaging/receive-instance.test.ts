import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, concatBytes, expectOk, toBytes } from "@caseroom/contract";
import { dataSetOf, readDicom, readPart10, wrapDataSet } from "@caseroom/dicom";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeLeftovers } from "./leftover-files.ts";
import { type ReceiveDeps, receiveInstance } from "./receive-instance.ts";

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
let deps: ReceiveDeps;
beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../../migrations/", import.meta.url));
  const { sql, folder } = database;
  deps = { sql, dataDir: join(folder, "gateway"), defaultIssuer: "KDC", nowMs: () => 0, onReceived: () => undefined };
}, 60_000);
afterAll(() => database?.stop());

const CT = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT = "1.2.840.10008.1.2.1";
const from = (association: string) => ({ kind: "stow" as const, peer: "STOW", association });

/** A short element in explicit little endian (PS3.5 §7.1.2). */
function element(tag: number, vr: string, value: string): Bytes {
  const body = Buffer.from(value.length % 2 === 0 ? value : `${value}${vr === "UI" ? "\0" : " "}`, "latin1");
  const head = Buffer.alloc(8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, "latin1");
  head.writeUInt16LE(body.length, 6);
  return concatBytes(head, body);
}

function dataSetFor(patient: string, sop: string): Bytes {
  return concatBytes(
    element(0x0008_0016, "UI", CT),
    element(0x0008_0018, "UI", sop),
    element(0x0010_0010, "PN", "LEE^KA HO"),
    element(0x0010_0020, "LO", patient),
    element(0x0020_000d, "UI", "1.2.3"),
    element(0x0020_000e, "UI", "1.2.3.1"),
  );
}
const fileFor = (patient: string, sop: string) =>
  wrapDataSet({ sop, sopClass: CT, transferSyntax: EXPLICIT, dataSet: dataSetFor(patient, sop) });

describe("images of somebody who has never been here", () => {
  it("are one person's when two scanners send them at the same moment", async () => {
    // Rounds, since the moment is short; the first one opens the connections.
    for (let round = 0; round < 10; round++) {
      const sops = Array.from({ length: 8 }, (_, index) => `1.2.3.1.${round}.${index}`);
      await Promise.all(sops.map((sop) => receiveInstance(deps, fileFor(`KD-1${round}`, sop), from(sop))));
      const patients = await database.sql`SELECT DISTINCT patient_id FROM imaging_instance WHERE sop = ANY(${sops})`;
      expect(patients).toHaveLength(1);
    }
    const nobodys = await database.sql`
      SELECT id FROM patient p WHERE NOT EXISTS (SELECT 1 FROM patient_identifier i WHERE i.patient_id = p.id)`;
    expect(nobodys).toEqual([]);
  });
});

describe("a data set without the frame of a file", () => {
  it("is kept as a file that others can read, with its bytes as they came", async () => {
    const sop = "1.2.3.2.1";
    const bare = dataSetFor("KD-2", sop);
    expectOk(await receiveInstance(deps, bare, from("a")), "received");
    const [row] = await database.sql<{ file: string; size: string }[]>`
      SELECT file, size::text FROM imaging_instance WHERE sop = ${sop}`;
    const kept = toBytes(readFileSync(join(deps.dataDir, row?.file ?? "")));
    expect(readPart10(kept)).toMatchObject({ ok: true, value: { isPart10: true, transferSyntax: EXPLICIT } });
    expect(dataSetOf(kept)).toEqual(bare);
    expect(Number(row?.size)).toBe(kept.length);
    expect(expectOk(readDicom(kept), "kept").sop).toBe(sop);
    expect(expectOk(await receiveInstance(deps, fileFor("KD-2", sop), from("b")), "the same again").isNew).toBe(false);
  });
});

describe("a sender whose messages cross", () => {
  it("cannot have two different images under one UID, whichever was first", async () => {
    const sop = "1.2.3.3.1";
    const both = await Promise.all([
      receiveInstance(deps, fileFor("KD-3", sop), from("a")),
      receiveInstance(deps, fileFor("KD-4", sop), from("b")),
    ]);
    expect(both.map((one) => (one.ok ? "kept" : one.error.code)).sort()).toEqual(["DUPLICATE", "kept"]);
    const rows = await database.sql`SELECT file FROM imaging_instance WHERE sop = ${sop}`;
    expect(rows).toHaveLength(1);
  });
});

describe("a gateway that starts after a crash", () => {
  it("removes the file of an image that nobody was told is kept, and no other", async () => {
    expectOk(await receiveInstance(deps, fileFor("KD-5", "1.2.3.5.1"), from("a")), "received");
    const [row] = await database.sql<{ file: string }[]>`SELECT file FROM imaging_instance WHERE sop = '1.2.3.5.1'`;
    const kept = join(deps.dataDir, row?.file ?? "");
    const leftover = `${kept.slice(0, -4)}-leftover.dcm`;
    writeFileSync(leftover, "half an im");
    const before = filesOfInstances();
    await removeLeftovers({ sql: database.sql, dataDir: deps.dataDir });
    expect(existsSync(leftover)).toBe(false);
    expect(existsSync(kept)).toBe(true);
    expect(filesOfInstances()).toHaveLength(before.length - 1);
  });
});

/** Folders and files; every file of an image that was refused or came twice is gone. */
function filesOfInstances(): readonly string[] {
  return readdirSync(join(deps.dataDir, "imaging/instances"), { recursive: true, encoding: "utf8" });
}
