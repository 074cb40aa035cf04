import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";

/** A server that an earlier run left behind (its parent was killed). */
export type Postmaster = { readonly pid: number; readonly port: number };

const STOP_TIMEOUT_MS = 30_000;

/** The living server of a data folder. A pid file of a dead or unrelated process is removed, or PostgreSQL would refuse to start. */
export function findPostmaster(dataDir: string): Postmaster | undefined {
  const file = join(dataDir, "postmaster.pid");
  let lines: readonly string[];
  try {
    lines = readFileSync(file, "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (Number.isInteger(pid) && pid > 1 && isAlive(pid) && commandOf(pid).includes(dataDir)) return { pid, port };
  rmSync(file, { force: true });
  return undefined;
}

/** Fast shutdown (SIGINT: sessions are ended, everything is written), and waits until the process is gone. */
export async function stopPostmaster(pid: number): Promise<void> {
  interrupt(pid);
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new InvariantError("PostgreSQL did not stop");
    await sleep(10);
  }
}

export function interrupt(pid: number): void {
  try {
    process.kill(pid, "SIGINT");
  } catch {
    // Gone already.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie that nobody has waited for yet has an empty command line.
  return commandOf(pid) !== "";
}

function commandOf(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
