import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  bytesToUtf8,
  err,
  failure,
  ok,
  quarantineDetail,
  quarantineItems,
  quarantineRepaired,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import { wrapDataSet } from "@caseroom/dicom";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { hba1cMessage } from "@caseroom/testkit";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { receiveHl7 } from "../../apps/gateway/src/adapters/mllp/receive-hl7.ts";
import { importFhir } from "../../apps/gateway/src/features/admin/import-fhir.ts";
import { registerFhirRoutes } from "../../apps/gateway/src/features/fhir/fhir-routes.ts";
import { createR4Validator } from "../../apps/gateway/src/features/fhir/validation/r4-validator.ts";
import { createFhirWriter } from "../../apps/gateway/src/features/fhir/writing/writer.ts";
import { closePack, listPacks, markRefused } from "../../apps/gateway/src/features/imaging/pack-store.ts";
import { type ReceiveDeps, receiveInstance } from "../../apps/gateway/src/features/imaging/receive-instance.ts";
import { importCcda } from "../../apps/gateway/src/features/import/import-ccda.ts";
import { listWaiting } from "../../apps/gateway/src/features/inbound/inbound-store.ts";
import { quarantineActors } from "../../apps/gateway/src/features/quarantine/quarantine-actors.ts";
import { createQuarantineActs } from "../../apps/gateway/src/features/quarantine/quarantine-acts.ts";
import { registerQuarantineRoutes } from "../../apps/gateway/src/features/quarantine/quarantine-routes.ts";
import { createReplayDoors } from "../../apps/gateway/src/features/quarantine/replay-doors.ts";

const TOKEN = "token-of-the-gateway";
const validator = createR4Validator();
const nowMs = () => 1_795_600_000_000;
const onAccepted = () => undefined;
let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
let receive: ReceiveDeps;
let app: FastifyInstance;

beforeAll(async () => {
  database = await startPostgresForTesting();
  const { sql, folder } = database;
  await runMigrations(sql, new URL("../../apps/gateway/migrations/", import.meta.url));
  receive = { sql, dataDir: join(folder, "gateway"), defaultIssuer: "KDC", nowMs, onReceived: () => undefined };
  const baseUrl = "http://kdc.test";
  const hooks = { sql, baseUrl, hookOrigins: [], nowMs };
  const writer = createFhirWriter({ ...hooks, institutionId: "kdc", validator, onAccepted, onRaised: () => undefined });
  const isToken = (token: string | undefined) => token === TOKEN;
  const fhir = { sql, baseUrl, writer };
  const ignore = () => undefined;
  const doors = createReplayDoors({
    sql,
    receive,
    fhir,
    nowMs,
    onAccepted,
    onAssociationEnd: ignore,
    onPackReopened: ignore,
  });
  const who = (token: string | undefined) => {
    const role = { "token-of-lau": "nurse", "token-of-mak": "radiologist" }[token ?? ""];
    const staff = { userId: "" as never, staffId: "KDC-1", name: "Lau Mei Fong", role: role ?? "" };
    return role === undefined ? { ok: false as const, error: failure("SESSION_REQUIRED") } : ok(staff);
  };
  app = Fastify();
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  const openFile = async () => err(failure("OFFLINE"));
  registerFhirRoutes(app, { sql, baseUrl, writer, openFile, isToken, nowMs });
  registerQuarantineRoutes(app, {
    sql,
    acts: createQuarantineActs({ ...receive, doors }),
    ...quarantineActors({ sessions: { who }, isToken, roles: ["nurse"] }),
  });
}, 60_000);
afterAll(async () => {
  await app?.close();
  await validator.stop();
  await database?.stop();
});

