import type { Bytes } from "./bytes.ts";

/** Milliseconds since the epoch. Injected, so that tests decide what time it is. */
export type Clock = { readonly nowMs: () => number };

/** Cryptographically strong random bytes. Injected, so that vectors are reproducible. */
export type Random = (length: number) => Bytes;

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
