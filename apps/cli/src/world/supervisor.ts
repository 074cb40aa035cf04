import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** One program of a world. */
export type Program = {
  readonly name: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
};

export type Supervisor = {
  readonly start: (program: Program) => void;
  readonly pidOf: (name: string) => number | undefined;
  readonly stop: () => Promise<void>;
  /** Called whenever a program has been started again. */
  readonly onRestart: (listener: (name: string) => void) => void;
};

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2_000;
const STEADY_MS = 5_000;
const STOP_MS = 15_000;

type Running = { child: ChildProcess | undefined; retryMs: number; startedMs: number };

/** Starts programs, writes down what they print, and starts again what dies, with back-off. */
export function createSupervisor(folders: { readonly logs: string; readonly state: string }): Supervisor {
  const running = new Map<string, Running>();
  const listeners: ((name: string) => void)[] = [];
  let isStopping = false;
  stopOrphans(folders.state);

  const remember = () => {
    const pids = Object.fromEntries([...running].map(([name, { child }]) => [name, child?.pid ?? 0]));
    writeFileSync(join(folders.state, "pids.json"), JSON.stringify(pids));
  };

  const launch = (program: Program, state: Running) => {
    const log = createWriteStream(join(folders.logs, `${program.name}.log`), { flags: "a" });
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program.script], {
      env: { ...process.env, ...program.env },
      stdio: ["ignore", "pipe", "pipe"],
      // Its own group: Ctrl+C reaches the supervisor alone, which then stops everything in its order.
      detached: true,
    });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    state.child = child;
    state.startedMs = Date.now();
    remember();
    child.on("exit", () => {
      state.child = undefined;
      if (isStopping) return;
      if (Date.now() - state.startedMs > STEADY_MS) state.retryMs = FIRST_RETRY_MS;
      setTimeout(() => {
        if (isStopping) return;
        launch(program, state);
        for (const listener of listeners) listener(program.name);
      }, state.retryMs);
      state.retryMs = Math.min(LAST_RETRY_MS, state.retryMs * 2);
    });
  };

  return {
    start: (program) => {
      const state: Running = { child: undefined, retryMs: FIRST_RETRY_MS, startedMs: 0 };
      running.set(program.name, state);
      launch(program, state);
    },
    pidOf: (name) => running.get(name)?.child?.pid,
    onRestart: (listener) => listeners.push(listener),
    stop: async () => {
      isStopping = true;
      // Gateways before the hub, so that what they still have to hand in is handed in.
      for (const [, state] of [...running].reverse()) await endChild(state.child);
      remember();
    },
  };
}

async function endChild(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
}

/** Programs of an earlier run whose supervisor was killed: they hold ports and databases, so they are ended first. */
function stopOrphans(state: string): void {
  const file = join(state, "pids.json");
  if (!existsSync(file)) return;
  const pids: unknown = JSON.parse(readFileSync(file, "utf8"));
  for (const pid of Object.values(typeof pids === "object" && pids !== null ? pids : {})) {
    if (typeof pid === "number" && pid > 0 && isOurs(pid)) process.kill(pid, "SIGKILL");
  }
}

/** A number that some other program has got since is left alone. */
function isOurs(pid: number): boolean {
  try {
    return /apps\/(hub|gateway)\/src\/main\.ts/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    return false;
  }
}
