import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseFhirBody, parseImagingManifest } from "@caseroom/client";
import { type Bytes, ok, toBytes } from "@caseroom/contract";
import { readDicom } from "@caseroom/dicom";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Charts } from "../../apps/gateway/src/features/charts/charts.ts";
import { dicomWebForTesting } from "../../apps/gateway/src/features/imaging/dicomweb-for-testing.ts";
import { queueManifests } from "../../apps/gateway/src/features/imaging/manifest-queue.ts";
import { startManifestReader } from "../../apps/gateway/src/features/imaging/manifest-reader.ts";
import { startPacker } from "../../apps/gateway/src/features/imaging/packer.ts";
import { present, type Room, startTestHub, type TestHub } from "../hub/hub-for-testing.ts";
import { type MadeInstance, makeInstance } from "./dicom-for-testing.ts";
import { joinHub, type Member } from "./hub-member.ts";

type Database = Awaited<ReturnType<typeof startPostgresForTesting>>;
let hub: TestHub;
let ours: Database;
let theirs: Database;
let room: Room;
let kdc: Member;
let chc: Member;
let app: ReturnType<typeof dicomWebForTesting>;
let manifests: ReturnType<typeof startManifestReader>;

/** What a line does before a call passes: true loses it. */
let breakTheirLine: (id: string) => boolean = () => false;
let breakOurLine: (id: string) => boolean = () => false;
const problems: string[] = [];
const log = (event: string, problem: { readonly code: string } | Error) =>
  void problems.push(`${event}: ${problem instanceof Error ? (problem.stack ?? "") : problem.code}`);

beforeAll(async () => {
  hub = await startTestHub();
  const [owner, reader] = [await hub.addPerson("kdc-gateway"), await hub.addPerson("chc-gateway")];
  room = await hub.createRoom(owner, [{ user: reader, role: "reader" }]);
  ours = await databaseOfGateway();
  theirs = await databaseOfGateway();
  kdc = await joinHub(hub, owner, (id) => breakOurLine(id));
  chc = await joinHub(hub, reader, (id) => breakTheirLine(id));
  const { sql } = theirs;
  manifests = startManifestReader({ sql, client: chc.client, log, nowMs: Date.now });
  chc.client.subscribe(async (event) => {
    if (event.type === "entries" && (await queueManifests({ sql, client: chc.client }, event.entries)) > 0)
      manifests.notify();
  });
  await kdc.client.start();
  await chc.client.start();
  const isToken = (token: string | undefined) => token === "t";
  app = dicomWebForTesting({ sql, client: chc.client, baseUrl: "http://chc.test", isToken });
}, 120_000);
afterAll(async () => {
  await manifests?.stop();
  await app?.close();
  await kdc?.client.stop();
  await chc?.client.stop();
  await theirs?.stop();
  await ours?.stop();
  await hub?.stop();
});

async function databaseOfGateway(): Promise<Database> {
  const database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../apps/gateway/migrations/", import.meta.url));
  return database;
}

const charts: Charts = {
  ensure: async () => ok({ spaceId: room.spaceId, emergency: room.compId, clinical: room.compId }),
  setReaders: async () => ok(),
};
const pack = () =>
  startPacker({ sql: ours.sql, client: kdc.client, charts, dataDir: ours.folder, log, nowMs: Date.now });

/** As reception leaves them: the file first, then the row. */
async function receive(
  instances: readonly MadeInstance[],
  association: string,
  receivedMs = Date.now(),
): Promise<void> {
  const { sql, folder } = ours;
  await sql`INSERT INTO patient (name) SELECT 'Chan Tai Man' WHERE NOT EXISTS (SELECT FROM patient)`;
  for (const { sop, study, series, file } of instances) {
    const read = readDicom(file);
    if (!read.ok) throw new Error(read.error.code);
    const path = `dicom/${sop}.dcm`;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), file);
    await sql`
      INSERT INTO imaging_instance (sop, study, series, modality, sop_class, transfer_syntax, patient_id, bytes_hash, size, file, header,
        received_ms, state, association)
      SELECT ${sop}, ${study}, ${series}, ${read.value.modality}, ${read.value.sopClass}, ${read.value.transferSyntax}, min(id),
        ${Buffer.from(hashOf(file), "hex")}, ${file.length}, ${path}, ${read.value.header}, ${receivedMs}, 'received', ${association}
      FROM patient`;
  }
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const hashesOf = (instances: readonly MadeInstance[]) => instances.map(({ file }) => hashOf(file)).sort();
const uid = (n: number) => `1.2.826.0.1.3680043.9.7000.${n}`;

