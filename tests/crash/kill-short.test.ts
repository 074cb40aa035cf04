import { hasDcmtk } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bootCrashWorld, type CrashWorld } from "./crash-world.ts";
import { openReaders, type Readers, runKills } from "./kill.ts";
import { sendScanThroughKills } from "./kill-scan.ts";

/** Two kills each; `npm run test:full` does thirty of each and of their databases, over longer streams. */
const BASE_PORT = 18_600;
const SEED = 20_261_125;

let world: CrashWorld;
let readers: Readers;

beforeAll(async () => {
  world = await bootCrashWorld(BASE_PORT);
  readers = await openReaders(world);
});
afterAll(async () => {
  await readers?.live.stop();
  await world?.stop();
});

describe("what a laboratory was acknowledged is read once and without an alarm at another institution", () => {
  it.each([
    { target: "hub", day: "2026-03-01" },
    { target: "gateway", day: "2026-03-02" },
    { target: "gateway database", day: "2026-03-04" },
  ] as const)("when the $target is killed", async ({ target, day }) => {
    const report = await runKills(world, readers, { target, day, kills: 2, messages: 16, seed: SEED });
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ kills: 2, acknowledged: 16 });
  });
});

describe.runIf(hasDcmtk())("a scanner whose gateway is killed twice in the middle of a series", () => {
  it("sends again what was not answered, and the other institution has every image once and as it was sent", async () => {
    const { kills, sent, read } = await sendScanThroughKills(world);
    expect(kills).toBe(2);
    expect(read).toEqual(sent);
  });
});
