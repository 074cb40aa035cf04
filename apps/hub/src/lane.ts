/** One thing at a time, in the order of asking. */
export type Lane = {
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Resolves when nothing is under way and nothing waits. */
  readonly idle: () => Promise<void>;
};

export function createLane(): Lane {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run: (work) => {
      const result = tail.then(work, work);
      tail = result.catch(() => undefined);
      return result;
    },
    idle: async () => {
      let seen: Promise<unknown>;
      do {
        seen = tail;
        await seen;
      } while (seen !== tail);
    },
  };
}
