import { parseArgs } from "node:util";
import { bootCrashWorld } from "./crash-world.ts";
import { type KillReport, openReaders, runKills } from "./kill.ts";
import { KILL_TARGETS } from "./kill-target.ts";

/** `npm run test:full`: for every target, thirty seeded kills over a stream of 500 results. Takes a quarter of an hour or more. */
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "30" },
    messages: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    port: { type: "string", default: "18700" },
    only: { type: "string" },
  },
});
const targets = KILL_TARGETS.filter((target) => values.only === undefined || values.only === target);
const say = (line: string) => process.stdout.write(`${line}\n`);

const world = await bootCrashWorld(Number(values.port));
say(`the world runs in ${world.folder}`);
const readers = await openReaders(world);
const reports: KillReport[] = [];
let broken = 0;
for (const [i, target] of targets.entries()) {
  const day = `2026-04-${String(i + 1).padStart(2, "0")}`;
  const seed = Number(values.seed) * 100 + i;
  try {
    const plan = { target, day, seed, kills: Number(values.kills), messages: Number(values.messages) };
    const report = await runKills(world, readers, plan);
    reports.push(report);
    say(describe(report));
  } catch (error) {
    broken += 1;
    say(`✗ ${target} (seed ${seed}): ${error instanceof Error ? error.message : "unknown"}`);
  }
}
await readers.live.stop();
await world.stop();
const failed = reports.filter((report) => report.problems.length > 0).length + broken;
say(`${targets.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function describe(report: KillReport): string {
  const { plan, kills, acknowledged, resent, problems, seconds } = report;
  const mark = problems.length === 0 ? "✓" : "✗";
  const head = `${mark} ${plan.target}: ${kills} kills (seed ${plan.seed}), ${acknowledged} results acknowledged, ${resent} attempts more, ${seconds} s`;
  return [head, ...problems.map((problem) => `    ${problem}`)].join("\n");
}
