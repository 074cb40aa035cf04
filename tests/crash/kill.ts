import { setTimeout as sleep } from "node:timers/promises";
import { gatewayOf, hba1cMessage, signInPerson, type TestPerson } from "@caseroom/testkit";
import type { CrashWorld } from "./crash-world.ts";
import { awaitUp, type KillTarget, killTarget, RECEIVING } from "./kill-target.ts";
import { createPatientSender } from "./patient-sender.ts";
import { type Counted, gatewayAlarms, resultsAtDoor, resultsOf } from "./reading-side.ts";

export type KillPlan = {
  readonly target: KillTarget;
  readonly kills: number;
  readonly messages: number;
  readonly seed: number;
  /** A day that no other plan of this world uses: its results are told apart by it. */
  readonly day: string;
};

export type KillReport = {
  readonly plan: KillPlan;
  readonly kills: number;
  readonly acknowledged: number;
  /** Attempts that ended without an answer. */
  readonly resent: number;
  /** What is wrong, in words; none when everything that was acknowledged is there once and nobody was alarmed. */
  readonly problems: readonly string[];
  readonly seconds: number;
};

/** Two people of the reading institution: one online all along, one who comes after. */
export type Readers = { readonly live: TestPerson; readonly lateLogin: string };

const ARRIVAL_MS = 180_000;
const MAX_DELAY_MS = 400;

export async function openReaders(world: CrashWorld): Promise<Readers> {
  const live = await signInPerson(world.read(), "cheung");
  await live.awaitRoom(60_000);
  return { live, lateLogin: "ho" };
}

/**
 * A laboratory sends results, waiting for each acknowledgement, while the target is killed at moments that the seed chooses. Then
 * every reader must have exactly what was acknowledged.
 */
export async function runKills(world: CrashWorld, readers: Readers, plan: KillPlan): Promise<KillReport> {
  const started = performance.now();
  const random = seededRandom(plan.seed);
  const points = choosePoints(plan, random);
  const alarmsBefore = gatewayAlarms(world.read()).length;
  const sender = createPatientSender(gatewayOf(world.read(), RECEIVING).mllp);
  const sent: string[] = [];
  let killing: Promise<number> = Promise.resolve(0);
  let kills = 0;
  for (let i = 0; i < plan.messages; i++) {
    const delayMs = points.get(i);
    if (delayMs !== undefined) {
      await awaitUp(world.folder, plan.target, await killing);
      killing = sleep(delayMs).then(() => killTarget(world.folder, plan.target));
      kills += 1;
    }
    const value = (10 + (i + 1) / 10_000).toFixed(4);
    await sender.send(`${plan.target}-${plan.day}-${i}`, messageOf(plan, i, value));
    sent.push(value);
  }
  await awaitUp(world.folder, plan.target, await killing);
  sender.close();
  const problems = await findProblems(world, readers, { plan, sent, alarmsBefore });
  const seconds = Math.round((performance.now() - started) / 1000);
  return { plan, kills, acknowledged: sent.length, resent: sender.resent(), problems, seconds };
}

function messageOf(plan: KillPlan, i: number, value: string): string {
  const clock = new Date(i * 1000).toISOString().slice(11, 19).replaceAll(":", "");
  const at = `${plan.day.replaceAll("-", "")}${clock}+0000`;
  return hba1cMessage({ controlId: `${plan.target}-${plan.day}-${i}`, percent: value, at });
}

async function findProblems(
  world: CrashWorld,
  readers: Readers,
  run: { readonly plan: KillPlan; readonly sent: readonly string[]; readonly alarmsBefore: number },
): Promise<readonly string[]> {
  const { day } = run.plan;
  const { live } = readers;
  const late = await signInPerson(world.read(), readers.lateLogin);
  const sides = [
    { name: "the person online", look: async () => resultsOf(live, day) },
    { name: "the FHIR door", look: () => resultsAtDoor(world.read(), day) },
    { name: "the person who came after", look: async () => resultsOf(late, day) },
  ];
  const problems: string[] = [];
  for (const { name, look } of sides) {
    const counted = await awaitAll(look, run.sent);
    problems.push(...differences(name, counted, run.sent));
  }
  for (const person of [live, late])
    for (const { code, detail, n } of person.client.alarms())
      problems.push(`${person.login} was alarmed: ${code} ${detail ?? ""} at ${n ?? "no place"}`);
  for (const line of gatewayAlarms(world.read()).slice(run.alarmsBefore))
    problems.push(`a gateway was alarmed: ${line}`);
  await late.stop();
  return problems;
}

async function awaitAll(look: () => Promise<Counted>, sent: readonly string[]): Promise<Counted> {
  const deadline = Date.now() + ARRIVAL_MS;
  for (;;) {
    const counted = await look();
    if (sent.every((value) => counted.has(value)) || Date.now() > deadline) return counted;
    await sleep(200);
  }
}

function differences(name: string, counted: Counted, sent: readonly string[]): readonly string[] {
  const known = new Set(sent);
  const missing = sent.filter((value) => !counted.has(value));
  const twice = [...counted].filter(([, times]) => times > 1).map(([value]) => value);
  const foreign = [...counted.keys()].filter((value) => !known.has(value));
  const say = (what: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${name} ${what} ${values.length}: ${values.slice(0, 5).join(", ")}`];
  return [...say("misses", missing), ...say("has twice", twice), ...say("has and nobody sent", foreign)];
}

/** Which messages are on their way when the target dies, and how long after they were sent. */
function choosePoints(plan: KillPlan, random: () => number): ReadonlyMap<number, number> {
  const points = new Map<number, number>();
  const stride = plan.messages / plan.kills;
  for (let k = 0; k < plan.kills; k++) {
    // Short delays more often: most of a message's way is done within some ten milliseconds.
    points.set(Math.floor((k + random()) * stride), Math.floor(random() * random() * MAX_DELAY_MS));
  }
  return points;
}

/** Mulberry32: the same seed chooses the same moments. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
