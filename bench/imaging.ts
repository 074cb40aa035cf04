import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";
import {
  bootDemoWorld,
  type DemoWorld,
  gatewayOf,
  hasOrthanc,
  type Orthanc,
  readDemoWorld,
  startOrthanc,
  storeByDcmtk,
} from "@caseroom/testkit";
import { type CtSeries, writeCtSeries } from "./ct-series.ts";
import type { Bench, BenchOptions, Row } from "./figures.ts";
import { median } from "./latencies.ts";
import { BASE_PORT } from "./ports.ts";
import { countProcessorTime } from "./processor-time.ts";
import { checkWhole, countInstances, type DicomWebDoor, retrieve } from "./series-reader.ts";

const FIRST_IMAGE_LIMIT_MS = 1000;
/** Sealed in and out beside a PACS that seals nothing and flushes nothing. */
const TIMES_ORTHANC = 2;
const PATIENCE_MS = 120_000;
const LOOK_MS = 25;
/** Where the scanner stands, and the other institution. */
const SCANNER = "kdc";
const READER = "chc";

type Passage = {
  /** From the start of the association to its end, every image answered by Success. */
  readonly storedMs: number;
  /** The whole series by WADO-RS, asked for when it is all there. */
  readonly readMs: number;
  /** From the start of the association to the last byte of the series at the reader. */
  readonly throughMs: number;
};
type OurPassage = Passage & {
  /** From the first Success to the first image, whole, at the other institution. */
  readonly firstImageMs: number;
  /** One image by WADO-RS that nobody has asked for before. */
  readonly oneImageMs: number;
  readonly processorMs: ReadonlyMap<string, number>;
};

