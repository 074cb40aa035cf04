import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { InvariantError } from "@caseroom/contract";

/** A program of this folder in a process of its own; its messages are `unknown` until somebody has parsed them. */
export type BenchChild = {
  readonly process: ChildProcess;
  /** The first message. */
  readonly ready: Promise<unknown>;
  /** Closes the channel and waits for the end. */
  readonly stop: () => Promise<void>;
};

export function startChild(script: string, args: readonly string[]): BenchChild {
  const child = fork(join(import.meta.dirname, script), args, {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ready = new Promise<unknown>((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", () => reject(new InvariantError(`${script} ended before it was ready`)));
  });
  return {
    process: child,
    ready,
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
