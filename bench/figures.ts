/** One figure of a bench and what it stands beside: a peer measured in the same run, or a limit of the product. */
export type Row = {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly beside?: {
    readonly name: string;
    readonly value: number;
    /** What value ÷ beside must reach (`higher`) or not exceed (`lower`); absent where nothing is promised. */
    readonly target?: number;
  };
};

export type BenchOptions = { readonly isShort: boolean; readonly say: (line: string) => void };

export type Bench = {
  readonly name: string;
  readonly summary: string;
  readonly run: (options: BenchOptions) => Promise<readonly Row[]>;
};

export function ratioOf({ value, beside }: Row): number | undefined {
  return beside === undefined || beside.value === 0 ? undefined : value / beside.value;
}

/** Whether the promise holds; `undefined` where nothing is promised. */
export function isKept(row: Row): boolean | undefined {
  const { beside } = row;
  // Beside nothing, nothing is kept or missed.
  if (beside?.target === undefined || !(beside.value > 0)) return undefined;
  return row.better === "higher"
    ? row.value >= beside.value * beside.target
    : row.value <= beside.value * beside.target;
}

/** The rows as columns for a terminal. */
export function renderTable(rows: readonly Row[]): string {
  const head = ["figure", "value", "unit", "beside", "ratio", ""];
  const lines = [head, ...rows.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const numeric = new Set([1, 4]);
  return lines
    .map((line) =>
      line
        .map((cell, i) => (numeric.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cellsOf(row: Row): readonly string[] {
  const { beside } = row;
  const ratio = ratioOf(row);
  const kept = isKept(row);
  return [
    row.figure,
    formatNumber(row.value),
    row.unit,
    beside === undefined ? "" : `${beside.name} ${formatNumber(beside.value)}`,
    ratio === undefined ? "" : ratio.toFixed(2),
    kept === undefined ? "" : kept ? "kept" : "MISSED",
  ];
}

/** Three significant digits for what is small, whole numbers for what is not. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  return value >= 100 ? Math.round(value).toLocaleString("en-GB") : String(Number(value.toPrecision(3)));
}
