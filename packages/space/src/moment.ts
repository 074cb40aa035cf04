/** A place in the log: index of the leaf and the hub's time there. Every question of validity is asked at a moment (protocol §4). */
export type Moment = { readonly index: number; readonly ts: number };

/** From when until when something held. `until` is absent while it holds. */
export type Interval = { readonly from: Moment; readonly until?: Moment };

/** After everything that is known: for what has no place in the log yet. */
export function presentMoment(nowMs: number): Moment {
  return { index: Number.MAX_SAFE_INTEGER, ts: nowMs };
}

export function holdsAt(interval: Interval, at: Moment): boolean {
  return interval.from.index <= at.index && (interval.until === undefined || interval.until.index > at.index);
}

/** How long after losing a right a statement may still be covered, because it was accepted before (phase-1 §2.6). */
export const COVERING_GRACE_MS = 10_000;

/** Whether it held at the covering leaf, or at any index whose time is at most ten seconds older (phase-1 §2.6). */
export function heldNear(interval: Interval, at: Moment): boolean {
  if (interval.from.index > at.index) return false;
  return holdsAt(interval, at) || (interval.until !== undefined && interval.until.ts >= at.ts - COVERING_GRACE_MS);
}
