import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBytes } from "@caseroom/contract";
import { makeInstance } from "../tests/gateway/dicom-for-testing.ts";
import { hashOfDataSet } from "../tests/gateway/multipart-answer.ts";

/** A series that nobody has seen: files in the order of their numbers, and what each data set must be wherever it is read. */
export type CtSeries = {
  readonly study: string;
  readonly series: string;
  readonly sops: readonly string[];
  readonly files: readonly string[];
  /** SHA-256 of the data sets, sorted. */
  readonly hashes: readonly string[];
  readonly bytes: number;
};

const SIDE = 512;

/** 512 × 512 images of 16 bits whose pixels are noise: nothing on the way can shrink them. */
export function writeCtSeries(folder: string, count: number): CtSeries {
  mkdirSync(folder, { recursive: true });
  // PS3.5 annex B.2
  const study = `2.25.${BigInt(`0x${randomBytes(15).toString("hex")}`)}`;
  const series = `${study.slice(0, 60)}.1`;
  const made = Array.from({ length: count }, (_, i) =>
    makeInstance({ study, series, number: i + 1, pixels: toBytes(randomBytes(SIDE * SIDE * 2)), side: SIDE }),
  );
  const files = made.map(({ file }, i) => {
    const path = join(folder, `${String(i + 1).padStart(4, "0")}.dcm`);
    writeFileSync(path, file);
    return path;
  });
  return {
    study,
    series,
    sops: made.map(({ sop }) => sop),
    files,
    hashes: made.map(({ file }) => hashOfDataSet(file)).sort(),
    bytes: made.reduce((sum, { file }) => sum + file.length, 0),
  };
}
