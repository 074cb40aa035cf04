import { describe, expect, it } from "vitest";
import { frameMsOf, hiddenReason, isPlacedInPatient, readImagingHeader, scaleOf } from "./imaging-header.ts";

const header = (elements: Record<string, unknown[]>) =>
  readImagingHeader(
    JSON.stringify(Object.fromEntries(Object.entries(elements).map(([tag, Value]) => [tag, { vr: "UN", Value }]))),
  );

describe("the scale of an image", () => {
  it("is that of the patient in a CT slice", () => {
    expect(scaleOf(header({ "00080060": ["CT"], "00280030": [0.5, 0.25] }))).toEqual({
      type: "patient",
      rowMm: 0.5,
      columnMm: 0.25,
    });
  });
  it("is that of the detector in an X-ray that nobody calibrated, in whichever attribute it stands", () => {
    const detector = { type: "detector", rowMm: 0.15, columnMm: 0.15 };
    expect(scaleOf(header({ "00080060": ["DX"], "00181164": [0.15, 0.15] }))).toEqual(detector);
    expect(scaleOf(header({ "00080060": ["CR"], "00280030": [0.15, 0.15] }))).toEqual(detector);
    expect(scaleOf(header({ "00080060": ["CR"], "00280030": [0.15, 0.15], "00181164": [0.15, 0.15] }))).toEqual(
      detector,
    );
  });
  it("is that of the patient in an X-ray that was calibrated", () => {
    expect(scaleOf(header({ "00080060": ["DX"], "00280030": [0.1, 0.1], "00181164": [0.15, 0.15] }))).toEqual({
      type: "patient",
      rowMm: 0.1,
      columnMm: 0.1,
    });
  });
  it("is none where nothing says it", () => {
    expect(scaleOf(header({ "00080060": ["DX"] }))).toEqual({ type: "none" });
    expect(scaleOf(header({ "00080060": ["CT"], "00280030": [0, 0] }))).toEqual({ type: "none" });
  });
  it("of an ultrasound is given by its regions only, and only by those measured in centimetres", () => {
    expect(scaleOf(header({ "00080060": ["US"], "00280030": [0.1, 0.1] }))).toEqual({ type: "none" });
    const region = (unitsY: number) => ({
      "00186012": { Value: [1] },
      "00186018": { Value: [10] },
      "0018601A": { Value: [20] },
      "0018601C": { Value: [110] },
      "0018601E": { Value: [220] },
      "00186024": { Value: [3] },
      "00186026": { Value: [unitsY] },
      "0018602C": { Value: [0.05] },
      "0018602E": { Value: [-0.05] },
    });
    expect(scaleOf(header({ "00080060": ["US"], "00186011": [region(3)] }))).toEqual({
      type: "regions",
      regions: [{ left: 10, top: 20, right: 110, bottom: 220, rowMm: 0.5, columnMm: 0.5 }],
    });
    // Doppler: time across, velocity up.
    expect(scaleOf(header({ "00080060": ["US"], "00186011": [region(7)] }))).toEqual({ type: "none" });
  });
});

describe("an object", () => {
  const size = { "00280010": [64], "00280011": [64] };
  it("is shown when it is an image, and says why when it is none", () => {
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.2", header(size))).toBeUndefined();
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.1.1", header(size))).toBeUndefined();
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.3.1", header(size))).toBeUndefined();
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.2", header({}))).toBe("noPixels");
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.88.11", header({}))).toBe("report");
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.104.1", header({}))).toBe("document");
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.66.4", header(size))).toBe("segmentation");
    expect(hiddenReason("1.2.840.10008.5.1.4.1.1.481.2", header(size))).toBe("radiotherapy");
  });
  it("has a place in the patient also when only its frames have one", () => {
    const frames = [{ "00209113": { Value: [{ "00200032": { Value: [1, 2, 3] } }] } }];
    expect(isPlacedInPatient(header({ "52009230": frames }))).toBe(true);
    expect(isPlacedInPatient(header({}))).toBe(false);
  });
  it("moves as fast as its frame time says, and at no absurd speed", () => {
    expect(frameMsOf(header({ "00181063": ["33.3"] }))).toBeCloseTo(33.3);
    expect(frameMsOf(header({ "00180040": [25] }))).toBe(40);
    expect(frameMsOf(header({ "00181063": [0] }))).toBeUndefined();
  });
});
