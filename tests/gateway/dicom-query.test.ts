import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expectOk, failure, toBytes } from "@caseroom/contract";
import { dataSetOf, readIdentifier } from "@caseroom/dicom";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { findFreeBase } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDimseServer, type DimseServer } from "../../apps/gateway/src/adapters/dimse/dimse-server.ts";
import { createDimseServices } from "../../apps/gateway/src/adapters/dimse/dimse-services.ts";
import { sha256Hex } from "../../apps/gateway/src/features/imaging/kept-file.ts";
import { createImagingStoreForTesting, type ImagingStoreForTesting } from "./imaging-store-for-testing.ts";

/** A workstation that we did not write, DCMTK's, at the DICOM port of a gateway that has read images of two institutions. */
const FIXTURES = new URL("../../fixtures/dicom/viewer/", import.meta.url).pathname;
const run = promisify(execFile);
const env = { ...process.env, TCP_NODELAY: "1" };
const EXPLICIT = "1.2.840.10008.1.2.1";
const CT_STUDY = "1.2.826.0.1.3680043.9.7100.1";
const MR_STUDY = "1.2.826.0.1.3680043.9.7100.2";
const OLD_STUDY = "1.2.826.0.1.3680043.9.7100.3";

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
let images: ImagingStoreForTesting;
let folder: string;
let server: DimseServer;
let port: number;
let ct: readonly string[];
let mr: string;

