import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import { languageOf } from "../messages/language.ts";
import classes from "./results.module.css";
import type { Reading } from "./series-reading.ts";

const HEIGHT = 220;

type TrendChartProps = { readonly readings: readonly Reading[]; readonly label: string };

/** The course of one analyte with its reference band. A picture: the table below it says the same in words. */
export function TrendChart({ readings, label }: TrendChartProps) {
  const { i18n } = useTranslation();
  const scheme = useComputedColorScheme("light");
  const place = useRef<HTMLDivElement>(null);
  const { locale } = languageOf(i18n.language);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read again when the scheme changes
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const chart = new uPlot(chartOptions(element, readings, locale), chartData(readings), element);
    const resize = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
    };
  }, [readings, locale, scheme]);

  return <div ref={place} role="img" aria-label={label} dir="ltr" className={classes.chart} />;
}

function chartData(readings: readonly Reading[]): uPlot.AlignedData {
  return [readings.map(({ point }) => point.atMs / 1000), readings.map(({ value }) => value)];
}

function chartOptions(element: HTMLElement, readings: readonly Reading[], locale: string): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const year = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" });
  const font = `12px ${style.fontFamily}`;
  const axis = {
    stroke: colour("--ink-soft"),
    font,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(element.clientWidth, 200),
    height: HEIGHT,
    padding: [12, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: true }, y: { range: () => valueRange(readings) } },
    axes: [
      { ...axis, space: 64, values: (_chart, splits) => splits.map((second) => year.format(second * 1000)) },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      {
        stroke: colour("--accent"),
        width: 2,
        points: { show: true, size: 8, fill: colour("--accent"), stroke: colour("--surface"), width: 2 },
      },
    ],
    hooks: {
      drawAxes: [(chart) => drawBand(chart, readings.at(-1), colour("--good-soft"), colour("--good-line"))],
    },
  };
}

/** The values and the near edge of the reference band, with air above and below. */
function valueRange(readings: readonly Reading[]): [number, number] {
  const values = readings.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low || Math.abs(high) || 1) * 0.15;
  return [low - air, high + air];
}

function drawBand(chart: uPlot, reading: Reading | undefined, fill: string, edge: string) {
  if (reading === undefined || (reading.low === undefined && reading.high === undefined)) return;
  const { ctx, bbox } = chart;
  const clamp = (y: number) => Math.min(Math.max(y, bbox.top), bbox.top + bbox.height);
  const top = reading.high === undefined ? bbox.top : clamp(chart.valToPos(reading.high, "y", true));
  const bottom = reading.low === undefined ? bbox.top + bbox.height : clamp(chart.valToPos(reading.low, "y", true));
  ctx.save();
  ctx.globalCompositeOperation = "destination-over";
  ctx.fillStyle = fill;
  ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  ctx.restore();
  ctx.save();
  ctx.strokeStyle = edge;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const y of [reading.high === undefined ? undefined : top, reading.low === undefined ? undefined : bottom]) {
    if (y === undefined) continue;
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
  }
  ctx.stroke();
  ctx.restore();
}
