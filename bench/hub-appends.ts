import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvariantError } from "@caseroom/contract";
import { connect } from "@caseroom/postgres";
import { z } from "zod";
import { type AppendSender, openAppendSender } from "./append-sender.ts";
import { foundInstitution, type Room, type SealedTemplate, type Sender } from "./bench-institution.ts";
import { startChild } from "./child-process.ts";
import type { Bench, BenchOptions, Row } from "./figures.ts";
import { median, percentile } from "./latencies.ts";
import { openRowCommits, type RowCommits } from "./pgbench.ts";
import { BASE_PORT } from "./ports.ts";
import { countProcessorTime } from "./processor-time.ts";
import { runClosedLoop } from "./rates.ts";

const SENDERS = 32;
const BATCH = 16;
const readyMessage = z.object({ hubUrl: z.string(), databaseUrl: z.string() });

/** A sentence as people write it; its entry is about 1.2 KB sealed. */
const TEXT = "HbA1c 7.35 % this morning, fasting glucose 8.1 mmol/L; may we go ahead on Monday as planned? ".repeat(4);

export const hubAppends: Bench = {
  name: "hub-appends",
  summary: "durable appends to the hub beside commits of one row on the same PostgreSQL",
  run: async (options) => {
    const bootstrapToken = randomBytes(24).toString("base64url");
    const hub = startChild("hub-server.ts", [String(BASE_PORT + 80), bootstrapToken]);
    const folder = mkdtempSync(join(tmpdir(), "caseroom-bench-"));
    try {
      const { hubUrl, databaseUrl } = readyMessage.parse(await hub.ready);
      const stage = await prepare(hubUrl, bootstrapToken, options);
      const rowBytes = stage.sealed[0]?.[0]?.envelope.length ?? 0;
      options.say(`a sealed entry is ${rowBytes} bytes`);
      const peer = await openRowCommits({ databaseUrl, folder, rowBytes, say: options.say });
      const rows = await measureAll(hubUrl, { ...stage, hubPid: hub.process.pid ?? 0 }, peer, options);
      await checkStored(databaseUrl, stage.appended());
      await peer.close();
      return rows;
    } finally {
      await hub.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Stage = {
  readonly senders: readonly Sender[];
  readonly rooms: readonly Room[];
  /** Of each sender, for the sender's own room. */
  readonly sealed: readonly (readonly SealedTemplate[])[];
  readonly sharedRoom: Room;
  readonly sharedSealed: readonly (readonly SealedTemplate[])[];
  readonly count: (entries: number) => void;
  readonly appended: () => number;
};

async function prepare(hubUrl: string, bootstrapToken: string, { say }: BenchOptions): Promise<Stage> {
  say(`${SENDERS} senders enrol, sign in and found rooms`);
  const institution = await foundInstitution(hubUrl, bootstrapToken);
  const senders: Sender[] = [];
  for (let i = 0; i < SENDERS; i++) senders.push(await institution.addSender(`gateway ${i}`));
  const [first, ...others] = senders;
  if (first === undefined) throw new InvariantError("there are senders");
  const sharedRoom = await institution.createRoom(first, others);
  const rooms: Room[] = [];
  const sealed: (readonly SealedTemplate[])[] = [];
  const sharedSealed: (readonly SealedTemplate[])[] = [];
  for (const sender of senders) {
    const room = await institution.createRoom(sender, []);
    rooms.push(room);
    sealed.push(await institution.seal(sender, room, TEXT, BATCH));
    sharedSealed.push(await institution.seal(sender, sharedRoom, TEXT, BATCH));
  }
  let appended = 0;
  const count = (entries: number) => {
    appended += entries;
  };
  return { senders, rooms, sealed, sharedRoom, sharedSealed, count, appended: () => appended };
}

async function measureAll(
  hubUrl: string,
  stage: Stage & { readonly hubPid: number },
  peer: RowCommits,
  options: BenchOptions,
): Promise<readonly Row[]> {
  const seconds = options.isShort ? 2 : 8;
  const rounds = options.isShort ? 1 : 3;
  await measure(hubUrl, stage, { senders: SENDERS, batch: 1, isShared: false }, options.isShort ? 2 : 6);
  const rows: Row[] = [];
  for (const senders of [1, 8, SENDERS]) {
    options.say(`${senders} senders`);
    const rates = { peer: [] as number[], own: [] as number[], one: [] as number[], batch: [] as number[] };
    const latencies: number[] = [];
    const processorMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      rates.peer.push(await peer.run(senders, seconds));
      const stopCounting = countProcessorTime(new Map([["hub", stage.hubPid]]));
      const own = await measure(hubUrl, stage, { senders, batch: 1, isShared: false }, seconds);
      rates.own.push(own.rate);
      latencies.push(...own.latencies);
      processorMs.push((stopCounting().get("hub") ?? Number.NaN) / own.latencies.length);
      rates.one.push((await measure(hubUrl, stage, { senders, batch: 1, isShared: true }, seconds)).rate);
      rates.batch.push((await measure(hubUrl, stage, { senders, batch: BATCH, isShared: false }, seconds)).rate);
    }
    const beside = { name: `${peer.name} rows/s`, value: median(rates.peer) };
    const isPromised = senders === SENDERS ? { target: 1 } : {};
    const row = (figure: string, samples: readonly number[], target: { readonly target?: number }): Row => ({
      figure: `${senders} senders, ${figure}`,
      value: median(samples),
      unit: "entries/s",
      better: "higher",
      beside: { ...beside, ...target },
    });
    rows.push(
      row("a room each", rates.own, isPromised),
      row("one room", rates.one, isPromised),
      row(`${BATCH} entries a request`, rates.batch, {}),
      {
        figure: `${senders} senders, a room each, processor time of the hub`,
        value: median(processorMs),
        unit: "ms an entry",
        better: "lower",
      },
      {
        figure: `${senders} senders, a room each, p99`,
        value: percentile(latencies, 0.99),
        unit: "ms",
        better: "lower",
      },
    );
  }
  return rows;
}

async function measure(
  hubUrl: string,
  stage: Stage,
  shape: { readonly senders: number; readonly batch: number; readonly isShared: boolean },
  seconds: number,
): Promise<{ readonly rate: number; readonly latencies: readonly number[] }> {
  const open: AppendSender[] = stage.senders.slice(0, shape.senders).map((sender, i) => {
    const room = shape.isShared ? stage.sharedRoom : stage.rooms[i];
    const sealed = (shape.isShared ? stage.sharedSealed : stage.sealed)[i]?.slice(0, shape.batch);
    if (room === undefined || sealed === undefined) throw new InvariantError("every sender has a room");
    return openAppendSender(hubUrl, sender, room, sealed);
  });
  const done = await runClosedLoop(
    open.map((one) => one.append),
    seconds,
  );
  for (const one of open) one.close();
  stage.count(done.count * shape.batch);
  return { rate: (done.count * shape.batch) / done.seconds, latencies: done.latencies };
}

/** A number that is fast and wrong is no number: what was acknowledged must be there. */
async function checkStored(databaseUrl: string, appended: number): Promise<void> {
  const sql = connect(databaseUrl, { max: 1 });
  const [row] = await sql<{ count: number }[]>`SELECT count(*) FROM feed WHERE kind = 'entry'`;
  await sql.end({ timeout: 5 });
  if (row?.count !== appended) throw new InvariantError(`acknowledged ${appended} entries, stored ${row?.count}`);
}
