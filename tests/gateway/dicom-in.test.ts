import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { toBytes } from "@caseroom/contract";
import { dataSetOf } from "@caseroom/dicom";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { findFreeBase } from "@caseroom/testkit";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDimseServer, type DimseServer } from "../../apps/gateway/src/adapters/dimse/dimse-server.ts";
import { createDimseServices } from "../../apps/gateway/src/adapters/dimse/dimse-services.ts";
import { createReceptionMemory } from "../../apps/gateway/src/features/imaging/gathered-bytes.ts";
import type { ReceiveDeps } from "../../apps/gateway/src/features/imaging/receive-instance.ts";
import { registerStow } from "../../apps/gateway/src/features/imaging/stow-routes.ts";
import { createImagingStoreForTesting } from "./imaging-store-for-testing.ts";

const FIXTURES = new URL("../../fixtures/dicom/viewer/", import.meta.url).pathname;
const run = promisify(execFile);
/** DCMTK is installed by the test command; TCP_NODELAY, or its every answer waits for Nagle. */
const env = { ...process.env, TCP_NODELAY: "1" };

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
let folder: string;
let deps: ReceiveDeps;
let server: DimseServer;
let port: number;
const ended: string[] = [];
const said: string[] = [];

beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../apps/gateway/migrations/", import.meta.url));
  folder = mkdtempSync(join(tmpdir(), "caseroom-dicom-"));
  const common = { sql: database.sql, dataDir: folder, nowMs: () => Date.now(), onReceived: () => undefined };
  deps = { ...common, defaultIssuer: "KDC" };
  port = (await findFreeBase(22_400)) + 31;
  const { client } = createImagingStoreForTesting(database.sql);
  for (const name of ["log", "info", "warn", "error"] as const)
    console[name] = (...words) => void said.push(words.join(" "));
  server = createDimseServer({
    host: "127.0.0.1",
    port,
    aet: "CASEROOM",
    services: createDimseServices({ aet: "CASEROOM", readers: [], receive: deps, client }),
    onAssociationEnd: (one) => void ended.push(one),
  });
  await server.start();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await database?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const storescu = (...args: string[]) =>
  run("storescu", ["-v", "-aet", "SCANNER", "-aec", "CASEROOM", "127.0.0.1", String(port), ...args], { env });
const fixture = (n: number) => join(FIXTURES, `ct-head-${String(n).padStart(2, "0")}.dcm`);

/** The kept file of an instance, by what the sender's file says. */
async function keptDataSet(path: string): Promise<Buffer> {
  const { stdout } = await run("dcmdump", ["+P", "0008,0018", path]);
  const sop = /\[([0-9.]+)\]/.exec(stdout)?.[1] ?? "";
  const [row] = await database.sql<{ file: string }[]>`SELECT file FROM imaging_instance WHERE sop = ${sop}`;
  return Buffer.from(dataSetOf(toBytes(readFileSync(join(folder, row?.file ?? "nothing")))));
}
const sentDataSet = (path: string) => Buffer.from(dataSetOf(toBytes(readFileSync(path))));

