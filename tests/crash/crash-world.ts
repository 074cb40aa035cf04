import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootDemoWorld, type DemoWorld, type RunningWorld, readDemoWorld } from "@caseroom/testkit";

/** A world of its own, to be hurt. Its folder is open to all, so that every database lies inside it also when root runs this. */
export type CrashWorld = {
  readonly folder: string;
  /** As it is now: process ids change with every restart. */
  readonly read: () => DemoWorld;
  readonly stop: () => Promise<void>;
};

export async function bootCrashWorld(basePort: number): Promise<CrashWorld> {
  const folder = mkdtempSync(join(tmpdir(), "caseroom-crash-"));
  chmodSync(folder, 0o755);
  let running: RunningWorld;
  try {
    running = await bootDemoWorld({ basePort, folder });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    folder,
    read: () => readDemoWorld(folder),
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
