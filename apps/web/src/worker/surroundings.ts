import type { Random } from "@caseroom/contract";

/** What the worker takes from the browser around it. */
export type Surroundings = {
  /** Of the app and so of the institution's gateway. */
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly locks: LockManager;
  readonly nowMs: () => number;
  readonly random: Random;
};

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
