import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Bytes, concatBytes, toBytes } from "@caseroom/contract";
import { dataSetOf, wrapDataSet } from "@caseroom/dicom";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { hasDcmtk, storeByDcmtk } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const CT = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT = "1.2.840.10008.1.2.1";
const IMAGES = 60;

/** The receiving half of a gateway as a process of its own, so that it can be killed; it says its port. */
const RECEIVER = `
  import { connect } from "@caseroom/postgres";
  const [server, receive, url, dataDir, port] = process.argv.slice(1);
  const { createDimseServer } = await import(server);
  const { receiveDimse } = await import(receive);
  const sql = connect(url, { max: 4 });
  const deps = { sql, dataDir, defaultIssuer: "KDC", nowMs: () => Date.now(), onReceived: () => {} };
  const services = { store: (object) => receiveDimse(deps, object), mayRead: () => false };
  await createDimseServer({ host: "127.0.0.1", port: Number(port), aet: "CASEROOM", services, onAssociationEnd: () => {} }).start();
  process.stdout.write("ready\\n");
`;

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
let receiver: ChildProcess | undefined;
let port: number;
beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../apps/gateway/migrations/", import.meta.url));
  port = await freePort();
}, 60_000);
afterAll(async () => {
  receiver?.kill("SIGKILL");
  await database?.stop();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function startReceiver(): Promise<ChildProcess> {
  const files = ["dimse-server.ts", "receive-dimse.ts"].map(
    (name) => new URL(`../../apps/gateway/src/adapters/dimse/${name}`, import.meta.url).href,
  );
  const args = ["--input-type=module", "-e", RECEIVER, ...files, database.url, join(database.folder, "gateway")];
  const child = spawn(process.execPath, [...args, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", () => reject(new Error("the receiver did not start")));
  });
  return child;
}

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

function writeImage(folder: string, index: number): string {
  const sop = `1.2.3.9.${index}`;
  const dataSet = concatBytes(
    element(0x0008_0016, "UI", CT),
    element(0x0008_0018, "UI", sop),
    element(0x0010_0020, "LO", "KD-1"),
    element(0x0020_000d, "UI", "1.2.3"),
    element(0x0020_000e, "UI", "1.2.3.9"),
    element(0x0020_4000, "LT", "x".repeat(30_000)),
  );
  const file = join(folder, `${index}.dcm`);
  writeFileSync(file, wrapDataSet({ sop, sopClass: CT, transferSyntax: EXPLICIT, dataSet }));
  return file;
}

/** Stores the files in one association; tells after each which ones were acknowledged. */
const send = (files: readonly string[], onAcknowledged?: (soFar: readonly string[]) => void) =>
  storeByDcmtk({ host: "127.0.0.1", port, aet: "CASEROOM" }, files, onAcknowledged);

describe.runIf(hasDcmtk())("a gateway that dies in the middle of a series", () => {
  it("has every image that the scanner was told is stored, and takes the rest when it is back", async () => {
    const folder = join(database.folder, "scanner");
    mkdirSync(folder);
    const files = Array.from({ length: IMAGES }, (_, index) => writeImage(folder, index));
    const first = await startReceiver();
    receiver = first;
    const acknowledged = await send(files, (soFar) => {
      if (soFar.length === IMAGES / 3) first.kill("SIGKILL");
    });
    expect(acknowledged.length).toBeGreaterThanOrEqual(IMAGES / 3);
    expect(acknowledged.length).toBeLessThan(IMAGES);
    const kept = async () => {
      const rows = await database.sql<{ sop: string; file: string }[]>`SELECT sop, file FROM imaging_instance`;
      return new Map(rows.map(({ sop, file }) => [sop, join(database.folder, "gateway", file)]));
    };
    const bytesOf = (file: string) => Buffer.from(dataSetOf(toBytes(readFileSync(file))));
    const compare = async (sent: readonly string[]) => {
      const found = await kept();
      for (const file of sent) {
        const sop = `1.2.3.9.${/(\d+)\.dcm$/.exec(file)?.[1]}`;
        expect(bytesOf(found.get(sop) ?? "").equals(bytesOf(file)), sop).toBe(true);
      }
      return found.size;
    };
    await compare(acknowledged);
    receiver = await startReceiver();
    expect(await send(files)).toHaveLength(IMAGES);
    expect(await compare(files)).toBe(IMAGES);
  });
});
