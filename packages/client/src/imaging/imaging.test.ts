import { type BlobId, bytesToId16, expectOk, InvariantError, toBytes } from "@caseroom/contract";
import { decodeStrict, encodeCbor } from "@caseroom/crypto/verify";
import type { BlobDescriptor } from "@caseroom/space/secret";
import { describe, expect, it } from "vitest";
import { encodeImageMark, type ImageMark, parseImageMark } from "./image-mark.ts";
import {
  encodeImagingManifest,
  type ImagingManifest,
  MAX_MANIFEST_PACKS,
  parseImagingManifest,
} from "./imaging-manifest.ts";
import { encodePackIndex, type PackRow, parsePackIndex } from "./pack-index.ts";

function descriptor(seed: number): BlobDescriptor {
  const blobId = bytesToId16<BlobId>(toBytes(new Uint8Array(16).fill(seed)));
  if (blobId === undefined) throw new InvariantError("16 bytes");
  return {
    blobId,
    key: toBytes(new Uint8Array(32).fill(seed)),
    floeHeader: toBytes(new Uint8Array(74).fill(seed)),
    plainLength: 60_000_000,
    segments: 1,
    root: toBytes(new Uint8Array(32).fill(seed)),
    mediaType: "application/dicom",
    name: "pack",
  };
}

const over = (value: ReturnType<typeof encodeImagingManifest>) =>
  expectOk(decodeStrict(encodeCbor(value), { maxBytes: 65_536 }), "cbor");

describe("a manifest", () => {
  const manifest: ImagingManifest = {
    study: "1.2.3",
    series: "1.2.3.4",
    modality: "CT",
    packs: [{ blob: descriptor(1), index: descriptor(2), instances: 8 }],
  };
  it("says the same after it was sent, and fits an entry with as many packs as it may have", () => {
    expect(parseImagingManifest(over(encodeImagingManifest(manifest)))).toEqual(manifest);
    const packs = Array.from({ length: MAX_MANIFEST_PACKS }, (_, i) => ({
      blob: descriptor(i),
      index: descriptor(i),
      instances: 200,
    }));
    expect(encodeCbor(encodeImagingManifest({ ...manifest, packs })).length).toBeLessThan(60_000);
  });
  it("of another type is not taken for one of images", () => {
    expect(parseImagingManifest(new Map(encodeImagingManifest(manifest)).set("t", "ecg"))).toBeUndefined();
  });
});

describe("an index of a pack", () => {
  const row: PackRow = {
    sop: "1.2.3.4.5",
    sopClass: "1.2.840.10008.5.1.4.1.1.2",
    number: 7,
    offset: 1000,
    length: 2000,
    frames: [{ offset: 500, length: 1500 }],
    transferSyntax: "1.2.840.10008.1.2.1",
    header: '{"00100010":{"vr":"PN","Value":[{"Alphabetic":"CHAN^TAI MAN"}]}}',
  };
  it("comes back as it was, in its order", () => {
    const rows = [row, { ...row, sop: "1.2.3.4.6", offset: 3000, frames: [] }];
    expect(parsePackIndex(encodePackIndex(rows))).toEqual({ ok: true, value: rows });
  });
  it("whose frame reaches into the next patient's file is refused", () => {
    const frames = [{ offset: 500, length: 1501 }];
    expect(parsePackIndex(encodePackIndex([{ ...row, frames }]))).toMatchObject({ ok: false });
  });
});

describe("a mark on an image", () => {
  const mark: ImageMark = {
    kind: "length",
    sop: "1.2.3.4.5",
    frame: 1,
    space: "patient",
    points: [
      [-12_345, 0, 99_000],
      [10, 20, 99_000],
    ],
    text: "22.8 mm",
  };
  it("keeps its place to the micrometre", () => {
    expect(parseImageMark(over(encodeImageMark(mark)))).toEqual(mark);
  });
  it("without a place is none", () => {
    expect(parseImageMark(encodeImageMark({ ...mark, points: [] }))).toBeUndefined();
  });
});
