import { median } from "./latencies.ts";

export type Contender = { readonly name: string; readonly run: () => Promise<unknown> };

/**
 * Runs contenders in turns, round after round, so that what the machine does meanwhile meets all of them; answers each one's median rate in
 * runs a second. The first round only warms up.
 */
export async function compareRates(
  contenders: readonly Contender[],
  plan: { readonly rounds: number; readonly seconds: number; readonly inFlight: number },
): Promise<ReadonlyMap<string, number>> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= plan.rounds; round++) {
    for (const { name, run } of contenders) {
      const rate = await rateOf(run, round === 0 ? plan.seconds / 2 : plan.seconds, plan.inFlight);
      if (round > 0) rates.get(name)?.push(rate);
    }
  }
  return new Map([...rates].map(([name, samples]) => [name, median(samples)]));
}

async function rateOf(run: () => Promise<unknown>, seconds: number, inFlight: number): Promise<number> {
  const started = performance.now();
  const deadline = started + seconds * 1000;
  let count = 0;
  const worker = async () => {
    while (performance.now() < deadline) {
      await run();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return count / ((performance.now() - started) / 1000);
}

/** Closed loop: each worker begins its next turn when its last one is answered. Latencies in milliseconds. */
export async function runClosedLoop(
  workers: readonly (() => Promise<unknown>)[],
  seconds: number,
): Promise<{ readonly count: number; readonly seconds: number; readonly latencies: readonly number[] }> {
  const latencies: number[] = [];
  const started = performance.now();
  const deadline = started + seconds * 1000;
  await Promise.all(
    workers.map(async (turn) => {
      for (let begun = performance.now(); begun < deadline; ) {
        await turn();
        const now = performance.now();
        latencies.push(now - begun);
        begun = now;
      }
    }),
  );
  return { count: latencies.length, seconds: (performance.now() - started) / 1000, latencies };
}
