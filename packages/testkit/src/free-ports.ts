import { createServer } from "node:net";

/** Offsets of a world's ports from its base: hub, gateways, MLLP, DICOM, PostgreSQL, and a test's proxy. */
const OFFSETS = [0, 1, 2, 3, 21, 22, 23, 31, 32, 33, 40, 41, 42, 43, 60];
const STEP = 100;
const ATTEMPTS = 20;

/** A base from which every port of a world is free: an earlier run that was killed may have left a database behind. */
export async function findFreeBase(first: number): Promise<number> {
  for (let i = 0; i < ATTEMPTS; i++) {
    const base = first + i * STEP;
    const free = await Promise.all(OFFSETS.map((offset) => isFree(base + offset)));
    if (free.every((one) => one)) return base;
  }
  throw new RangeError(`no free ports from ${first} on`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
