import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateSync } from "node:zlib";
import { expectOk, toBytes } from "@caseroom/contract";
import { readDicom } from "@caseroom/dicom";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dicomWebForTesting } from "../../apps/gateway/src/features/imaging/dicomweb-for-testing.ts";
import { renderFrame } from "../../apps/gateway/src/features/imaging/rendered-frame.ts";
import { createImagingStoreForTesting } from "./imaging-store-for-testing.ts";

/** What a gateway draws of a frame, beside what DCMTK draws of it. */
const FIXTURES = new URL("../../fixtures/dicom/", import.meta.url).pathname;
const run = promisify(execFile);

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
let app: ReturnType<typeof dicomWebForTesting>;
let images: ReturnType<typeof createImagingStoreForTesting>;
let folder: string;

beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../apps/gateway/migrations/", import.meta.url));
  folder = mkdtempSync(join(tmpdir(), "caseroom-rendered-"));
  images = createImagingStoreForTesting(database.sql);
  const { client } = images;
  app = dicomWebForTesting({ sql: database.sql, client, baseUrl: "http://gateway.test", isToken: () => true });
}, 60_000);
afterAll(async () => {
  await app?.close();
  await database?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const bytesOf = (file: string) => toBytes(readFileSync(file));
const parse = (file: string) => expectOk(readDicom(bytesOf(file)), file);

/** Files an instance, and gives its path below /dicomweb. */
async function keep(file: string): Promise<string> {
  const { study, series, sop } = parse(file);
  await images.file("kdc", [bytesOf(file)]);
  return `/dicomweb/studies/${study}/series/${series}/instances/${sop}`;
}

const ask = (path: string, accept = "image/png") => app.inject({ url: path, headers: { accept } });

type Picture = { readonly width: number; readonly height: number; readonly pixels: Uint8Array };

/** A PNG without filters, which is what the gateway writes; anything else fails here. */
function readPng(png: Buffer): Picture {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const line = width * (png[25] === 2 ? 3 : 1);
  const raw = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
  expect(raw.length).toBe((line + 1) * height);
  const pixels = new Uint8Array(line * height);
  for (let y = 0; y < height; y++) pixels.set(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)), y * line);
  return { width, height, pixels };
}

