import classes from "./values.module.css";

type SparklineProps = {
  readonly trend: readonly { readonly atMs: number; readonly value: number }[];
  /** What the line says, for those who do not see it. Without it the line is decoration beside a number. */
  readonly label?: string;
  readonly width?: number;
  readonly height?: number;
};

/** Where the points of a trend lie in a box, time to the right whatever the direction of the text. */
export function sparklinePoints(trend: SparklineProps["trend"], width: number, height: number): [number, number][] {
  const times = trend.map(({ atMs }) => atMs);
  const values = trend.map(({ value }) => value);
  const [firstMs, low] = [Math.min(...times), Math.min(...values)];
  const spanMs = Math.max(...times) - firstMs || 1;
  const span = Math.max(...values) - low;
  const inset = 4;
  return trend.map(({ atMs, value }) => [
    inset + ((atMs - firstMs) / spanMs) * (width - 2 * inset),
    span === 0 ? height / 2 : height - inset - ((value - low) / span) * (height - 2 * inset),
  ]);
}

export function Sparkline({ trend, label, width = 112, height = 36 }: SparklineProps) {
  const points = sparklinePoints(trend.slice(-24), width, height);
  const last = points.at(-1);
  if (points.length < 2 || last === undefined) return null;
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return (
    <svg
      className={classes.sparkline}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <polyline points={path} fill="none" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
      <circle cx={last[0]} cy={last[1]} r="3.5" />
    </svg>
  );
}
