import { type PlacedPoint, sortSources } from "./content.ts";
import { distinctCodes, hasStandardCode } from "./given-code.ts";
import { ifccToNgsp } from "./hba1c.ts";
import type { Point, Series } from "./picture.ts";
import { compareText } from "./text-order.ts";
import { quantityIn, readQuantity } from "./units/analyte.ts";
import { readUnit, type Unit } from "./units/unit.ts";

/** How far a percentage and the percentage of whole mmol/mol may lie apart and still be one result reported in both units. */
const SAME_RESULT_PERCENT = 0.1001;

/**
 * The series of one analyte. Units that are not known to be convertible never share a line. HbA1c is a line of its own
 * kind: both of its units are known, and a result that was reported in both is one point.
 */
export function buildSeries(base: string, placed: readonly PlacedPoint[]): Series[] {
  if (base === "hba1c") return hba1cSeries(placed);
  const lines = Map.groupBy(placed, ({ part }) => part.lineKey);
  return [...lines.values()].map((members) => {
    const ordered = [...members].sort((a, b) => comparePoints(a.point, b.point));
    const unit = commonUnit(ordered);
    return {
      key: lines.size === 1 || unit.text === "" ? base : `${base}|${unit.text}`,
      name: ordered.at(-1)?.part.name ?? "",
      ...(unit.text === "" ? {} : { unit: unit.text }),
      ...codesOf(ordered),
      points: mergeAlike(ordered.map((each) => ({ ...each.point, common: inCommonUnit(each, unit) }))),
    };
  });
}

/** The order of series in the picture: by name. */
export function compareSeries(a: Series, b: Series): number {
  return compareText(a.name, b.name) || compareText(a.key, b.key);
}

function codesOf(members: readonly PlacedPoint[]): Pick<Series, "codes" | "mapping"> {
  const codes = distinctCodes(members.map((each) => each.codes));
  return { codes, mapping: hasStandardCode(codes) ? "standard" : "none" };
}

type CommonUnit = {
  readonly text: string;
  /** `undefined`: all points are written in one unit, and nothing is converted. */
  readonly target: Unit | undefined;
};

/** The unit that all sources write; where they write several, that of the analyte, else the one of the most points. */
function commonUnit(members: readonly PlacedPoint[]): CommonUnit {
  const newest = members.at(-1)?.part;
  const bySize = Map.groupBy(members, ({ part: { measure } }) => measure && `${measure.factor} ${measure.zero ?? 0}`);
  if (bySize.size <= 1 || newest === undefined) return { text: newest?.unit ?? "", target: undefined };
  const preferred = newest.analyte === undefined ? undefined : readUnit(newest.analyte.unit);
  const isReachable = preferred !== undefined && convert(newest, newest.value, preferred) !== undefined;
  if (isReachable) return { text: preferred.code, target: preferred };
  const [most = []] = [...bySize.values()].sort((a, b) => b.length - a.length || compareText(codeOf(a), codeOf(b)));
  const target = most[0]?.part.measure;
  return { text: target?.code ?? "", target };
}

function codeOf(members: readonly PlacedPoint[]): string {
  return members.map(({ part }) => part.measure?.code ?? "").sort(compareText)[0] ?? "";
}

function inCommonUnit({ part, point }: PlacedPoint, { target }: CommonUnit): Point["common"] {
  const turn = (value: number | undefined) => (value === undefined ? undefined : convert(part, value, target));
  const [low, high] = [turn(point.low), turn(point.high)];
  return {
    value: turn(point.value) ?? point.value,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
  };
}

function convert(
  { measure, analyte }: PlacedPoint["part"],
  value: number,
  target: Unit | undefined,
): number | undefined {
  if (target === undefined || measure === undefined) return value;
  if (target.factor === measure.factor && target.zero === measure.zero && target.dimension === measure.dimension)
    return value;
  const converted = quantityIn(readQuantity(value, measure, analyte), target, analyte);
  return converted === undefined ? undefined : Number(converted.toPrecision(6));
}

function comparePoints(a: { atMs: number; id: string }, b: { atMs: number; id: string }): number {
  return a.atMs - b.atMs || compareText(a.id, b.id);
}

/**
 * A number that one system sends as a result and another as a part of a panel is one point: same time, same number, no
 * system in common.
 */
function mergeAlike(points: readonly Point[]): Point[] {
  const merged: Point[] = [];
  for (const point of points) {
    const place = placeOfCopy(merged, point);
    const other = merged[place];
    if (other === undefined) merged.push(point);
    else merged[place] = { ...other, sources: sortSources([...other.sources, ...point.sources]) };
  }
  return merged;
}

/** Looks no further back than the same moment: a series is long. */
function placeOfCopy(merged: readonly Point[], point: Point): number {
  for (let place = merged.length - 1; merged[place]?.atMs === point.atMs; place--) {
    const other = merged[place];
    if (other !== undefined && isCopy(other, point)) return place;
  }
  return -1;
}

function isCopy(a: Point, b: Point): boolean {
  const isPart = a.id.includes("/") !== b.id.includes("/");
  if (!isPart || a.isDayOnly !== b.isDayOnly || a.common.value !== b.common.value || comparator(a) !== comparator(b))
    return false;
  const systems = new Set(a.sources.map(({ institutionId, system }) => `${institutionId} ${system}`));
  return !b.sources.some(({ institutionId, system }) => systems.has(`${institutionId} ${system}`));
}

function comparator({ text }: Point): string {
  return text.replace(/[^<>=]/g, "");
}

function hba1cSeries(placed: readonly PlacedPoint[]): Series[] {
  const points = placed.map(({ point, part }) => ({
    ...point,
    common: hba1cInPercent(point, part.hba1c?.ngspPercent),
  }));
  const merged = mergeReportedInBothUnits(points.sort(comparePoints));
  const codes = codesOf([...placed].sort((a, b) => comparePoints(a.point, b.point)));
  return merged.length === 0 ? [] : [{ key: "hba1c", name: "HbA1c", unit: "%", ...codes, points: merged }];
}

function hba1cInPercent({ value, low, high }: PlacedPoint["point"], percent: number | undefined): Point["common"] {
  const isPercent = percent === undefined || percent === value;
  const limit = (written: number | undefined) =>
    written === undefined || isPercent ? written : Math.round(ifccToNgsp(written) * 10) / 10;
  const [lowest, highest] = [limit(low), limit(high)];
  return {
    value: percent ?? value,
    ...(lowest === undefined ? {} : { low: lowest }),
    ...(highest === undefined ? {} : { high: highest }),
  };
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