beforeAll(async () => {
  database = await startPostgresForTesting();
  const { sql } = database;
  await runMigrations(sql, new URL("../../apps/gateway/migrations/", import.meta.url));
  images = createImagingStoreForTesting(sql);
  folder = mkdtempSync(join(tmpdir(), "caseroom-query-"));
  port = (await findFreeBase(22_800)) + 31;
  const receive = { sql, dataDir: folder, defaultIssuer: undefined, nowMs: Date.now, onReceived: () => undefined };
  const readers = [
    { aet: "VIEWER", address: "127.0.0.1" },
    { aet: "ELSEWHERE", address: "192.0.2.1" },
  ];
  const services = createDimseServices({ aet: "CASEROOM", readers, receive, client: images.client });
  server = createDimseServer({ host: "127.0.0.1", port, aet: "CASEROOM", services, onAssociationEnd: () => undefined });
  await server.start();
  const chan = ["0010,0020=KD-1", "0010,0010=CHAN^TAI MAN^^=陳^大文", "0008,0005=ISO_IR 192", "0010,0030=19570731"];
  const head = [...chan, `0020,000d=${CT_STUDY}`, `0020,000e=${CT_STUDY}.1`, "0008,0020=20260315", "0008,0050=ACC-7"];
  ct = await Promise.all([8, 9, 10].map((n) => prepare(`ct-head-${String(n).padStart(2, "0")}`, head)));
  const neck = [...chan, `0020,000d=${MR_STUDY}`, `0020,000e=${MR_STUDY}.1`, "0008,0020=20260401"];
  mr = await prepare("mr-small", [...neck, "0008,0060=MR"], true);
  // Another institution gave the same number to somebody else.
  const wong = ["0010,0020=KD-1", "0010,0010=WÖNG^MEI", "0008,0005=ISO_IR 192"];
  const old = await prepare("ct-head-11", [
    ...wong,
    `0020,000d=${OLD_STUDY}`,
    `0020,000e=${OLD_STUDY}.1`,
    "0008,0020=20190102",
  ]);
  await images.file("kdc", ct.map(bytesOf));
  await images.file("kdc", [bytesOf(mr)]);
  await images.file("chc", [bytesOf(old)]);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await database?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const bytesOf = (file: string) => toBytes(readFileSync(file));
const dataSetHash = (file: string) => sha256Hex(dataSetOf(bytesOf(file)));

/** A copy of a fixture with other words in its header. */
async function prepare(name: string, elements: readonly string[], isImplicit = false): Promise<string> {
  const file = join(folder, `${name}.dcm`);
  cpSync(join(FIXTURES, `${name}.dcm`), file);
  await run("dcmodify", ["-nb", ...elements.flatMap((one) => ["-i", one]), file]);
  if (isImplicit) await run("dcmconv", ["+ti", file, file]);
  return file;
}

let asked = 0;
type Answer = Record<string, { readonly Value?: readonly unknown[] }>;

/** What findscu is told: the matches, in the transfer syntax of its choice, and what it writes about them. */
async function find(level: string, keys: readonly string[], options: readonly string[] = ["-S"]) {
  asked += 1;
  const into = join(folder, `answers-${asked}`);
  mkdirSync(into);
  const args = ["-v", "-X", "-od", into, "-aet", "VIEWER", "-aec", "CASEROOM", ...options, "-k", `0008,0052=${level}`];
  const said = await run("findscu", [...args, ...keys.flatMap((key) => ["-k", key]), "127.0.0.1", String(port)], {
    env,
  }).catch((error: { stdout: string; stderr: string }) => error);
  const answers = readdirSync(into)
    .sort()
    .map((name): Answer => {
      const file = bytesOf(join(into, name));
      // findscu files what came in explicit VR.
      return JSON.parse(expectOk(readIdentifier(toBytes(dataSetOf(file)), EXPLICIT), name).json);
    });
  return { answers, said: said.stdout + said.stderr };
}
const studiesOf = async (...keys: readonly string[]) =>
  (await find("STUDY", ["0020,000d", ...keys])).answers.map((one) => one["0020000D"]?.Value?.[0]);

describe("a workstation that asks by DICOM", () => {
  it("finds studies as it would by DICOMweb: by name, date, list and wildcard", async () => {
    expect(await studiesOf("0010,0020=KD-1")).toEqual([MR_STUDY, CT_STUDY, OLD_STUDY]);
    expect(await studiesOf("0010,0010=chan^t*")).toEqual([MR_STUDY, CT_STUDY]);
    expect(await studiesOf("0010,0010=CHAN^TAI MAN")).toEqual([MR_STUDY, CT_STUDY]);
    expect(await studiesOf("0010,0010=CHAN^TAI ?AN^^")).toEqual([MR_STUDY, CT_STUDY]);
    expect(await studiesOf("0008,0005=ISO_IR 192", "0010,0010==陳*")).toEqual([MR_STUDY, CT_STUDY]);
    expect(await studiesOf("0008,0020=20260301-20260331")).toEqual([CT_STUDY]);
    expect(await studiesOf("0008,0020=-20251231")).toEqual([OLD_STUDY]);
    expect(await studiesOf("0008,0061=MR")).toEqual([MR_STUDY]);
    expect(await studiesOf("0008,0050=ACC-?")).toEqual([CT_STUDY]);
    expect(await studiesOf("0010,0020=KD-2")).toEqual([]);
    const listed = await find("STUDY", [`0020,000d=${CT_STUDY}\\${OLD_STUDY}`]);
    expect(listed.answers).toHaveLength(2);
  });

  it("is told what it asked for and nothing else, and where to fetch it", async () => {
    const keys = [
      `0020,000d=${CT_STUDY}`,
      "0010,0010",
      "0008,0061",
      "0020,1206",
      "0020,1208",
      "0008,1030",
      "0008,0018",
    ];
    const { answers, said } = await find("STUDY", keys);
    expect(answers).toEqual([
      {
        "00080005": { vr: "CS", Value: ["ISO_IR 192"] },
        "00080018": { vr: "UI" },
        "00080052": { vr: "CS", Value: ["STUDY"] },
        "00080054": { vr: "AE", Value: ["CASEROOM"] },
        "00080056": { vr: "CS", Value: ["ONLINE"] },
        "00080061": { vr: "CS", Value: ["CT"] },
        "00081030": expect.objectContaining({ vr: "LO" }),
        "00100010": { vr: "PN", Value: [{ Alphabetic: "CHAN^TAI MAN^^", Ideographic: "陳^大文" }] },
        "0020000D": { vr: "UI", Value: [CT_STUDY] },
        "00201206": { vr: "IS", Value: [1] },
        "00201208": { vr: "IS", Value: [3] },
      },
    ]);
    expect(said).toContain("Pending");
    const latin = await find("STUDY", ["0008,0005=ISO_IR 100", `0020,000d=${OLD_STUDY}`, "0010,0010"]);
    expect(latin.said).toContain("ISO_IR 100");
    expect(latin.answers[0]?.["00100010"]?.Value).toEqual([{ Alphabetic: "WÖNG^MEI" }]);
  });

  it("finds series, images and patients, one patient for each institution that knows the number", async () => {
    const series = await find("SERIES", [`0020,000d=${MR_STUDY}`, "0020,000e", "0008,0060", "0020,1209"]);
    expect(series.answers).toMatchObject([
      { "0020000E": { Value: [`${MR_STUDY}.1`] }, "00080060": { Value: ["MR"] }, "00201209": { Value: [1] } },
    ]);
    const found = await find("IMAGE", [`0020,000d=${CT_STUDY}`, `0020,000e=${CT_STUDY}.1`, "0008,0018", "0020,0013"]);
    expect(found.answers.map((one) => one["00200013"]?.Value?.[0])).toEqual([8, 9, 10]);
    const patients = await find("PATIENT", ["0010,0020=KD-1", "0010,0010", "0020,1200", "0008,0020"], ["-P"]);
    expect(
      patients.answers.map((one) => [one["00100010"]?.Value?.[0], one["00201200"]?.Value?.[0], one["00080020"]?.Value]),
    ).toEqual([
      [{ Alphabetic: "WÖNG^MEI" }, 1, undefined],
      [{ Alphabetic: "CHAN^TAI MAN^^", Ideographic: "陳^大文" }, 2, undefined],
    ]);
  });

  it("is told when a key was not compared, and when there is no such level", async () => {
    expect((await find("STUDY", [`0020,000d=${CT_STUDY}`, "0010,0040=F"])).said).toContain(
      "WarningUnsupportedOptionalKeys",
    );
    for (const [level, root] of [
      ["PATIENT", "-S"],
      ["FRAME", "-P"],
      ["", "-S"],
    ] as const)
      expect((await find(level, ["0010,0020=KD-1"], [root])).said, level).toContain("DataSetDoesNotMatchSOPClass");
  });

  it("ends a long answer when it has seen enough", async () => {
    const { sql } = database;
    const many = `${CT_STUDY}.1`;
    await sql`
      INSERT INTO imaging_object
      SELECT space_id, author, ${many} || '.' || n, series, study, sop_class, transfer_syntax, n, comp_id, blob_id, descriptor, byte_offset,
        byte_length, frames, header
      FROM (SELECT * FROM imaging_object WHERE series = ${many} LIMIT 1) one, generate_series(1, 4000) AS n`;
    const { answers, said } = await find("IMAGE", [`0020,000e=${many}`, "0008,0018"], ["-S", "--cancel", "3"]);
    await sql`DELETE FROM imaging_object WHERE series = ${many} AND sop LIKE ${`${many}.%`}`;
    expect(said).toMatch(/0xfe00|Cancel/i);
    expect(answers.length).toBeLessThan(4000);
  });

  it("is shown nothing when the institution has not named it, or when it calls from elsewhere", async () => {
    for (const title of ["STRANGER", "ELSEWHERE"]) {
      const refused = await find("STUDY", ["0010,0020=KD-1"], ["-S", "-aet", title]);
      expect(refused.answers).toEqual([]);
      expect(refused.said).toContain("No Acceptable Presentation Contexts");
    }
    await run("echoscu", ["-aet", "STRANGER", "-aec", "CASEROOM", "127.0.0.1", String(port)], { env });
  });
});

/** What getscu has when it has ended: data sets, and what it writes about them. */
async function get(keys: readonly string[], options: readonly string[]) {
  asked += 1;
  const into = join(folder, `got-${asked}`);
  mkdirSync(into);
  const args = ["-v", "+B", "-od", into, "-aet", "VIEWER", "-aec", "CASEROOM", ...options];
  const said = await run("getscu", [...args, "127.0.0.1", String(port), ...keys.flatMap((key) => ["-k", key])], {
    env,
  }).catch((error: { stdout: string; stderr: string }) => error);
  return {
    got: readdirSync(into)
      .map((name) => dataSetHash(join(into, name)))
      .sort(),
    said: said.stdout + said.stderr,
  };
}

describe("a workstation that fetches by DICOM (C-GET)", () => {
  const study = (uid: string) => ["0008,0052=STUDY", `0020,000d=${uid}`];

  it("has every data set byte for byte, compressed as it was received", async () => {
    const { got, said } = await get(study(CT_STUDY), ["-S", "+xt"]);
    expect(got, said).toEqual(ct.map(dataSetHash).sort());
    const [first] = ct;
    const sop = /\[([0-9.]+)\]/.exec((await run("dcmdump", ["+P", "0008,0018", first ?? ""])).stdout)?.[1];
    const one = await get(["0008,0052=IMAGE", `0008,0018=${sop}`], ["-S", "+xt"]);
    expect(one.got).toEqual([dataSetHash(first ?? "")]);
  });

  it("is offered the way of writing in which there are images, whichever it would like best", async () => {
    expect((await get(study(MR_STUDY), ["-S"])).got).toEqual([dataSetHash(mr)]);
  });

  it("is told which images it cannot have: those in a syntax it does not take, or that cannot be reached", async () => {
    const refused = await get(study(CT_STUDY), ["-S"]);
    expect(refused.got).toEqual([]);
    expect(refused.said).toContain("OutOfResourcesSubOperations");
    const some = await get(["0008,0052=PATIENT", "0010,0020=KD-1"], ["-P"]);
    expect(some.got, some.said).toEqual([dataSetHash(mr)]);
    expect(some.said).toContain("SubOperationsCompleteOneOrMoreFailures");
    images.break(failure("OFFLINE"));
    expect((await get(study(CT_STUDY), ["-S", "+xt"])).said).toContain("OutOfResourcesSubOperations");
    images.break(undefined);
    // A number of another issuer is another patient's.
    const issued = await get(["0008,0052=PATIENT", "0010,0020=KD-1", "0010,0021=ELSEWHERE"], ["-P", "+xt"]);
    expect([issued.got, issued.said]).toEqual([[], expect.stringContaining("DataSetDoesNotMatchSOPClass")]);
    expect((await get(["0008,0052=STUDY", "0020,000d=*"], ["-S"])).said).toContain("DataSetDoesNotMatchSOPClass");
  });
});
