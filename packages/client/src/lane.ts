/** Runs tasks one after another, in order of arrival. A task that throws does not stop the next. */
export type Lane = { readonly run: <T>(task: () => Promise<T>) => Promise<T>; readonly idle: () => Promise<void> };

export function createLane(): Lane {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run: (task) => {
      const result = tail.then(task, task);
      tail = result.catch(() => undefined);
      return result;
    },
    idle: async () => {
      await tail.catch(() => undefined);
    },
  };
}
