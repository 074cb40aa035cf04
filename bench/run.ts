import { join } from "node:path";
import { assembly } from "./assembly.ts";
import { describeMoves, describeRun, loadPerProcessor, readRecord, writeRecord } from "./baselines.ts";
import { fhirSearch } from "./fhir-search.ts";
import { type Bench, renderTable } from "./figures.ts";
import { hubAppends } from "./hub-appends.ts";
import { imaging } from "./imaging.ts";
import { mllpLatency } from "./mllp-latency.ts";
import { removal } from "./removal.ts";
import { sealOpen } from "./seal-open.ts";

const BENCHES: readonly Bench[] = [sealOpen, removal, hubAppends, mllpLatency, fhirSearch, assembly, imaging];

const say = (line: string): void => void process.stdout.write(`${line}\n`);
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const flags = words.filter((word) => word.startsWith("--"));
  const names = words.filter((word) => !word.startsWith("--"));
  const unknown = [
    ...flags.filter((flag) => !["--short", "--keep"].includes(flag)),
    ...names.filter((name) => !BENCHES.some((bench) => bench.name === name)),
  ];
  if (unknown.length > 0) {
    say(`unknown: ${unknown.join(" ")}\n`);
    say("Usage: npm run bench -- [name…] [--short] [--keep]");
    for (const { name, summary } of BENCHES) say(`  ${name.padEnd(14)} ${summary}`);
    say("  --short        seconds instead of minutes: shows that it runs, not how fast");
    say("  --keep         makes these results the baselines");
    return 2;
  }
  const isShort = flags.includes("--short");
  for (const bench of BENCHES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const load = loadPerProcessor();
    say(`\n${bench.name}: ${bench.summary}`);
    if (load > 0.5) say(`  the machine is busy (load ${load.toFixed(1)} for each processor): expect noise`);
    const rows = await bench.run({ isShort, say: (line) => say(`  ${line}`) });
    say(`\n${renderTable(rows)}\n`);
    const now = describeRun(bench.name, rows, { load, isShort });
    const before = readRecord(join(import.meta.dirname, "baselines"), bench.name);
    writeRecord(join(import.meta.dirname, "results"), now);
    if (flags.includes("--keep")) writeRecord(join(import.meta.dirname, "baselines"), now);
    if (before === undefined) continue;
    const moves = describeMoves(before, now);
    say(`beside the baseline (load ${before.load} for each processor${before.isShort ? ", a short run" : ""}):`);
    say(moves.length === 0 ? "nothing moved by more than 20 %" : "moved by more than 20 %:");
    for (const move of moves) say(move);
  }
  return 0;
}
