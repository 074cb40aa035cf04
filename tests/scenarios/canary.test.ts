import { randomBytes } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ReceivedEntry } from "@caseroom/client";
import { IMPORT_NAME_HEADER, toBytes } from "@caseroom/contract";
import { connect, type Sql } from "@caseroom/postgres";
import {
  chatText,
  createMllpSender,
  type DemoWorld,
  fragmentsOf,
  gatewayOf,
  hba1cMessage,
  type RecordingProxy,
  readDemoWorld,
  signInPerson,
  startRecordingProxy,
  type TestPerson,
  until,
} from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findInFiles, findInRecording, findInTables, type WorldSighting } from "../canary/find-in-world.ts";
import { needlesOf } from "../canary/find-words.ts";
import { makeInstance } from "../gateway/dicom-for-testing.ts";

const PROXY_PORT = 18_490;
/** Long and random, so that none is ever found by chance. */
const word = (about: string) => `canary${about}${randomBytes(12).toString("hex")}`;
const WORDS = {
  comment: word("Comment"),
  patient: word("Patient"),
  chat: word("Chat"),
  caseName: word("Case"),
  scan: word("Scan"),
  fhir: word("Fhir"),
  file: word("Name"),
};
/** Leaked on purpose: a search that does not find these proves nothing. */
const LEAKS = {
  file: word("File"),
  log: word("Log"),
  row: word("Row"),
  bytes: word("Bytes"),
  sent: word("Sent"),
  gateway: word("Gateway"),
};

const traffic = inject("gatewayTraffic");
const world: DemoWorld = readDemoWorld(inject("worldFolder"));
let proxy: RecordingProxy;
let person: TestPerson;
let hubSql: Sql;
let sightings: readonly WorldSighting[];

beforeAll(async () => {
  proxy = await startRecordingProxy(world.hub.url, PROXY_PORT);
  person = await signInPerson(world, "mak", { hubUrl: proxy.url });
  const password = readFileSync(join(world.folder, "hub", "postgres.password"), "utf8").trim();
  const port = Number(new URL(world.hub.url).port) + 40;
  hubSql = connect(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, { max: 1 });
  await putIn();
  await leak();
  sightings = await search();
}, 240_000);

afterAll(async () => {
  await hubSql?.unsafe("DROP TABLE IF EXISTS leak_on_purpose");
  await hubSql?.end();
  rmSync(leakFile(), { force: true });
  rmSync(leakLog(), { force: true });
  await person?.stop();
  await proxy?.close();
});

describe("words that people and systems of one institution put in", () => {
  it("are nowhere at the hub, in no log, and in nothing that passed between the hub and a person or a gateway", () => {
    expect(sightings.filter((one) => Object.values(WORDS).includes(one.word))).toEqual([]);
  });

  it("would have been found: a file, a log line, a row, bytes in a row and a body that leak on purpose are", () => {
    const placesOf = (leaked: string) => sightings.filter((one) => one.word === leaked).map((one) => one.place);
    expect(placesOf(LEAKS.file)).toContain(leakFile());
    expect(placesOf(LEAKS.log)).toContain(leakLog());
    expect(placesOf(LEAKS.row)).toContain("table leak_on_purpose");
    // The database's own files as well: the checkpoint has written the page.
    expect(placesOf(LEAKS.row).some((place) => /\/base\/\d+\/\d+$/.test(place))).toBe(true);
    expect(placesOf(LEAKS.row).some((place) => place.includes("/pg_wal/"))).toBe(true);
    expect(placesOf(LEAKS.bytes)).toContain("bytes of table leak_on_purpose");
    expect(placesOf(LEAKS.sent)).toContain("recording");
    if (traffic !== undefined) expect(placesOf(LEAKS.gateway)).toContain("recording of the gateways");
  });
});

/** Everything that is content, by every way in; returns when the hub has all of it. */
async function putIn(): Promise<void> {
  const room = await person.awaitRoom();
  const at = "20261124130000+0800";
  const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
  const named = `PID|1||KD-${Date.now()}^^^KDC^MR||${WORDS.patient}^Mei^^^^^L||19610203|F`;
  await laboratory.send(
    hba1cMessage({ controlId: `canary-${Date.now()}`, percent: "6.66", at, comment: WORDS.comment }),
  );
  await laboratory.send(hba1cMessage({ controlId: `named-${Date.now()}`, percent: "6.67", at, patient: named }));
  laboratory.close();
  await admin("kdc", "/admin/cases", {
    name: WORDS.caseName,
    patient: { name: WORDS.patient, identifiers: [{ system: "KDC", value: "KD-778812" }] },
    invite: [],
  });
  await putInScan();
  await putInFhir();
  await person.say(room.compId, WORDS.chat);
  await person.awaitEntry((one) => chatText(one) === WORDS.chat);
  await person.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes(WORDS.comment)), 60_000);
  const waiting = async () => {
    const state: unknown = await admin("kdc", "/admin/delivery");
    return typeof state === "object" && state !== null ? Number(Reflect.get(state, "accepted") ?? 0) : Number.NaN;
  };
  for (let i = 0; (await waiting()) !== 0; i++) {
    if (i > 300) throw new Error("the messages have not reached the hub");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await until(() => (room.coveredN() >= room.nextN() ? true : undefined), 30_000, "not everything is logged");
}

