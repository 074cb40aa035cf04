import { Worker } from "node:worker_threads";
import { createLane } from "@caseroom/client";
import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { z } from "zod";
import type { FrameJob } from "./rendered-frame.ts";

/** Shows frames one after another in a thread of its own, begun at the first one. */
export type Renderer = {
  /** TOO_MANY_REQUESTS when too many wait, else the failures of renderFrame. */
  readonly render: (job: FrameJob) => Promise<Result<Uint8Array, Failure>>;
  readonly stop: () => Promise<void>;
};

const MAX_WAITING = 64;
const MAX_MS = 20_000;
/** Without a frame for this long, the thread and the memory of its codecs are given back. */
const IDLE_MS = 5 * 60_000;

const answer = z.union([
  z.object({ image: z.instanceof(Uint8Array) }),
  z.object({ code: z.enum(["SOURCE_UNSUPPORTED", "SOURCE_UNREADABLE", "TOO_LARGE"]) }),
]);

type Answer = Result<Uint8Array, Failure>;

/** What takes too long, or ends the thread, fails alone: the next frame gets a new thread. */
export function createRenderer(): Renderer {
  const lane = createLane();
  let thread: Worker | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let waiting = 0;
  /** One frame at a time is in the thread. */
  let finish: (result: Answer) => void = () => undefined;

  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const ended = thread;
    thread = undefined;
    await ended?.terminate();
  };
  const lose = () => {
    void end();
    finish(err(failure("SOURCE_UNREADABLE", "pixels")));
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./rendered-thread.ts", import.meta.url), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    started.unref();
    started.on("message", (message: unknown) => {
      const told = answer.parse(message);
      finish("image" in told ? ok(told.image) : err(failure(told.code)));
    });
    const fail = () => {
      if (thread === started) lose();
    };
    started.on("error", fail);
    started.on("exit", fail);
    return started;
  };
  const perform = (job: FrameJob): Promise<Answer> =>
    new Promise((resolve) => {
      const timer = setTimeout(lose, MAX_MS);
      finish = (result) => {
        clearTimeout(timer);
        resolve(result);
      };
      thread ??= start();
      thread.postMessage(job);
    });

  return {
    render: async (job) => {
      if (waiting >= MAX_WAITING) return err(failure("TOO_MANY_REQUESTS"));
      waiting += 1;
      clearTimeout(idle);
      const result = await lane.run(() => perform(job));
      waiting -= 1;
      idle = setTimeout(() => void end(), IDLE_MS);
      idle.unref();
      return result;
    },
    stop: end,
  };
}