async function ask(method: "GET" | "POST", path: string, body?: object | string, token = "token-of-lau") {
  const answer = await app.inject({
    method,
    url: path,
    headers: {
      authorization: `Bearer ${token}`,
      ...(typeof body === "string" ? { "content-type": "application/octet-stream" } : {}),
    },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: answer.statusCode, text: answer.body };
}
const list = async (query = "") =>
  quarantineItems.parse(JSON.parse((await ask("GET", `/app/quarantine${query}`)).text));
const open = async (id: string) => quarantineDetail.parse(JSON.parse((await ask("GET", `/app/quarantine/${id}`)).text));
const send = async (message: string) =>
  bytesToUtf8(await receiveHl7({ sql: database.sql, nowMs, onAccepted }, utf8ToBytes(message)));

let number = 0;
/** A message about somebody known whose birth date it has wrong; answers the item's id and the message. */
async function mismatch() {
  const patient = `PID|1||KD-${++number}^^^KDC^MR||Chan^Tai Man||19570731|M`;
  const at = "20261124093000+0800";
  expect(await send(hba1cMessage({ controlId: `good-${number}`, percent: "7.1", at, patient }))).toContain("MSA|AA|");
  const message = hba1cMessage({
    controlId: `bad-${number}`,
    percent: "7.2",
    at,
    patient: patient.replace("19570731", "19990101"),
  });
  expect(await send(message)).toMatch(/^MSA\|AE\|.*\rERR\|\|PID\^1\^7\|/m);
  const [item] = (await list()).items;
  return { id: item?.id ?? "", message };
}
const accepted = async (controlId: string) =>
  (await listWaiting(database.sql, 1000)).filter((one) => one.controlId === controlId);

describe("a message about somebody with another birth date", () => {
  it("is shown with the faulty field, what it says and what the record says", async () => {
    const { id } = await mismatch();
    const { item, findings, known, text } = await open(id);
    expect(item).toMatchObject({ source: "hl7v2", sender: "LIS|KDC", code: "PATIENT_MISMATCH", place: "PID-7" });
    const [finding] = findings;
    expect(finding).toMatchObject({ kind: "birth-date", said: "1999-01-01", known: "1957-07-31" });
    expect(text?.slice(finding?.mark?.from, finding?.mark?.to)).toBe("19990101");
    expect(known[0]).toMatchObject({ name: "Chan Tai Man", birthDate: "1957-07-31" });
    expect(JSON.stringify(known)).not.toContain(`KD-${number}"`);
    // A screen that reads itself anew is one look.
    expect((await open(id)).acts.map(({ act, by }) => [act, by])).toEqual([["opened", "Lau Mei Fong"]]);
  });

  it("is taken in once when a person has repaired it, and what came is still there byte for byte", async () => {
    const { id, message } = await mismatch();
    const text = ((await open(id)).text ?? "").replace("19990101", "19570731");
    const repaired = await ask("POST", `/app/quarantine/${id}/versions?base=1`, { text });
    expect(quarantineRepaired.parse(JSON.parse(repaired.text))).toEqual({ version: 2 });
    expect((await open(id)).findings.map(({ kind }) => kind)).toEqual(["none"]);
    expect((await ask("POST", `/app/quarantine/${id}/replay`, { version: 2 })).status).toBe(200);
    const [taken, ...more] = await accepted(`bad-${number}`);
    expect(more).toEqual([]);
    expect(taken?.mediaType).toContain("repaired");
    expect(bytesToUtf8(taken?.bytes ?? toBytes([]))).toContain("|19570731|");
    expect((await ask("GET", `/app/quarantine/${id}/versions/1`)).text).toBe(message);
    // Its sender, which may try again for days, is told that all is well now, and adds nothing.
    expect(await send(message)).toContain("MSA|AA|");
    expect(await accepted(`bad-${number}`)).toHaveLength(1);
    expect((await ask("POST", `/app/quarantine/${id}/replay`, { version: 2 })).status).toBe(422);
    const { acts, item } = await open(id);
    expect(item.state).toBe("replayed");
    expect(acts.flatMap(({ act, by }) => (act === "opened" ? [] : [`${act} by ${by}`]))).toEqual([
      "repaired by Lau Mei Fong",
      "replayed by Lau Mei Fong",
      "downloaded by Lau Mei Fong",
    ]);
  });

  it("waits on, with the new reason, when the repair does not help, and nothing of it is taken", async () => {
    const { id } = await mismatch();
    const text = ((await open(id)).text ?? "").replace("|M\n", "|F\n").replace("19990101", "19570731");
    await ask("POST", `/app/quarantine/${id}/versions?base=1`, { text });
    expect(JSON.parse((await ask("POST", `/app/quarantine/${id}/replay`, { version: 2 })).text)).toMatchObject({
      code: "PATIENT_MISMATCH",
    });
    expect((await open(id)).item).toMatchObject({ state: "waiting", place: "PID-8" });
    expect(await accepted(`bad-${number}`)).toEqual([]);
  });

  it("is repaired by one of two who repair it at once; the other is told", async () => {
    const { id } = await mismatch();
    const repairs = await Promise.all(
      ["one", "two"].map((text) => ask("POST", `/app/quarantine/${id}/versions?base=1`, { text })),
    );
    expect(repairs.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 422]);
    expect((await open(id)).versions).toHaveLength(2);
  });

  it("is discarded for a reason and nobody's task any more, but not gone", async () => {
    const { id, message } = await mismatch();
    expect((await ask("POST", `/app/quarantine/${id}/discard`, { reason: "  " })).status).toBe(400);
    expect((await ask("POST", `/app/quarantine/${id}/discard`, { reason: "a test of the analyser" })).status).toBe(200);
    expect((await list()).items.some((one) => one.id === id)).toBe(false);
    expect((await list("?state=discarded")).items.some((one) => one.id === id)).toBe(true);
    expect((await open(id)).acts.find(({ act }) => act === "discarded")?.note).toBe("a test of the analyser");
    expect((await ask("GET", `/app/quarantine/${id}/versions/1`)).text).toBe(message);
  });

  it("does not stand in the way of a better message of the same number", async () => {
    const { message } = await mismatch();
    expect(await send(message.replace("19990101", "19570731"))).toContain("MSA|AA|");
    expect(await accepted(`bad-${number}`)).toHaveLength(1);
  });
});

