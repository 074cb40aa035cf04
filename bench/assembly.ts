import { createAssembler, encodePicture, type Fragment, parseFragment, parsePicture } from "@caseroom/clinical";
import { expectOk } from "@caseroom/contract";
import { longRecord } from "./assembly-record.ts";
import type { Bench, BenchOptions, Row } from "./figures.ts";

const INSTITUTIONS = ["Harbour General", "Kowloon Diagnostic", "Central Heart Clinic"];
const MEGABYTE = 1_048_576;

/** From bytes to the picture, as a device does it that holds nothing; each figure is the best of several runs. */
export const assembly: Bench = {
  name: "assembly",
  summary: "fragments to a picture: cold, one more, from a snapshot; beside JSON.parse of the same bytes",
  run: async (options) => {
    const [small, large] = options.isShort ? [1_000, 10_000] : [10_000, 100_000];
    const first = measure(small, options);
    const second = measure(large, { ...options, isShort: true });
    const growth = second.coldMs / first.coldMs;
    return [
      ...rowsOf(first),
      ...rowsOf(second),
      {
        figure: `${large} against ${small} fragments`,
        value: growth,
        unit: "times",
        better: "lower",
        beside: { name: "size", value: large / small, target: 1.5 },
      },
    ];
  },
};

type Measured = {
  readonly size: number;
  readonly parseMs: number;
  readonly coldMs: number;
  readonly oneMs: number;
  readonly snapshotMs: number;
  readonly heapMb: number;
};

function measure(size: number, { isShort, say }: BenchOptions): Measured {
  say(`${size} fragments`);
  const texts = longRecord(size);
  const repeats = isShort ? 3 : 10;
  const parseMs = best(repeats, () => {
    for (const text of texts) JSON.parse(text);
  });
  const heapBefore = process.memoryUsage().heapUsed;
  const assembler = createAssembler();
  assembler.add(texts.map(fragmentOf));
  const text = encodePicture(assembler.picture());
  const heapMb = (process.memoryUsage().heapUsed - heapBefore) / MEGABYTE;
  const coldMs = best(repeats, () => {
    const cold = createAssembler();
    cold.add(texts.map(fragmentOf));
    cold.picture();
  });
  let number = size;
  const ones = longRecord(size + 200).slice(size);
  const oneMs = median(
    ones.map((json) =>
      timed(() => {
        number += 1;
        assembler.add([fragmentOf(json, number)]);
        assembler.picture();
      }),
    ),
  );
  const snapshotMs = best(repeats, () => {
    if (parsePicture(text) === undefined) throw new Error("the snapshot is no picture");
  });
  return { size, parseMs, coldMs, oneMs, snapshotMs, heapMb };
}

function fragmentOf(json: string, number: number): Fragment {
  const institution = INSTITUTIONS[number % INSTITUTIONS.length] ?? "";
  const provenance = { institutionId: institution, institution, system: "HIS", receivedMs: number };
  return expectOk(parseFragment({ id: `${number.toString(16).padStart(64, "0")}:0`, json, provenance }), "a fragment");
}

function rowsOf({ size, parseMs, coldMs, oneMs, snapshotMs, heapMb }: Measured): Row[] {
  const lower = { unit: "ms", better: "lower" } as const;
  const isPromised = size === 10_000;
  return [
    {
      figure: `${size} fragments to a picture, cold`,
      value: coldMs,
      ...lower,
      beside: { name: "JSON.parse", value: parseMs, target: 5 },
    },
    ...(isPromised
      ? [
          {
            figure: "the same against a second",
            value: coldMs,
            ...lower,
            beside: { name: "limit", value: 1_000, target: 1 },
          },
        ]
      : []),
    { figure: `one more, of ${size}`, value: oneMs, ...lower, beside: { name: "limit", value: 5, target: 1 } },
    {
      figure: `snapshot of ${size} opened`,
      value: snapshotMs,
      ...lower,
      beside: { name: "limit", value: 200, target: 1 },
    },
    { figure: `heap of ${size}`, value: heapMb, unit: "MB", better: "lower" },
  ];
}

function best(repeats: number, act: () => void): number {
  return Math.min(...Array.from({ length: repeats }, () => timed(act)));
}

function timed(act: () => void): number {
  const begun = performance.now();
  act();
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
