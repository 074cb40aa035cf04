import type { Point, Series, Suggestion } from "./picture.ts";
import { compareText } from "./text-order.ts";

const DAY_MS = 86_400_000;
const ZONE_MS = 8 * 3_600_000;
const SAME_MOMENT_MS = 10 * 60_000;
/** How far two numbers may lie apart that one laboratory wrote in two units. */
const ROUNDING = 0.01;

/**
 * Results of one series that may be one result: two systems, one day, and the same time with two values, or the same
 * value with one of them dated by the day only, in another unit, or minutes later. The points are in order of time.
 */
export function suggestResults(series: Series): Suggestion[] {
  return [...Map.groupBy(series.points, ({ atMs }) => Math.floor((atMs + ZONE_MS) / DAY_MS))].flatMap(
    ([day, points]) => (points.length < 2 ? [] : suggestDay(series, day, points)),
  );
}

type Reason = "same-time" | "same-day";

function suggestDay(series: Series, day: number, points: readonly Point[]): Suggestion[] {
  const byReason = new Map<Reason, Set<Point>>();
  for (const [place, a] of points.entries()) {
    for (const b of points.slice(place + 1)) {
      const reason = isFromOneSystem(a, b) ? undefined : likeness(a, b);
      if (reason !== undefined) byReason.set(reason, (byReason.get(reason) ?? new Set()).add(a).add(b));
    }
  }
  return [...byReason]
    .sort(([a], [b]) => compareText(a, b))
    .map(([reason, found]) => ({
      id: `result|${series.key}|${day}|${reason}`,
      kind: "result",
      reason,
      title: series.name,
      items: [...found].map(({ id, text, unit, sources }) => ({
        id,
        text: unit === undefined ? text : `${text} ${unit}`,
        sources,
      })),
    }));
}

function likeness(a: Point, b: Point): Reason | undefined {
  const isClose = Math.abs(a.common.value - b.common.value) <= ROUNDING * Math.abs(a.common.value);
  if (a.atMs === b.atMs && a.isDayOnly === b.isDayOnly) return "same-time";
  const isOfOneMoment = a.isDayOnly || b.isDayOnly || Math.abs(a.atMs - b.atMs) <= SAME_MOMENT_MS;
  return isClose && isOfOneMoment ? "same-day" : undefined;
}

function isFromOneSystem(a: Point, b: Point): boolean {
  const systems = new Set(a.sources.map(({ institutionId, system }) => `${institutionId} ${system}`));
  return b.sources.some(({ institutionId, system }) => systems.has(`${institutionId} ${system}`));
}