describe("what is no message at all", () => {
  it("is kept once, however often it comes, and can be made into one", async () => {
    await send("rubbish");
    await send("rubbish");
    const rubbish = (await list()).items.filter(({ code }) => code === "SOURCE_UNREADABLE");
    expect(rubbish).toHaveLength(1);
    const id = rubbish[0]?.id ?? "";
    const message = hba1cMessage({ controlId: "made-good", percent: "7.3", at: "20261124093000+0800" });
    await ask("POST", `/app/quarantine/${id}/versions?base=1`, message);
    expect((await ask("POST", `/app/quarantine/${id}/replay`, { version: 2 })).status).toBe(200);
    expect(await accepted("made-good")).toHaveLength(1);
  });
});

describe("other doors", () => {
  const patient = (value: string, birthDate: string) => ({
    resourceType: "Patient",
    identifier: [{ system: "KDC", value }],
    name: [{ family: "Lee" }],
    birthDate,
  });
  const change = async (id: string, from: string, to: string) => {
    const text = ((await open(id)).text ?? "").replaceAll(from, to);
    await ask("POST", `/app/quarantine/${id}/versions?base=1`, { text });
    return ask("POST", `/app/quarantine/${id}/replay`, { version: 2 });
  };

  it("an imported bundle that contradicts the record is kept, as the import says, and taken in when it is repaired", async () => {
    const deps = { sql: database.sql, nowMs, sender: "import", onAccepted };
    const bundle = (birthDate: string) => {
      const entry = [{ resource: patient("F-1", birthDate) }];
      return JSON.stringify({ resourceType: "Bundle", type: "collection", entry });
    };
    expect((await importFhir(deps, bundle("1970-01-01"))).ok).toBe(true);
    expect(await importFhir(deps, bundle("1971-02-02"))).toMatchObject({ error: { code: "PATIENT_MISMATCH" } });
    const [item] = (await list("?source=import")).items;
    expect(item).toMatchObject({ place: "Patient.birthDate", why: "birth-date" });
    expect((await change(item?.id ?? "", "1971-02-02", "1970-01-01")).status).toBe(200);
    expect(await importFhir(deps, bundle("1971-02-02"))).toMatchObject({ error: { code: "PATIENT_MISMATCH" } });
    expect((await list("?source=import")).items.map(({ id }) => id)).toEqual([item?.id]);
  });

  it("a clinical document about another person is kept and taken in when it is repaired", async () => {
    const deps = { sql: database.sql, nowMs, sender: "import", onAccepted };
    const sample = readFileSync(new URL("../../fixtures/ccda/emerge-124.xml", import.meta.url), "utf8");
    expect((await importCcda(deps, utf8ToBytes(sample))).ok).toBe(true);
    const other = sample.replaceAll("19950105", "19620214");
    expect(await importCcda(deps, utf8ToBytes(other))).toMatchObject({ error: { isKept: true } });
    const [item] = (await list("?source=import")).items;
    expect(item).toMatchObject({ why: "birth-date", mediaType: "application/xml" });
    expect((await open(item?.id ?? "")).findings[0]).toMatchObject({ said: "1962-02-14", known: "1995-01-05" });
    expect((await change(item?.id ?? "", "19620214", "19950105")).status).toBe(200);
  });

  it("a resource written to the FHIR door is written there when it is repaired", async () => {
    const write = (body: object) =>
      app.inject({
        method: "POST",
        url: "/fhir/Patient",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/fhir+json" },
        payload: JSON.stringify(body),
      });
    expect((await write(patient("F-2", "1970-01-01"))).statusCode).toBe(201);
    expect((await write(patient("F-2", "1971-02-02"))).statusCode).toBe(409);
    const [item] = (await list("?source=fhir")).items;
    expect(item).toMatchObject({ place: "Patient.birthDate", why: "birth-date" });
    const still = await ask("POST", `/app/quarantine/${item?.id}/replay`, { version: 1 });
    expect(still.status).toBe(409);
    expect((await list("?source=fhir")).items).toHaveLength(1);
    expect((await change(item?.id ?? "", "1971-02-02", "1970-01-01")).status).toBe(200);
    expect((await list("?source=fhir&state=replayed")).items).toHaveLength(1);
  });

  it("a write that its client made depend on a version is not forced upon a newer one when it is replayed", async () => {
    const write = (method: "POST" | "PUT", url: string, body: object, headers: Record<string, string> = {}) =>
      app.inject({
        method,
        url: `/fhir/${url}`,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/fhir+json", ...headers },
        payload: JSON.stringify(body),
      });
    const made = await write("POST", "Patient", patient("F-3", "1970-01-01"));
    const { id } = made.json() as { id: string };
    const changed = { ...patient("F-3", "1971-02-02"), id };
    expect((await write("PUT", `Patient/${id}`, changed, { "if-match": 'W/"1"' })).statusCode).toBe(409);
    expect((await write("PUT", `Patient/${id}`, { ...patient("F-3", "1970-01-01"), id })).statusCode).toBe(200);
    const [item] = (await list("?source=fhir")).items;
    expect((await change(item?.id ?? "", "1971-02-02", "1970-01-01")).status).not.toBe(200);
    expect((await list("?source=fhir")).items).toHaveLength(1);
  });

  it("an image of another person's is shown by its header and replaced by a repaired file", async () => {
    const image = (birthDate: string, sop: string) => wrapDataSet({ ...NAMES, sop, dataSet: dataSet(birthDate, sop) });
    const source = { kind: "stow" as const, peer: "STOW", association: "a" };
    expect((await receiveInstance(receive, image("19700101", "1.2.3.1"), source)).ok).toBe(true);
    expect((await receiveInstance(receive, image("19710202", "1.2.3.2"), source)).ok).toBe(false);
    const [item] = (await list("?source=stow")).items;
    const detail = await open(item?.id ?? "");
    expect(detail.findings[0]).toMatchObject({ kind: "birth-date", place: "(0010,0030)", said: "1971-02-02" });
    expect(detail.fields).toContainEqual({ place: "(0008,0018)", name: "SOPInstanceUID", value: "1.2.3.2" });
    const repaired = Buffer.from(image("19700101", "1.2.3.2")).toString("latin1");
    await app.inject({
      method: "POST",
      url: `/app/quarantine/${item?.id}/versions?base=1`,
      headers: { authorization: "Bearer token-of-lau", "content-type": "application/octet-stream" },
      payload: Buffer.from(repaired, "latin1"),
    });
    expect((await ask("POST", `/app/quarantine/${item?.id}/replay`, { version: 2 })).status).toBe(200);
    expect(await database.sql`SELECT FROM imaging_instance WHERE sop = '1.2.3.2'`).toHaveLength(1);
  });

  it("a pack that the hub refused is tried again when somebody says so, and waits again when it is refused again", async () => {
    const [row] = await database.sql<{ id: string }[]>`SELECT patient_id::text AS id FROM imaging_instance LIMIT 1`;
    const key = { patientId: row?.id ?? "", study: "1.2.3", series: "1.2.3.9" };
    await closePack(database.sql, key, ["1.2.3.2"], 0);
    const refuse = async () => {
      const [pack] = await listPacks(database.sql);
      if (pack !== undefined) await markRefused(database.sql, pack, "TOO_LARGE", 0);
    };
    await refuse();
    const [item] = (await list("?source=packer")).items;
    expect((await open(item?.id ?? "")).findings[0]?.kind).toBe("pack-refused");
    expect((await ask("POST", `/app/quarantine/${item?.id}/replay`, { version: 1 })).status).toBe(200);
    expect((await list("?source=packer")).items).toEqual([]);
    expect(await listPacks(database.sql)).toHaveLength(1);
    await refuse();
    expect((await list("?source=packer")).items).toHaveLength(1);
  });
});