describe("a scanner that stores images", () => {
  it("is answered when it asks who is there, under the right title only", async () => {
    await run("echoscu", ["-aec", "CASEROOM", "127.0.0.1", String(port)], { env });
    await expect(run("echoscu", ["-aec", "OTHER", "127.0.0.1", String(port)], { env })).rejects.toThrow();
  });

  it("has every byte of the data set kept as it was sent, in six transfer syntaxes, private elements and all", async () => {
    const made = (name: string) => join(folder, name);
    const raw = async (n: number) => {
      await run("dcmdjpls", [fixture(n), made(`raw-${n}.dcm`)]);
      return made(`raw-${n}.dcm`);
    };
    await run("dcmconv", ["+ti", await raw(9), made("implicit.dcm")]);
    await run("dcmconv", ["+tb", await raw(10), made("big.dcm")]);
    await run("dcmcrle", [await raw(11), made("rle.dcm")]);
    await run("dcmcjpeg", ["+e1", await raw(12), made("jpeg.dcm")]);
    await run("dcmconv", ["+td", await raw(13), made("deflated.dcm")]);
    const files: readonly (readonly [string, string])[] = [
      ["-xt", fixture(8)],
      ["-xi", made("implicit.dcm")],
      ["-xb", made("big.dcm")],
      ["-xr", made("rle.dcm")],
      ["-xs", made("jpeg.dcm")],
      ["-xd", made("deflated.dcm")],
    ];
    for (const [syntax, file] of files) {
      await storescu(syntax, file);
      const kept = await keptDataSet(file);
      const sent = sentDataSet(file);
      // The sender makes the length of a deflated data set even (PS3.5 annex A.5).
      const padded = syntax === "-xd" && sent.length % 2 === 1 ? Buffer.concat([sent, Buffer.alloc(1)]) : sent;
      expect(kept.equals(padded), file).toBe(true);
    }
    expect(new Set(ended).size).toBe(ended.length);
    const syntaxes = await database.sql<
      { transfer_syntax: string }[]
    >`SELECT DISTINCT transfer_syntax FROM imaging_instance`;
    expect(syntaxes).toHaveLength(6);
  });

  it("may repeat itself, and cannot overwrite an instance by other bytes of the same UID", async () => {
    const [before] = await database.sql<{ n: string }[]>`SELECT count(*) AS n FROM imaging_instance`;
    await storescu("-xt", fixture(8));
    const other = join(folder, "other.dcm");
    await run("dcmdjpls", [fixture(8), other]);
    const { stdout, stderr } = await storescu(other).catch((error: { stdout: string; stderr: string }) => error);
    expect(stdout + stderr).toMatch(/0x0?111/i);
    const [after] = await database.sql<{ n: string }[]>`SELECT count(*) AS n FROM imaging_instance`;
    expect(after).toEqual(before);
    expect(await keptDataSet(fixture(8))).toEqual(sentDataSet(fixture(8)));
    const aside = await database.sql`SELECT code, place FROM quarantine`;
    expect(aside).toEqual([{ code: "DUPLICATE", place: "(0008,0018)" }]);
  });

  it("is stopped when the header says another person than the record, and nothing is lost", async () => {
    const male = join(folder, "male.dcm");
    await run("dcmdjpls", [fixture(14), male]);
    await run("dcmodify", ["-nb", "-i", "0010,0040=M", "-i", "0010,0020=KD-9", "-i", "0010,0030=19570731", male]);
    await storescu(male);
    const female = join(folder, "female.dcm");
    await run("dcmdjpls", [fixture(15), female]);
    await run("dcmodify", ["-nb", "-i", "0010,0040=F", "-i", "0010,0020=KD-9", "-i", "0010,0010=SECRET^NAME", female]);
    const { stdout, stderr } = await storescu(female).catch((error: { stdout: string; stderr: string }) => error);
    expect(stdout + stderr).not.toContain("Success");
    const rows = await database.sql<{ file: string }[]>`
      SELECT v.file FROM quarantine q JOIN quarantine_version v ON v.quarantine_id = q.id
      WHERE q.code = 'PATIENT_MISMATCH' AND q.place = '(0010,0040)'`;
    expect(rows).toHaveLength(1);
    expect(Buffer.from(dataSetOf(toBytes(readFileSync(join(folder, rows[0]?.file ?? "")))))).toEqual(
      sentDataSet(female),
    );
  });

  it("is heard by nobody's log", () => {
    expect(said.join("\n")).not.toContain("SECRET");
    expect(said.join("\n")).not.toContain("Unknown name");
  });
});

describe("a system that posts images (STOW-RS)", () => {
  it("is told of each what became of it, and reads it back as it was", async () => {
    const app = Fastify();
    registerStow(app, {
      receive: deps,
      memory: createReceptionMemory(),
      baseUrl: "http://gateway.test",
      isToken: (token) => token === "t",
      onAssociationEnd: () => undefined,
    });
    const boundary = "b0undary";
    const part = (bytes: Buffer) =>
      Buffer.concat([
        Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
        bytes,
        Buffer.from("\r\n"),
      ]);
    const end = Buffer.from(`--${boundary}--`);
    const post = (body: Buffer, token = "t") =>
      app.inject({
        method: "POST",
        url: "/dicomweb/studies",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
        },
        payload: body,
      });
    const us = readFileSync(join(FIXTURES, "ct-head-08.dcm"));
    expect((await post(Buffer.concat([part(us), end]), "wrong")).statusCode).toBe(401);
    const fine = await post(Buffer.concat([part(us), end]));
    expect(fine.statusCode).toBe(200);
    expect(fine.json()["00081199"].Value).toHaveLength(1);
    const half = await post(Buffer.concat([part(us), part(Buffer.from("not an image")), end]));
    expect(half.statusCode).toBe(202);
    expect(half.json()["00081198"].Value[0]["00081197"].Value).toEqual([0xc000]);
    expect((await post(Buffer.concat([part(Buffer.from("nothing")), end]))).statusCode).toBe(409);
    expect((await post(Buffer.from("--other"))).statusCode).toBe(400);
    await app.close();
  });

  it("leaves no half-written file behind", () => {
    const files = readdirSync(join(folder, "imaging"), { recursive: true, encoding: "utf8" });
    expect(files.filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(existsSync(join(folder, "imaging", "instances"))).toBe(true);
  });
});
