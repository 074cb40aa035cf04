import { Worker } from "node:worker_threads";
import { InvariantError } from "@caseroom/contract";
import type { OutcomeIssue } from "@caseroom/fhir";
import { z } from "zod";

/** Checks resources in a thread of its own, so that nobody waits for a large bundle; begun at the first write. */
export type R4Validator = {
  /** The issues of each text, in order; every text is JSON that parsed. */
  readonly validate: (texts: readonly string[]) => Promise<readonly (readonly OutcomeIssue[])[]>;
  readonly stop: () => Promise<void>;
};

const issueShape = z.object({
  severity: z.enum(["fatal", "error", "warning", "information"]),
  code: z.string(),
  diagnostics: z.string(),
  expression: z.string().exactOptional(),
});
const answerShape = z.union([
  z.object({ id: z.number(), issues: z.array(z.array(issueShape)) }),
  z.object({ id: z.number(), failed: z.string() }),
]);

/** Without a write for this long, the thread and its memory are given back. */
const IDLE_MS = 10 * 60_000;

type Waiting = {
  readonly resolve: (issues: readonly (readonly OutcomeIssue[])[]) => void;
  readonly reject: (error: Error) => void;
};

export function createR4Validator(): R4Validator {
  let thread: Worker | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let nextId = 0;
  const waiting = new Map<number, Waiting>();

  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const ended = thread;
    thread = undefined;
    await ended?.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./r4-thread.ts", import.meta.url), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    started.unref();
    started.on("message", (message: unknown) => {
      const answer = answerShape.parse(message);
      const one = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ("issues" in answer) one?.resolve(answer.issues);
      else one?.reject(new InvariantError(`validation failed: ${answer.failed}`));
    });
    const fail = (error: Error) => {
      if (thread === started) thread = undefined;
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
    };
    started.on("error", fail);
    started.on("exit", () => fail(new InvariantError("the validating thread ended")));
    return started;
  };

  return {
    validate: (texts) =>
      new Promise((resolve, reject) => {
        thread ??= start();
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        thread.postMessage({ id, texts });
        clearTimeout(idle);
        idle = setTimeout(() => void end(), IDLE_MS);
        idle.unref();
      }),
    stop: end,
  };
}