function seriesOf(study: number, count: number, pixelBytes = 4096): readonly MadeInstance[] {
  const series = `${uid(study)}.1`;
  return Array.from({ length: count }, (_, i) =>
    makeInstance({ study: uid(study), series, number: count - i, pixels: toBytes(randomBytes(pixelBytes)) }),
  );
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}\n${problems.join("\n")}`);
}

const get = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ url: `/dicomweb${url}`, headers: { authorization: "Bearer t", ...headers } });
const countAt = async (study: number) => {
  const reply = await get(`/studies?StudyInstanceUID=${uid(study)}`);
  return reply.statusCode === 204 ? 0 : Number(reply.json()[0]["00201208"].Value[0]);
};
const seen = (study: number, count: number) =>
  until(async () => ((await countAt(study)) === count ? true : undefined), `${count} instances of study ${study}`);

/** The parts of a multipart answer, with their headers. */
function partsOf(reply: { readonly headers: Record<string, unknown>; readonly rawPayload: Buffer }) {
  const boundary = /boundary=([^;]+)/.exec(String(reply.headers["content-type"]))?.[1] ?? "";
  const parts: { readonly head: string; readonly body: Bytes }[] = [];
  let at = reply.rawPayload.indexOf(`--${boundary}\r\n`);
  while (at >= 0) {
    const head = reply.rawPayload.indexOf("\r\n\r\n", at);
    const end = reply.rawPayload.indexOf(`\r\n--${boundary}`, head);
    parts.push({
      head: reply.rawPayload.subarray(at, head).toString(),
      body: toBytes(reply.rawPayload.subarray(head + 4, end)),
    });
    at = reply.rawPayload.indexOf(`--${boundary}\r\n`, end);
  }
  return parts;
}

const manifestsOf = (study: number) =>
  kdc.entries
    .filter(({ entry }) => entry.kind === "manifest")
    .flatMap(({ entry }) => parseImagingManifest(entry.body) ?? [])
    .filter((one) => one.study === uid(study));

describe("a series that another institution sends", () => {
  it("shows its first images while the last are still being received, and arrives byte for byte", async () => {
    const instances = seriesOf(1, 20, 200_000);
    const packer = pack();
    // As if just received, however slow this machine is: what is quiet for 2 s becomes a pack as well.
    await receive(instances.slice(0, 9), "a1", Date.now() + 60_000);
    packer.notify();
    await seen(1, 8);
    expect(await countAt(1)).toBe(8);
    await receive(instances.slice(9), "a1");
    packer.onAssociationEnd("a1");
    await seen(1, 20);
    await packer.stop();
    const before = chc.calls.get("blobs.get") ?? 0;
    const reply = await get(`/studies/${uid(1)}`, {
      accept: 'multipart/related; type="application/dicom"; transfer-syntax=*',
    });
    expect(reply.statusCode).toBe(200);
    const parts = partsOf(reply);
    expect(parts.map(({ body }) => hashOf(body)).sort()).toEqual(hashesOf(instances));
    // 4 MB are 16 segments: each was asked for once, however many instances lie in it.
    expect((chc.calls.get("blobs.get") ?? 0) - before).toBeLessThanOrEqual(22);
    // Sorted by their number within a pack, whatever the order of arrival.
    const numbers = parts
      .slice(0, 8)
      .map(({ body }) => (readDicom(body) as { value: { number: number } }).value.number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it("leaves nothing lying about at its own gateway, and one study in the chart whose newest version counts", async () => {
    expect(existsSync(join(ours.folder, "dicom", `${uid(1)}.1.1.dcm`))).toBe(false);
    expect(await readdir(join(ours.folder, "imaging/spool"))).toEqual([]);
    const studies = kdc.entries.flatMap(({ entry }) =>
      entry.kind === "fhir" ? (parseFhirBody(entry.body) ?? []).map((json) => JSON.parse(json)) : [],
    );
    expect(new Set(studies.map(({ id }) => id)).size).toBe(1);
    expect(studies.map(({ numberOfInstances }) => numberOfInstances)).toEqual([8, 20]);
    expect(studies.at(-1)).toMatchObject({
      resourceType: "ImagingStudy",
      identifier: [{ system: "urn:dicom:uid", value: `urn:oid:${uid(1)}` }],
      started: "2026-03-15T09:15:00+08:00",
      series: [{ modality: { code: "CT" }, bodySite: { display: "HEART" }, numberOfInstances: 20 }],
    });
    expect(
      manifestsOf(1)
        .at(-1)
        ?.packs.map(({ instances }) => instances),
    ).toEqual([8, 12]);
  });

  it("loses and doubles nothing when the line breaks at every step of the way and the gateway starts anew each time", async () => {
    const instances = seriesOf(2, 9, 120_000);
    await receive(instances, "a2", Date.now() - 10_000);
    for (const step of ["blobs.create", "blobs.put-part", "entries.append"]) {
      breakOurLine = (id) => id === step;
      const packer = pack();
      await until(() => problems.find((line) => line.startsWith("pack waits")) ?? waits(step), `${step} is refused`);
      await Promise.race([packer.stop(), new Promise((resolve) => setTimeout(resolve, 500))]);
      problems.length = 0;
      breakOurLine = () => false;
    }
    const packer = pack();
    await seen(2, 9);
    await packer.stop();
    const last = present(manifestsOf(2).at(-1));
    expect(last.packs.map((one) => one.instances)).toEqual([8, 1]);
    expect(new Set(last.packs.map(({ blob }) => blob.blobId)).size).toBe(2);
    const parts = partsOf(await get(`/studies/${uid(2)}`));
    expect(parts.map(({ body }) => hashOf(body)).sort()).toEqual(hashesOf(instances));
  });

  it("is read later where the hub could not be reached when its manifest came", async () => {
    breakTheirLine = (id) => id.startsWith("blobs.");
    const instances = seriesOf(3, 2);
    await receive(instances, "a3", Date.now() - 10_000);
    const packer = pack();
    await until(() => problems.find((line) => line.startsWith("manifest waits")), "the manifest waits");
    expect(await countAt(3)).toBe(0);
    breakTheirLine = () => false;
    await seen(3, 2);
    await packer.stop();
  });
});

/** An append that cannot be sent waits in the outbox without a word. */
async function waits(step: string): Promise<string | undefined> {
  return step === "entries.append" && kdc.client.outbox.waiting().length > 0 ? step : undefined;
}

describe("a PACS that searches", () => {
  it("finds studies by patient, date, modality and accession, with the attributes that the standard asks for", async () => {
    const found = async (query: string) => {
      const reply = await get(`/studies?${query}`);
      return reply.statusCode === 204
        ? []
        : reply.json().map((one: Record<string, { Value: string[] }>) => one["0020000D"]?.Value[0]);
    };
    const all = [uid(1), uid(2), uid(3)];
    expect(await found("PatientID=KD-778812")).toEqual(all);
    expect(await found("PatientName=chan*")).toEqual(all);
    expect(await found("00100010=*TAI?MAN")).toEqual(all);
    expect(await found("PatientName=wong*")).toEqual([]);
    expect(await found("StudyDate=20260301-20260331")).toEqual(all);
    expect(await found("StudyDate=20260316-")).toEqual([]);
    expect(await found("StudyDate=-20260315&ModalitiesInStudy=CT&AccessionNumber=ACC-1")).toEqual(all);
    expect(await found("ModalitiesInStudy=MR")).toEqual([]);
    expect(await found(`StudyInstanceUID=${uid(1)},${uid(3)}`)).toEqual([uid(1), uid(3)]);
    expect(await found("limit=1&offset=1")).toEqual([uid(2)]);
    const reply = await get(`/studies?PatientID=KD-778812&fuzzymatching=true&includefield=BodyPartExamined&limit=1`);
    expect(reply.headers.warning).toContain("299");
    expect(reply.headers["content-type"]).toContain("application/dicom+json");
    expect(reply.json()[0]).toMatchObject({
      "00080020": { vr: "DA", Value: ["20260315"] },
      "00080061": { vr: "CS", Value: ["CT"] },
      "00080090": { vr: "PN" },
      "00081190": { vr: "UR", Value: [`http://chc.test/dicomweb/studies/${uid(1)}`] },
      "00180015": { Value: ["HEART"] },
      "00201206": { vr: "IS", Value: [1] },
      "00201208": { vr: "IS", Value: [20] },
    });
  });

  it("finds series and instances below a study and everywhere", async () => {
    const series = (await get(`/studies/${uid(1)}/series?Modality=CT`)).json();
    expect(series).toMatchObject([{ "0020000E": { Value: [`${uid(1)}.1`] }, "00201209": { Value: [20] } }]);
    expect((await get("/series?Modality=CT")).json()).toHaveLength(3);
    const instances = (await get(`/studies/${uid(1)}/series/${uid(1)}.1/instances?limit=5&offset=2`)).json();
    expect(instances.map((one: Record<string, { Value: number[] }>) => one["00200013"]?.Value[0])).toEqual([
      3, 4, 5, 6, 7,
    ]);
    expect((await get(`/instances?SOPInstanceUID=${uid(3)}.1.2`)).json()).toMatchObject([
      { "00080018": { Value: [`${uid(3)}.1.2`] }, "00280008": { Value: [2] } },
    ]);
  });

  it("is refused without a token, with a parameter that is none and with a type that is not offered", async () => {
    expect((await get("/studies", { authorization: "Bearer x" })).statusCode).toBe(401);
    expect((await get("/studies?Shoe=43")).statusCode).toBe(400);
    expect((await get("/studies", { accept: "application/dicom+xml" })).statusCode).toBe(406);
    expect((await get("/studies/9.9.9")).statusCode).toBe(404);
  });
});

