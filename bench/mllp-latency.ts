import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootDemoWorld, gatewayOf, readDemoWorld } from "@caseroom/testkit";
import type { Bench, BenchOptions, Row } from "./figures.ts";
import { type MllpAddress, type Sent, sendAtRate, sendUntilFull } from "./laboratory-load.ts";
import { percentile } from "./latencies.ts";
import { BASE_PORT } from "./ports.ts";
import { countProcessorTime } from "./processor-time.ts";
import { type Arrivals, watchArrivals } from "./result-arrivals.ts";

const MEDIAN_LIMIT_MS = 25;
const P99_LIMIT_MS = 100;
const CONNECTIONS = 8;
const PATIENCE_MS = 20_000;
/** The laboratory is the diagnostic centre's; the reader is a surgeon of the hospital. */
const LABORATORY = "kdc";
const READER = "wong";

export const mllpLatency: Bench = {
  name: "mllp-latency",
  summary: "last MLLP byte at one institution → opened and verified at a client of another",
  run: async (options) => {
    const folder = mkdtempSync(join(tmpdir(), "caseroom-bench-"));
    // PostgreSQL has a user of its own where this runs as root.
    chmodSync(folder, 0o755);
    options.say("the demo world starts");
    const world = await bootDemoWorld({ basePort: BASE_PORT, folder });
    try {
      return await measureWorld(folder, options);
    } finally {
      await world.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureWorld(folder: string, options: BenchOptions): Promise<readonly Row[]> {
  const world = readDemoWorld(folder);
  const to = gatewayOf(world, LABORATORY).mllp;
  const arrivals = await watchArrivals(folder, READER);
  try {
    options.say("warming up");
    await warmUp(to, arrivals, options.isShort ? 3 : 15);
    const rows: Row[] = [];
    const pids = new Map([
      ["hub", world.hub.pid],
      ...world.gateways.map(({ id, pid }) => [`gateway ${id}`, pid] as const),
      ["reader", arrivals.child.process.pid ?? 0],
    ]);
    const plans = options.isShort
      ? [
          { perSecond: 10, seconds: 3 },
          { perSecond: 50, seconds: 5 },
        ]
      : [
          { perSecond: 1, seconds: 30 },
          { perSecond: 10, seconds: 30 },
          { perSecond: 50, seconds: 60 },
        ];
    for (const plan of plans) {
      options.say(`${plan.perSecond} a second for ${plan.seconds} s`);
      const stopCounting = countProcessorTime(pids);
      const sent = await sendAtRate(to, { ...plan, connections: CONNECTIONS });
      const missing = await arrivals.awaitAll(idsOf(sent), PATIENCE_MS);
      rows.push(...openLoopRows(`${plan.perSecond}/s`, sent, arrivals, missing));
      for (const [name, ms] of stopCounting())
        rows.push({
          figure: `${plan.perSecond}/s: processor time of ${name}`,
          value: ms / sent.length,
          unit: "ms a result",
          better: "lower",
        });
    }
    options.say(`saturation: ${CONNECTIONS} connections that wait for each answer`);
    rows.push(...(await saturate(to, arrivals, options.isShort ? 4 : 20)));
    return rows;
  } finally {
    await arrivals.child.stop();
  }
}

async function warmUp(to: MllpAddress, arrivals: Arrivals, seconds: number): Promise<void> {
  const sent = await sendAtRate(to, { perSecond: 20, seconds, connections: CONNECTIONS });
  const missing = await arrivals.awaitAll(idsOf(sent), 60_000);
  if (missing > 0) throw new RangeError(`${missing} of ${sent.length} results never arrived`);
}

function openLoopRows(label: string, sent: readonly Sent[], arrivals: Arrivals, missing: number): readonly Row[] {
  const latencies = sent.flatMap(({ controlId, at }) => {
    const arrived = arrivals.atOf(controlId);
    return arrived === undefined ? [] : [Number(arrived - at) / 1e6];
  });
  const ms = (figure: string, share: number, limit?: number): Row => ({
    figure: `${label}: ${figure}`,
    value: percentile(latencies, share),
    unit: "ms",
    better: "lower",
    ...(limit === undefined ? {} : { beside: { name: "limit", value: limit, target: 1 } }),
  });
  const lateness = sent.map(({ lateMs }) => lateMs);
  return [
    ms("median", 0.5, MEDIAN_LIMIT_MS),
    ms("p95", 0.95),
    ms("p99", 0.99, P99_LIMIT_MS),
    { figure: `${label}: never arrived`, value: missing, unit: "results", better: "lower" },
    { figure: `${label}: the sender itself late, p99`, value: percentile(lateness, 0.99), unit: "ms", better: "lower" },
  ];
}

async function saturate(to: MllpAddress, arrivals: Arrivals, seconds: number): Promise<readonly Row[]> {
  const done = await sendUntilFull(to, { connections: CONNECTIONS, seconds });
  const missing = await arrivals.awaitAll(done.controlIds, PATIENCE_MS);
  const last = done.controlIds.reduce((latest, id) => {
    const at = arrivals.atOf(id) ?? 0n;
    return at > latest ? at : latest;
  }, done.startedAt);
  const opened = done.controlIds.length - missing;
  const openedPerSecond = opened / (Number(last - done.startedAt) / 1e9);
  const unit = "results/s";
  return [
    { figure: "saturation: acknowledged", value: done.acknowledgedPerSecond, unit, better: "higher" },
    {
      figure: "saturation: opened at the reader",
      value: openedPerSecond,
      unit,
      better: "higher",
      beside: { name: "acknowledged", value: done.acknowledgedPerSecond },
    },
    { figure: "saturation: never arrived", value: missing, unit: "results", better: "lower" },
  ];
}

function idsOf(sent: readonly Sent[]): readonly string[] {
  return sent.map(({ controlId }) => controlId);
}
