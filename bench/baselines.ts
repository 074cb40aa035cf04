import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { formatNumber, type Row, ratioOf } from "./figures.ts";

const MOVED = 0.2;

const record = z.object({
  bench: z.string(),
  node: z.string(),
  processor: z.string(),
  /** Runnable processes in the last minute before the run, per processor: above 1, others were at work. */
  load: z.number(),
  isShort: z.boolean(),
  rows: z.array(z.object({ figure: z.string(), value: z.number(), unit: z.string(), ratio: z.number().optional() })),
});
export type BenchRecord = z.infer<typeof record>;

export function describeRun(
  bench: string,
  rows: readonly Row[],
  run: { readonly load: number; readonly isShort: boolean },
): BenchRecord {
  const processors = cpus();
  return {
    bench,
    node: process.version,
    processor: `${processors.length} x ${processors[0]?.model ?? "unknown"}`,
    load: round(run.load),
    isShort: run.isShort,
    rows: rows.map((row) => {
      const ratio = ratioOf(row);
      const { figure, value, unit } = row;
      return { figure, value: round(value), unit, ...(ratio === undefined ? {} : { ratio: round(ratio) }) };
    }),
  };
}

export function loadPerProcessor(): number {
  return (loadavg()[0] ?? 0) / cpus().length;
}

export function writeRecord(folder: string, one: BenchRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${one.bench}.json`), `${JSON.stringify(one, null, 2)}\n`);
}

/** What was committed, or `undefined` when there is none yet. Throws when the file is not a record. */
export function readRecord(folder: string, bench: string): BenchRecord | undefined {
  const file = join(folder, `${bench}.json`);
  return existsSync(file) ? record.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}

/** One line for every figure that differs from the baseline by more than a fifth; of two ratios rather than of two absolute values. */
export function describeMoves(before: BenchRecord, now: BenchRecord): readonly string[] {
  return now.rows.flatMap((row) => {
    const old = before.rows.find(({ figure }) => figure === row.figure);
    if (old === undefined) return [`  ${row.figure}: not in the baseline`];
    const both = old.ratio !== undefined && row.ratio !== undefined;
    const from = both ? old.ratio : old.value;
    const to = both ? row.ratio : row.value;
    if (from === undefined || to === undefined || from === to) return [];
    const change = from === 0 ? Number.POSITIVE_INFINITY : to / from - 1;
    if (Math.abs(change) <= MOVED) return [];
    const sign = change > 0 ? "+" : "";
    return [
      `  ${row.figure}: ${both ? "ratio" : row.unit} ${formatNumber(from)} → ${formatNumber(to)} (${sign}${(change * 100).toFixed(0)} %)`,
    ];
  });
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