describe("a workstation that retrieves", () => {
  const path = `/studies/${uid(3)}/series/${uid(3)}.1/instances/${uid(3)}.1.1`;

  it("gets one instance, as a part or by itself, but never one that had to be changed for it", async () => {
    const part = partsOf(await get(path))[0];
    const single = await get(path, { accept: "application/dicom" });
    expect(single.headers["content-type"]).toContain("application/dicom");
    expect(hashOf(single.rawPayload)).toBe(hashOf(present(part).body));
    const j2k = 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.90';
    expect((await get(path, { accept: j2k })).statusCode).toBe(406);
    expect((await get(path, { accept: `${j2k}, multipart/related; type="application/dicom"` })).statusCode).toBe(200);
  });

  it("gets frames by number, the whole of the pixels, and metadata that says where they are", async () => {
    const file = present(partsOf(await get(path))[0]).body;
    const frames = partsOf(
      await get(`${path}/frames/2,1`, { accept: 'multipart/related; type="application/octet-stream"' }),
    );
    const pixels = file.subarray(file.length - 4096);
    expect(frames.map(({ body }) => hashOf(body))).toEqual([
      hashOf(pixels.subarray(2048)),
      hashOf(pixels.subarray(0, 2048)),
    ]);
    expect((await get(`${path}/frames/3`)).statusCode).toBe(404);
    const [metadata] = (await get(`${path}/metadata`, { accept: "application/dicom+json" })).json();
    expect(metadata["00100010"].Value[0].Alphabetic).toBe("CHAN^TAI MAN");
    const bulk = await get(new URL(metadata["7FE00010"].BulkDataURI).pathname.replace("/dicomweb", ""));
    expect(partsOf(bulk).map(({ body }) => hashOf(body))).toEqual([hashOf(pixels)]);
    expect((await get(`/studies/${uid(1)}/metadata`)).json()).toHaveLength(20);
  });

  it("is told at once, not in the midst of an answer, when the hub cannot be reached", async () => {
    chc.client.blobs.forget();
    breakTheirLine = (id) => id.startsWith("blobs.");
    expect((await get(path)).statusCode).toBe(503);
    breakTheirLine = () => false;
  });
});

