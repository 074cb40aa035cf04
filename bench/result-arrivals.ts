import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type BenchChild, startChild } from "./child-process.ts";

const arrival = z.object({ at: z.string().transform(BigInt), ids: z.array(z.string()) });

/** When results arrived at the reader, opened and verified. */
export type Arrivals = {
  readonly child: BenchChild;
  readonly atOf: (controlId: string) => bigint | undefined;
  /** Waits until all of them are there, or none has come for `patienceMs`; answers how many are missing. */
  readonly awaitAll: (controlIds: readonly string[], patienceMs: number) => Promise<number>;
};

export async function watchArrivals(folder: string, login: string): Promise<Arrivals> {
  const child = startChild("result-reader.ts", [folder, login]);
  const times = new Map<string, bigint>();
  await child.ready;
  child.process.on("message", (message) => {
    const parsed = arrival.safeParse(message);
    for (const id of parsed.data?.ids ?? []) if (parsed.data !== undefined) times.set(id, parsed.data.at);
  });
  return {
    child,
    atOf: (controlId) => times.get(controlId),
    awaitAll: async (controlIds, patienceMs) => {
      let missing = controlIds.length;
      for (let waited = 0; waited < patienceMs; waited += 20) {
        const left = controlIds.filter((id) => !times.has(id)).length;
        if (left === 0) return 0;
        if (left < missing) waited = 0;
        missing = left;
        await sleep(20);
      }
      return missing;
    },
  };
}