/** DCMTK's own picture of a file (PGM or PPM, eight bits). */
async function drawn(program: string, file: string, ...options: readonly string[]): Promise<Picture> {
  const into = join(folder, "drawn.pnm");
  await run(program, ["+op", ...options, file, into]);
  const pnm = readFileSync(into);
  const [head = "", width, height] = /^P[56]\s(?:#.*\n)?(\d+) (\d+)\s255\s/.exec(pnm.toString("latin1")) ?? [];
  return { width: Number(width), height: Number(height), pixels: pnm.subarray(head.length) };
}

/** Grey values may be rounded differently by one, colours by a few. */
function expectAlike(ours: Picture, theirs: Picture, tolerance: number): void {
  expect([ours.width, ours.height, ours.pixels.length]).toEqual([theirs.width, theirs.height, theirs.pixels.length]);
  let worst = 0;
  for (const [at, value] of ours.pixels.entries()) worst = Math.max(worst, Math.abs(value - (theirs.pixels[at] ?? 0)));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe("a rendered frame", () => {
  it("is what DCMTK draws: compressed or not, in either byte order, with the window of the file or of who asks", async () => {
    const raw = join(folder, "raw.dcm");
    await run("dcmdjpls", [join(FIXTURES, "viewer/ct-head-09.dcm"), raw]);
    const lossless = join(folder, "lossless.dcm");
    await run("dcmcjpeg", ["+e1", "+un", raw, lossless]);
    await run("dcmodify", ["-nb", "-m", "0008,0018=1.2.3.4.5", lossless]);
    const files: readonly (readonly [program: string, file: string])[] = [
      ["dcml2pnm", join(FIXTURES, "viewer/ct-head-08.dcm")],
      ["dcmj2pnm", lossless],
      ["dcm2pnm", join(FIXTURES, "viewer/mr-small.dcm")],
      ["dcm2pnm", join(FIXTURES, "viewer/dx.dcm")],
    ];
    for (const [program, file] of files) {
      const path = await keep(file);
      expectAlike(readPng((await ask(`${path}/rendered`)).rawPayload), await drawn(program, file, "+Wi", "1"), 1);
      const asked = await ask(`${path}/frames/1/rendered?window=100,300,linear`);
      expectAlike(readPng(asked.rawPayload), await drawn(program, file, "+Ww", "100", "300"), 1);
    }
    const plain = readPng((await ask(`${await keep(join(FIXTURES, "viewer/mr-small.dcm"))}/rendered`)).rawPayload);
    for (const name of ["MR_small_RLE", "MR_small_bigendian", "MR_small_implicit"]) {
      const { header, transferSyntax, frames } = parse(join(FIXTURES, `reader/${name}.dcm`));
      const [{ offset, length } = { offset: 0, length: 0 }] = frames;
      const frame = bytesOf(join(FIXTURES, `reader/${name}.dcm`)).subarray(offset, offset + length);
      const job = { header, transferSyntax, frame, index: 0, mediaType: "image/png", quality: 90 } as const;
      const png = expectOk(await renderFrame(job), name);
      expectAlike(readPng(Buffer.from(png)), plain, 0);
    }
  });

  it("shows colours, and each frame of a film", async () => {
    const file = join(FIXTURES, "viewer/us-cine.dcm");
    const path = await keep(file);
    for (const frame of ["1", "17"]) {
      const { rawPayload } = await ask(`${path}/frames/${frame}/rendered`);
      expectAlike(readPng(rawPayload), await drawn("dcmj2pnm", file, "+F", frame), 16);
    }
    const planes = join(folder, "planes.dcm");
    await run("dcmdjpeg", ["+pl", file, planes]);
    await run("dcmodify", ["-nb", "-m", "0008,0018=1.2.3.4.6", planes]);
    const rle = join(folder, "rle.dcm");
    await run("dcmcrle", [planes, rle]);
    await run("dcmodify", ["-nb", "-m", "0008,0018=1.2.3.4.8", rle]);
    const theirs = await drawn("dcm2pnm", planes);
    for (const one of [planes, rle])
      expectAlike(readPng((await ask(`${await keep(one)}/rendered`)).rawPayload), theirs, 0);
    expect((await ask(`${path}/frames/31/rendered`)).statusCode).toBe(404);
  });

  it("is JPEG for who has no wish, and as small as the viewport that is asked for", async () => {
    const path = await keep(join(FIXTURES, "viewer/ct-head-08.dcm"));
    const jpeg = await ask(`${path}/rendered`, "*/*");
    expect(jpeg.headers["content-type"]).toBe("image/jpeg");
    expect(jpeg.rawPayload.subarray(0, 3).toString("hex")).toBe("ffd8ff");
    const thumbnail = readPng((await ask(`${path}/rendered?viewport=128,100`)).rawPayload);
    expect([thumbnail.width, thumbnail.height]).toEqual([100, 100]);
    expect((await ask(`${path}/rendered?window=40`)).statusCode).toBe(400);
    expect((await ask(`${path}/rendered`, "image/gif")).statusCode).toBe(406);
    expect((await ask(path.replace(/\/series\/.*/, "/rendered"))).statusCode).toBe(406);
  });

  it("is refused with its reason where pixels are none, or not what the header says, and the next one is shown", async () => {
    const file = join(folder, "broken.dcm");
    cpSync(join(FIXTURES, "viewer/ct-head-10.dcm"), file);
    await run("dcmodify", ["-nb", "-m", "0008,0018=1.2.3.4.7", "-m", "0028,0010=500", file]);
    const other = await ask(`${await keep(file)}/rendered`);
    expect([other.statusCode, other.body]).toEqual([406, expect.stringContaining("pixels")]);
    const text = await ask(`${await keep(join(FIXTURES, "viewer/report.dcm"))}/rendered`);
    expect([text.statusCode, text.body]).toEqual([406, expect.stringContaining("no frames")]);
    const { header, frames } = parse(join(FIXTURES, "viewer/ct-head-11.dcm"));
    const length = frames[0]?.length ?? 0;
    for (const transferSyntax of ["4.80", "4.50", "4.70", "4.90", "4.201", "5"].map(
      (one) => `1.2.840.10008.1.2.${one}`,
    )) {
      const job = { header, transferSyntax, frame: toBytes(randomBytes(length)), index: 0, quality: 90 } as const;
      expect(await renderFrame({ ...job, mediaType: "image/png" })).toMatchObject({ ok: false });
    }
    expect((await ask(`${await keep(join(FIXTURES, "viewer/ct-head-11.dcm"))}/rendered`)).statusCode).toBe(200);
  });
});

describe("a codec", () => {
  const require = createRequire(new URL("../../apps/gateway/package.json", import.meta.url));
  const { header, frames } = parse(join(FIXTURES, "viewer/mr-small.dcm"));
  const [{ offset, length } = { offset: 0, length: 0 }] = frames;
  const plain = bytesOf(join(FIXTURES, "viewer/mr-small.dcm")).subarray(offset, offset + length);
  const job = { header, index: 0, mediaType: "image/png", quality: 90 } as const;

  it.each([
    ["openjpeg", "J2KEncoder", "1.2.840.10008.1.2.4.90"],
    ["openjph", "HTJ2KEncoder", "1.2.840.10008.1.2.4.201"],
  ])("of JPEG 2000 gives back what was encoded (%s)", async (name, encoderName, transferSyntax) => {
    const factory = require(`@cornerstonejs/codec-${name}/wasmjs`);
    const codec = await factory({ locateFile: () => require.resolve(`@cornerstonejs/codec-${name}/wasm`) });
    const encoder = new codec[encoderName]();
    const info = {
      width: 64,
      height: 64,
      bitsPerSample: 16,
      componentCount: 1,
      isSigned: true,
      isUsingColorTransform: false,
    };
    encoder.getDecodedBuffer(info).set(plain);
    encoder.encode();
    const frame = Uint8Array.from(encoder.getEncodedBuffer());
    const shown = expectOk(await renderFrame({ ...job, transferSyntax, frame }), name);
    const direct = expectOk(
      await renderFrame({ ...job, transferSyntax: "1.2.840.10008.1.2.1", frame: plain }),
      "plain",
    );
    expectAlike(readPng(Buffer.from(shown)), readPng(Buffer.from(direct)), 0);
  });
});
