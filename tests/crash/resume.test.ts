import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReceivedEntry } from "@caseroom/client";
import {
  bootDemoWorld,
  chatText,
  type DemoWorld,
  findFreeBase,
  gatewayOf,
  readDemoWorld,
  signInPerson,
  type TestPerson,
} from "@caseroom/testkit";
import { describe, expect, it } from "vitest";
import { gatewayAlarms } from "./reading-side.ts";

const REPOSITORY = join(import.meta.dirname, "../..");

/** A part of `npm run test:full`: it boots two worlds. */
describe.runIf(process.env.CASEROOM_TEST_FULL === "yes")("a world that was stopped", () => {
  it("goes on where it was, also at other ports: the same case, messages, people, and the charts of all three institutions", async () => {
    const folder = mkdtempSync(join(tmpdir(), "caseroom-resume-"));
    chmodSync(folder, 0o755);
    const basePort = await findFreeBase(29_400);
    try {
      const first = await bootDemoWorld({ basePort, folder });
      // In the middle of what they tell each other about a case that is a moment old.
      await stopGateways(readDemoWorld(folder));
      const before = readDemoWorld(folder);
      const ho = await signInPerson(before, "ho");
      const room = await ho.awaitRoom();
      await ho.say(room.compId, "said before the stop");
      await ho.stop();
      const stopped = spawnSync(
        process.execPath,
        [join(REPOSITORY, "apps/cli/src/main.ts"), "world", "stop", "--world", folder],
        { encoding: "utf8" },
      );
      expect(stopped.stdout).toBe("stopped\n");
      expect(stopped.status).toBe(0);
      await first.stop();
      expect(first.supervisor.exitCode).toBe(0);

      const second = await bootDemoWorld({ basePort: await findFreeBase(29_700), folder });
      const after = readDemoWorld(folder);
      expect(after.people).toEqual(before.people);
      const again = await signInPerson(after, "ho");
      await again.awaitEntry((one) => chatText(one) === "said before the stop");
      expect(again.client.alarms()).toEqual([]);
      expect(gatewayAlarms(after)).toEqual([]);
      const linked = await awaitChartLinks(again, after.gateways.length);
      expect(new Set(linked.map((one) => one.entry.author)).size).toBe(after.gateways.length);
      await again.stop();
      await second.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Ends every gateway as an operator would; resolves when the supervisor has brought all of them back. */
async function stopGateways(world: DemoWorld): Promise<void> {
  for (const { pid } of world.gateways) process.kill(pid, "SIGTERM");
  for (const { id, pid } of world.gateways) {
    const isBack = async () => {
      const now = gatewayOf(readDemoWorld(world.folder), id);
      return now.pid !== pid && (await fetch(`${now.url}/readyz`)).ok;
    };
    while (!(await isBack().catch(() => false))) await sleep(100);
  }
}

/** The signed statements of institutions that a chart of theirs is the patient's: one from each. */
async function awaitChartLinks(person: TestPerson, count: number): Promise<readonly ReceivedEntry[]> {
  const authors = new Set<string>();
  await person.awaitEntry((one) => {
    if (one.entry.kind === "chartlink") authors.add(one.entry.author);
    return authors.size === count;
  });
  return person.entries().filter((one) => one.entry.kind === "chartlink");
}
