import type { Alarm as ClientAlarm } from "@caseroom/client";
import type { CompId, ErrorCode, SpaceId } from "@caseroom/contract";
import type { Alarm } from "../engine/engine.ts";

/** A place in a feed where something is missing or was refused. */
export type Gap = { readonly n: number; readonly code: ErrorCode; readonly atMs: number };

/** Alarms in the order in which they were raised. */
export function toAlarms(alarms: readonly ClientAlarm[]): readonly Alarm[] {
  return alarms.map(({ code, spaceId, atMs }, i) => ({ id: `alarm-${i}`, code, spaceId, atMs }));
}

export function gapsOf(alarms: readonly ClientAlarm[], compId: CompId): readonly Gap[] {
  return alarms.flatMap(({ code, atMs, n, compId: where }) =>
    where === compId && n !== undefined ? [{ n, code, atMs }] : [],
  );
}

/** How many items of these spaces were refused. A gap in an author's numbers is not one: what is there was opened. */
export function countRefused(alarms: readonly ClientAlarm[], spaces: ReadonlySet<SpaceId>): number {
  return alarms.filter(
    ({ code, n, spaceId }) =>
      n !== undefined && spaceId !== undefined && spaces.has(spaceId) && code !== "SEQUENCE_GAP",
  ).length;
}
