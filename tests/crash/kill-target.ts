import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";
import { gatewayOf, readDemoWorld } from "@caseroom/testkit";

/** What is killed while results stream in: at the receiving institution, between, and at the reading institution. */
export const KILL_TARGETS = ["hub", "gateway", "hub database", "gateway database", "reading gateway"] as const;
export type KillTarget = (typeof KILL_TARGETS)[number];

/** Where results come in. */
export const RECEIVING = "kdc";
/** Where they are read. */
export const READING = "chc";

const UP_MS = 120_000;
const LOOK_MS = 50;

/** Ends the target as a power cut would: at once and without a word. Answers the process id that is gone. */
export async function killTarget(folder: string, target: KillTarget): Promise<number> {
  const pid = await awaitUp(folder, target, 0);
  process.kill(pid, "SIGKILL");
  return pid;
}

/** Resolves when another process than `gone` does the target's work and says that it is ready. */
export async function awaitUp(folder: string, target: KillTarget, gone: number): Promise<number> {
  const deadline = Date.now() + UP_MS;
  for (;;) {
    const pid = findPid(folder, target);
    if (pid !== undefined && pid !== gone && isOf(folder, pid) && (await isReady(urlOf(folder, target)))) return pid;
    if (Date.now() > deadline) throw new InvariantError(`the ${target} did not come back`);
    await sleep(LOOK_MS);
  }
}

function findPid(folder: string, target: KillTarget): number | undefined {
  const world = readDemoWorld(folder);
  switch (target) {
    case "hub":
      return world.hub.pid;
    case "gateway":
      return gatewayOf(world, RECEIVING).pid;
    case "reading gateway":
      return gatewayOf(world, READING).pid;
    case "hub database":
      return readPostmaster(join(folder, "hub"));
    case "gateway database":
      return readPostmaster(join(folder, "gateways", RECEIVING));
  }
}

function urlOf(folder: string, target: KillTarget): string {
  const world = readDemoWorld(folder);
  if (target === "hub" || target === "hub database") return world.hub.url;
  return gatewayOf(world, target === "reading gateway" ? READING : RECEIVING).url;
}

function readPostmaster(dataDir: string): number | undefined {
  try {
    return Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return undefined;
  }
}

/** Only a process of this very world is ever killed: its settings, or its arguments, name the world's folder. */
function isOf(folder: string, pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const read = (file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return "";
    }
  };
  return read("cmdline").includes(`${folder}/`) || read("environ").includes(`=${folder}/`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