export const imaging: Bench = {
  name: "imaging",
  summary: "a CT from the scanner to another institution's DICOMweb door, beside Orthanc, which seals nothing",
  run: async (options) => {
    const folder = mkdtempSync(join(tmpdir(), "caseroom-bench-"));
    // PostgreSQL has a user of its own where this runs as root.
    chmodSync(folder, 0o755);
    options.say("the demo world starts");
    const world = await bootDemoWorld({ basePort: BASE_PORT, folder });
    const orthanc = hasOrthanc()
      ? await startOrthanc({ httpPort: BASE_PORT + 90, dicomPort: BASE_PORT + 91 })
      : undefined;
    if (orthanc === undefined) options.say("no Orthanc on this machine: nothing beside our figures");
    try {
      return await measureAll(readDemoWorld(folder), orthanc, join(folder, "scans"), options);
    } finally {
      await orthanc?.stop();
      await world.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureAll(
  world: DemoWorld,
  orthanc: Orthanc | undefined,
  folder: string,
  { isShort, say }: BenchOptions,
): Promise<readonly Row[]> {
  const count = isShort ? 40 : 200;
  const ours: OurPassage[] = [];
  const theirs: Passage[] = [];
  say("warming up");
  const rounds = isShort ? 1 : 3;
  for (let round = -1; round < rounds; round++) {
    const scan = writeCtSeries(folder, round < 0 ? 40 : count);
    if (round >= 0) say(`round ${round + 1}: ${count} images, ${(scan.bytes / 1e6).toFixed(0)} MB`);
    const peer = orthanc === undefined ? undefined : await passThroughOrthanc(orthanc, scan);
    const own = await passThroughCaseroom(world, scan);
    rmSync(folder, { recursive: true });
    if (round < 0) continue;
    ours.push(own);
    if (peer !== undefined) theirs.push(peer);
  }
  return rowsOf(ours, theirs, count);
}

async function store(to: Parameters<typeof storeByDcmtk>[0], scan: CtSeries, onFirst?: () => void): Promise<number> {
  const started = performance.now();
  const stored = await storeByDcmtk(to, scan.files, (soFar) => {
    if (soFar.length === 1) onFirst?.();
  });
  if (stored.length !== scan.files.length) throw new InvariantError(`${stored.length} images were answered by Success`);
  return performance.now() - started;
}

async function passThroughOrthanc({ url, dicomPort }: Orthanc, scan: CtSeries): Promise<Passage> {
  const door = { url: `${url}/dicom-web`, token: undefined };
  const storedMs = await store({ host: "127.0.0.1", port: dicomPort, aet: "ORTHANC" }, scan);
  const { lastMs, files } = await retrieve(door, scan);
  checkWhole(files, scan);
  return { storedMs, readMs: lastMs, throughMs: storedMs + lastMs };
}

async function passThroughCaseroom(world: DemoWorld, scan: CtSeries): Promise<OurPassage> {
  const from = gatewayOf(world, SCANNER);
  const to = gatewayOf(world, READER);
  const door = { url: to.dicomweb, token: to.token };
  const stopCounting = countProcessorTime(
    new Map([
      ["the receiving gateway", from.pid],
      ["the hub", world.hub.pid],
      ["the reading gateway", to.pid],
    ]),
  );
  const started = performance.now();
  let firstStored = started;
  const storing = store(from.dicom, scan, () => {
    firstStored = performance.now();
  });
  const first = awaitFirstImage(door, scan);
  const [storedMs, firstRead] = await Promise.all([storing, first]);
  await awaitCount(door, scan, scan.files.length);
  const last = scan.sops.at(-1);
  const { lastMs: oneImageMs } = await retrieve(door, scan, last);
  const { lastMs, files } = await retrieve(door, scan);
  const throughMs = performance.now() - started - oneImageMs;
  const processorMs = stopCounting();
  checkWhole(files, scan);
  return { storedMs, readMs: lastMs, throughMs, firstImageMs: firstRead - firstStored, oneImageMs, processorMs };
}

/** When an image of the series, whichever it is, has been read at the other institution. */
async function awaitFirstImage(door: DicomWebDoor, scan: CtSeries): Promise<number> {
  await awaitCount(door, scan, 1);
  await retrieve(door, scan, scan.sops[0]);
  return performance.now();
}

async function awaitCount(door: DicomWebDoor, scan: CtSeries, count: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while ((await countInstances(door, scan)) < count) {
    if (performance.now() > deadline) throw new InvariantError(`${count} images did not arrive`);
    await sleep(LOOK_MS);
  }
}

function rowsOf(ours: readonly OurPassage[], theirs: readonly Passage[], count: number): readonly Row[] {
  const row = (figure: string, pick: (one: Passage) => number, target?: number): Row => ({
    figure,
    value: median(ours.map(pick)),
    unit: "ms",
    better: "lower",
    ...(theirs.length === 0
      ? {}
      : { beside: { name: "Orthanc", value: median(theirs.map(pick)), ...(target === undefined ? {} : { target }) } }),
  });
  const own = (figure: string, pick: (one: OurPassage) => number): Row => ({
    figure,
    value: median(ours.map(pick)),
    unit: "ms",
    better: "lower",
  });
  const limit = { name: "limit", value: FIRST_IMAGE_LIMIT_MS, target: 1 };
  return [
    row(`${count} images, scanner to the other institution's screen`, ({ throughMs }) => throughMs, TIMES_ORTHANC),
    row(`${count} images stored by C-STORE`, ({ storedMs }) => storedMs),
    row(`${count} images read by WADO-RS`, ({ readMs }) => readMs),
    { ...own("first image at the other institution, after the first Success", (one) => one.firstImageMs) },
    { ...own("one image that nobody has asked for before", (one) => one.oneImageMs), beside: limit },
    ...["the receiving gateway", "the hub", "the reading gateway"].map(
      (name): Row => ({
        figure: `processor time of ${name}`,
        value: median(ours.map(({ processorMs }) => (processorMs.get(name) ?? 0) / count)),
        unit: "ms an image",
        better: "lower",
      }),
    ),
  ];
}
