import type { Point, ResultCard, Series } from "@caseroom/clinical";
import { ifccToNgsp, ngspToIfcc } from "@caseroom/clinical";

/** The unit HbA1c is shown in; the other series have the one of their sources, or one into which all can be converted. */
export type Hba1cUnit = "ngsp" | "ifcc";

/** A point as one unit says it. */
export type Reading = {
  readonly point: Point;
  readonly value: number;
  readonly text: string;
  readonly unit: string | undefined;
  readonly isConverted: boolean;
  readonly low: number | undefined;
  readonly high: number | undefined;
};

/**
 * The points of a series in the chosen unit, oldest first. A value that is in that unit already keeps every digit its source wrote;
 * a converted one is rounded as laboratories report it (NGSP one decimal, IFCC whole).
 */
export function readingsOf(series: Series, unit: Hba1cUnit): readonly Reading[] {
  return series.points.map((point) =>
    point.hba1c === undefined ? inUnitOfSeries(point, series) : inUnit(point, unit),
  );
}

/** Whether the series can be shown in two units. */
export function hasTwoUnits(series: Series): boolean {
  return series.points.some(({ hba1c }) => hba1c !== undefined);
}

/** The card of a reading, with the trend up to it. */
export function cardOf(series: Series, readings: readonly Reading[], reading: Reading): ResultCard {
  const until = readings.filter(({ point }) => point.atMs <= reading.point.atMs);
  return {
    key: series.key,
    name: series.name,
    text: reading.text,
    unit: reading.unit,
    atMs: reading.point.atMs,
    flag: reading.point.flag,
    trend: until.slice(-12).map(({ point, value }) => ({ atMs: point.atMs, value })),
    source: reading.point.sources[0]?.institution ?? "",
  };
}

/** HbA1c first, because it is asked for most; then whatever was measured last. */
export function inReadingOrder(series: readonly Series[]): readonly Series[] {
  return [...series].sort(
    (a, b) =>
      Number(b.key === "hba1c") - Number(a.key === "hba1c") ||
      (b.points.at(-1)?.atMs ?? 0) - (a.points.at(-1)?.atMs ?? 0) ||
      a.name.localeCompare(b.name),
  );
}

function inUnitOfSeries(point: Point, series: Series): Reading {
  const { value, low, high } = point.common;
  const isConverted = value !== point.value;
  const comparator = /^[<>]=?/.exec(point.text)?.[0] ?? "";
  return {
    point,
    value,
    text: isConverted ? `${comparator}${Number(value.toPrecision(3))}` : point.text,
    unit: isConverted ? series.unit : (point.unit ?? series.unit),
    isConverted,
    low,
    high,
  };
}

function inUnit(point: Point, unit: Hba1cUnit): Reading {
  if (point.hba1c === undefined) throw new RangeError("only HbA1c has two units");
  const isPercent = point.value === point.hba1c.ngspPercent;
  const isConverted = isPercent !== (unit === "ngsp");
  const value = unit === "ngsp" ? point.hba1c.ngspPercent : point.hba1c.ifccMmolMol;
  const limit = (written: number | undefined) => {
    if (written === undefined || !isConverted) return written;
    return unit === "ifcc" ? Math.round(ngspToIfcc(written)) : Math.round(ifccToNgsp(written) * 10) / 10;
  };
  return {
    point,
    value,
    text: isConverted ? value.toFixed(unit === "ngsp" ? 1 : 0) : point.text,
    unit: unit === "ngsp" ? "%" : "mmol/mol",
    isConverted,
    low: limit(point.low),
    high: limit(point.high),
  };
}