describe("the quarantine", () => {
  it("is read page by page, newest first", async () => {
    const all = (await list("?limit=100")).items.map(({ id }) => id);
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: Awaited<ReturnType<typeof list>> = await list(`?limit=2${next === "" ? "" : `&before=${next}`}`);
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toEqual(all);
  });

  it("opens to staff of the institution's chosen roles and to its administration, and to nobody else", async () => {
    expect((await ask("GET", "/app/quarantine", undefined, "token-of-mak")).status).toBe(403);
    expect((await ask("GET", "/app/quarantine", undefined, TOKEN)).status).toBe(401);
    expect((await ask("GET", "/admin/quarantine", undefined, TOKEN)).status).toBe(200);
    expect((await ask("GET", "/admin/quarantine", undefined, "token-of-lau")).status).toBe(401);
    expect((await ask("GET", "/app/quarantine/999999")).status).toBe(404);
    expect((await ask("GET", "/app/quarantine/one")).status).toBe(400);
  });
});

const NAMES = { sopClass: "1.2.840.10008.5.1.4.1.1.2", transferSyntax: "1.2.840.10008.1.2.1" };

function dataSet(birthDate: string, sop: string) {
  const element = (tag: number, vr: string, value: string) => {
    const body = Buffer.from(value.length % 2 === 0 ? value : `${value}${vr === "UI" ? "\0" : " "}`, "latin1");
    const head = Buffer.alloc(8);
    head.writeUInt16LE(tag >>> 16, 0);
    head.writeUInt16LE(tag & 0xffff, 2);
    head.write(vr, 4, "latin1");
    head.writeUInt16LE(body.length, 6);
    return Buffer.concat([head, body]);
  };
  return toBytes(
    Buffer.concat([
      element(0x0008_0016, "UI", NAMES.sopClass),
      element(0x0008_0018, "UI", sop),
      element(0x0010_0010, "PN", "LEE^KA HO"),
      element(0x0010_0020, "LO", "KD-IMG"),
      element(0x0010_0030, "DA", birthDate),
      element(0x0020_000d, "UI", "1.2.3"),
      element(0x0020_000e, "UI", "1.2.3.9"),
    ]),
  );
}