/** In the header of an image, by DICOMweb; in the name of a file, by import. */
async function putInScan(): Promise<void> {
  const { dicomweb, token, url } = gatewayOf(world, "kdc");
  const series = `1.2.826.0.1.3680043.9.7778.${Date.now()}`;
  const made = makeInstance({
    study: `${series}.1`,
    series,
    number: 1,
    pixels: toBytes(randomBytes(4096)),
    description: WORDS.scan,
  });
  const boundary = "canary";
  const head = `--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`;
  const type = `multipart/related; type="application/dicom"; boundary=${boundary}`;
  const stored = await fetch(`${dicomweb}/studies`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": type },
    body: Buffer.concat([Buffer.from(head), made.file, Buffer.from(`\r\n--${boundary}--`)]),
  });
  if (stored.status !== 200) throw new Error(`the image was answered ${stored.status}`);
  await fetch(new URL("/admin/import", url), {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/octet-stream",
      [IMPORT_NAME_HEADER]: WORDS.file,
    },
    body: new Uint8Array(made.file),
  }).then((response) => response.text());
  await until(() => (person.entries().some((one) => describesScan(one)) ? true : undefined), 60_000, "no scan arrived");
}

function describesScan(one: ReceivedEntry): boolean {
  return fragmentsOf(one).some((json) => json.includes("ImagingStudy") && json.includes(WORDS.scan));
}

async function putInFhir(): Promise<void> {
  const { fhir, token } = gatewayOf(world, "kdc");
  const entry = [
    {
      resource: {
        resourceType: "Patient",
        identifier: [{ system: "KDC", value: "KD-778812" }],
        birthDate: "1957-07-31",
        gender: "male",
      },
      fullUrl: "urn:uuid:8d3c1f60-0000-4000-8000-00000000000c",
      request: { method: "POST", url: "Patient" },
    },
    {
      resource: {
        resourceType: "Observation",
        status: "final",
        code: { text: WORDS.fhir },
        subject: { reference: "urn:uuid:8d3c1f60-0000-4000-8000-00000000000c" },
      },
      request: { method: "POST", url: "Observation" },
    },
  ];
  const response = await fetch(fhir, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/fhir+json" },
    body: JSON.stringify({ resourceType: "Bundle", type: "transaction", entry }),
  });
  if (!response.ok) throw new Error(`the bundle was answered ${response.status}`);
  await person.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes(WORDS.fhir)), 60_000);
}

async function leak(): Promise<void> {
  // Compressed and in base64, as a careless feature would.
  writeFileSync(leakFile(), gzipSync(Buffer.from(Buffer.from(`a ${LEAKS.file}`).toString("base64"))));
  appendFileSync(leakLog(), `${JSON.stringify({ level: 30, msg: `saved ${LEAKS.log}` })}\n`);
  await hubSql`CREATE TABLE IF NOT EXISTS leak_on_purpose (note text, bytes bytea)`;
  const bytes = Buffer.from(LEAKS.bytes, "utf16le");
  await hubSql`INSERT INTO leak_on_purpose (note, bytes) VALUES (${LEAKS.row}, ${bytes})`;
  await post(proxy.url, LEAKS.sent);
  if (traffic !== undefined) await post(traffic.proxyUrl, LEAKS.gateway);
}

async function post(proxyUrl: string, body: string): Promise<void> {
  const response = await fetch(new URL("/v1/meta", proxyUrl), { method: "POST", body });
  await response.text();
}

async function search(): Promise<readonly WorldSighting[]> {
  const needles = needlesOf([...Object.values(WORDS), ...Object.values(LEAKS)]);
  await hubSql`CHECKPOINT`;
  const [row] = await hubSql<{ data_directory: string }[]>`SHOW data_directory`;
  const cluster = row?.data_directory ?? "";
  // What an institution keeps is its own; everything else of the world is searched, wherever the hub's database lies.
  const gateways = join(world.folder, "gateways");
  const folders = cluster.startsWith(world.folder) ? [world.folder] : [world.folder, cluster];
  return [
    ...findInFiles(folders, needles, (path) => path === gateways),
    ...(await findInTables(hubSql, needles)),
    ...findInRecording("recording", proxy.recorded(), needles),
    ...(traffic === undefined ? [] : findInRecording("recording of the gateways", readFileSync(traffic.file), needles)),
  ];
}

async function admin(id: string, path: string, body?: unknown): Promise<unknown> {
  const gateway = gatewayOf(world, id);
  const headers = { authorization: `Bearer ${gateway.token}`, "content-type": "application/json" };
  const init = body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) };
  const response = await fetch(new URL(path, gateway.url), init);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

function leakFile(): string {
  return join(world.folder, "hub", "leak-on-purpose.bin");
}

function leakLog(): string {
  return join(world.logs, "leak-on-purpose.log");
}
