import type { PlacedPoint } from "./content.ts";
import { sortSources } from "./content.ts";
import type { Point, Series } from "./picture.ts";
import { compareText } from "./text-order.ts";

/** How far a percentage and the percentage of whole mmol/mol may lie apart and still be one result reported in both units. */
const SAME_RESULT_PERCENT = 0.1001;

/**
 * The series of one analyte. Units that are not known to be convertible never share a line; HbA1c is the exception,
 * because both of its units are known, and a result that was reported in both is one point.
 */
export function buildSeries(base: string, placed: readonly PlacedPoint[]): Series[] {
  if (base === "hba1c") {
    const points = mergeReportedInBothUnits(placed.map(({ point }) => point).sort(comparePoints));
    return points.length === 0 ? [] : [{ key: base, name: "HbA1c", unit: "%", points }];
  }
  const byUnit = Map.groupBy(placed, ({ unitKey }) => unitKey);
  return [...byUnit].map(([unitKey, members]) => {
    const points = members.map(({ point }) => point).sort(comparePoints);
    const unit = points.at(-1)?.unit;
    return {
      key: byUnit.size === 1 || unitKey === "" ? base : `${base}|${unitKey}`,
      name: nameOf(members),
      ...(unit === undefined ? {} : { unit }),
      points,
    };
  });
}

/** The order of series in the picture: by name. */
export function compareSeries(a: Series, b: Series): number {
  return compareText(a.name, b.name) || compareText(a.key, b.key);
}

function comparePoints(a: Point, b: Point): number {
  return a.atMs - b.atMs || compareText(a.id, b.id);
}

/** The name that the newest point uses. */
function nameOf(members: readonly PlacedPoint[]): string {
  const newest = [...members].sort((a, b) => comparePoints(a.point, b.point)).at(-1);
  return newest?.name ?? "";
}

/** Keeps the point in percent and adds the sources of the one in mmol/mol. */
function mergeReportedInBothUnits(points: readonly Point[]): Point[] {
  const merged: Point[] = [];
  for (const atOnce of Map.groupBy(points, ({ atMs }) => atMs).values()) {
    const percents = atOnce.filter((point) => point.hba1c?.ngspPercent === point.value);
    const others = atOnce.filter((point) => !percents.includes(point));
    const sourcesByPercent = new Map(percents.map((point) => [point, [...point.sources]]));
    for (const other of others) {
      const twin = percents.find((point) => isSameResult(point, other));
      if (twin === undefined) merged.push(other);
      else sourcesByPercent.get(twin)?.push(...other.sources);
    }
    for (const [point, sources] of sourcesByPercent) merged.push({ ...point, sources: sortSources(sources) });
  }
  return merged.sort(comparePoints);
}

function isSameResult(a: Point, b: Point): boolean {
  const difference = (a.hba1c?.ngspPercent ?? 0) - (b.hba1c?.ngspPercent ?? 0);
  return a.hba1c !== undefined && b.hba1c !== undefined && Math.abs(difference) < SAME_RESULT_PERCENT;
}