describe("a series that was sent of the wrong patient", () => {
  const manifestOf = (study: number) =>
    present(
      kdc.entries.findLast(
        ({ entry }) => entry.kind === "manifest" && parseImagingManifest(entry.body)?.study === uid(study),
      ),
    ).entry.entryId;
  const withdraw = (re: ReturnType<typeof manifestOf>) =>
    kdc.client.outbox.appendKept(room.compId, [{ kind: "retract", re, body: new Map([["t", "dicom"]]) }]);
  const wordOn = (re: string) =>
    until(() => chc.entries.find(({ entry }) => entry.kind === "retract" && entry.re === re), "the withdrawal");

  it("can be found and retrieved no more when its institution withdraws it, and stays at anybody else's word", async () => {
    await receive(seriesOf(4, 3), "a4", Date.now() - 10_000);
    const packer = pack();
    await seen(4, 3);
    await packer.stop();
    const re = manifestOf(4);
    const { entry, ...place } = present(kdc.entries.find(({ entry }) => entry.entryId === re));
    const byOthers = { ...place, entry: { ...entry, kind: "retract", re, author: chc.client.userId } };
    expect(await queueManifests({ sql: theirs.sql, client: chc.client }, [byOthers])).toBe(0);
    expect(await countAt(4)).toBe(3);
    expect((await withdraw(re)).ok).toBe(true);
    await wordOn(re);
    await seen(4, 0);
    expect((await get(`/studies/${uid(4)}`)).statusCode).toBe(404);
    expect((await get(`/studies/${uid(4)}/series/${uid(4)}.1/instances/${uid(4)}.1.1`)).statusCode).toBe(404);
    expect(await countAt(1)).toBe(20);
  });

  it("is never shown when it is withdrawn before its index could be read", async () => {
    breakTheirLine = (id) => id.startsWith("blobs.");
    problems.length = 0;
    await receive(seriesOf(5, 2), "a5", Date.now() - 10_000);
    const packer = pack();
    await until(() => problems.find((line) => line.startsWith("manifest waits")), "the manifest waits");
    const re = manifestOf(5);
    expect((await withdraw(re)).ok).toBe(true);
    await wordOn(re);
    breakTheirLine = () => false;
    // What comes after it is read, and it is not.
    await receive(seriesOf(6, 2), "a6", Date.now() - 10_000);
    packer.notify();
    await seen(6, 2);
    await packer.stop();
    expect(await countAt(5)).toBe(0);
    const rows = await theirs.sql`SELECT state FROM imaging_manifest WHERE entry_id = ${re}`;
    expect(rows).toEqual([{ state: "retracted" }]);
  });
});
