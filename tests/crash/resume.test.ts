import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootDemoWorld, chatText, findFreeBase, readDemoWorld, signInPerson } from "@caseroom/testkit";
import { describe, expect, it } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../..");

describe("a world that was stopped", () => {
  it("goes on where it was: the same case, the same messages, the same people", async () => {
    const folder = mkdtempSync(join(tmpdir(), "caseroom-resume-"));
    chmodSync(folder, 0o755);
    const basePort = await findFreeBase(29_400);
    try {
      const first = await bootDemoWorld({ basePort, folder });
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

      const second = await bootDemoWorld({ basePort, folder });
      const after = readDemoWorld(folder);
      expect(after.people).toEqual(before.people);
      const again = await signInPerson(after, "ho");
      await again.awaitEntry((one) => chatText(one) === "said before the stop");
      expect(again.client.alarms()).toEqual([]);
      await again.stop();
      await second.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
