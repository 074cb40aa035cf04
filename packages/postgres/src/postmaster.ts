import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";

/** A server that an earlier run left behind (its parent was killed). */
export type Postmaster = { readonly pid: number; readonly port: number };

const STOP_TIMEOUT_MS = 30_000;
const WATCH_MS = 250;

/**
 * The living server of a data folder. The pid file of a process that is gone stays: PostgreSQL takes it over by itself, and only once no
 * backend of that server is left. The file of a process that has got the number since is removed, or PostgreSQL would refuse to start.
 */
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
  if (isTaken(pid)) rmSync(file, { force: true });
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

/** Calls back once when the server is gone, unless that was asked for. */
export function watchPostmaster(pid: number, onGone: () => void): () => void {
  const timer = setInterval(() => {
    if (isAlive(pid)) return;
    clearInterval(timer);
    onGone();
  }, WATCH_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Whether some process has this number; also one that has ended and that nobody has waited for. */
function isTaken(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  if (!isTaken(pid)) return false;
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
