import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "otplib";
import type { DemoWorld } from "./demo-world.ts";

const STEP_SECONDS = 30;

/**
 * A one-time code that nobody has used: each is good once, and the servers accept the step before and after their own. Tests of several
 * files share a world, so the steps that are taken are marked in its folder.
 */
export async function freshCode(world: DemoWorld, login: string): Promise<string> {
  const person = world.people.find((one) => one.login === login);
  if (person === undefined) throw new RangeError(`nobody signs in as ${login}`);
  const taken = join(world.folder, "codes");
  mkdirSync(taken, { recursive: true });
  for (;;) {
    const now = Math.floor(Date.now() / 1000 / STEP_SECONDS);
    for (const step of [now, now + 1]) {
      if (!claim(join(taken, `${login}-${step}`))) continue;
      return generate({ secret: person.totpSecret, epoch: step * STEP_SECONDS });
    }
    await sleep(1000);
  }
}

/** Making a folder succeeds for one only. */
function claim(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}
