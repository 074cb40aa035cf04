import { describe, expect, it } from "vitest";
import type { ImageObject, ImageScale, SeriesView } from "../engine/imaging.ts";
import { draftMark, isOn, pixelsOf } from "./mark-geometry.ts";
import { measureLine, writeMeasured } from "./measure.ts";
import { directionLetters, opposite } from "./orientation.ts";
import { fetchOrder, firstIndex, stacksOf } from "./stack.ts";
import { dragWindow, presetsOf } from "./window-presets.ts";

function object(sop: string, more: Partial<ImageObject> = {}): ImageObject {
  return {
    sop,
    sopClass: "1.2.840.10008.5.1.4.1.1.2",
    number: 1,
    frames: 1,
    columns: 512,
    rows: 512,
    hidden: undefined,
    scale: { type: "none" },
    isPlaced: true,
    frameMs: undefined,
    isLossy: false,
    sliceMm: undefined,
    isOtherPatient: false,
    ...more,
  };
}

describe("a length", () => {
  const line = (scale: ImageScale) => writeMeasured(measureLine([10, 10], [40, 50], scale));
  it("is in millimetres where the image has a scale, with rows and columns of their own", () => {
    expect(line({ type: "patient", rowMm: 0.5, columnMm: 0.5 })).toBe("25.0 mm");
    expect(line({ type: "patient", rowMm: 0.5, columnMm: 1 })).toBe("36.1 mm");
  });
  it("is only a number of pixels where it has none", () => {
    expect(line({ type: "none" })).toBe("50 px");
  });
  it("says that it was taken at the detector", () => {
    expect(measureLine([0, 0], [3, 4], { type: "detector", rowMm: 1, columnMm: 1 })).toMatchObject({
      unit: "mm",
      isAtDetector: true,
    });
  });
  it("in an ultrasound has millimetres only when the whole line lies in one region that has them", () => {
    const region = (left: number, right: number) => ({ left, top: 0, right, bottom: 100, rowMm: 0.5, columnMm: 0.5 });
    expect(line({ type: "regions", regions: [region(0, 100)] })).toBe("25.0 mm");
    expect(line({ type: "regions", regions: [region(0, 20), region(21, 100)] })).toBe("50 px");
  });
});

describe("a mark", () => {
  const places = {
    toPatient: ([column, row]: readonly [number, number]) => [column * 0.5 - 100, row * 0.5, 12.3456] as const,
    fromPatient: ([x, y]: readonly [number, number, number]) => [(x + 100) / 0.5, y / 0.5] as const,
  };
  const shape = { kind: "length", from: [100, 20], to: [220, 60], text: "" } as const;
  it("is kept in the patient, in whole micrometres, and comes back to the same pixels", () => {
    const image = { series: "1", object: object("1.2"), frame: 3 };
    const draft = draftMark(image, shape, places);
    expect(draft).toMatchObject({ sop: "1.2", frame: 3, space: "patient" });
    expect(draft?.points[0]).toEqual([-50_000, 10_000, 12_346]);
    expect(draft && pixelsOf(draft, places)).toEqual([
      [100, 20],
      [220, 60],
    ]);
    expect(draft && isOn(image, draft)).toBe(true);
    expect(draft && isOn({ ...image, frame: 4 }, draft)).toBe(false);
  });
  it("is kept on the picture where the picture has no place in the patient", () => {
    const image = { series: "1", object: object("1.2", { isPlaced: false }), frame: 1 };
    const draft = draftMark(image, { ...shape, to: [220.4567, 60] }, places);
    expect(draft).toMatchObject({
      space: "image",
      points: [
        [100_000, 20_000, 0],
        [220_457, 60_000, 0],
      ],
    });
  });
  it("is none when the finger did not move", () => {
    const image = { series: "1", object: object("1.2"), frame: 1 };
    expect(draftMark(image, { ...shape, to: [100.5, 20] }, places)).toBeUndefined();
  });
});

describe("the sides of an image", () => {
  it("are those of the patient, the main one first", () => {
    expect(directionLetters([1, 0, 0])).toBe("L");
    expect(directionLetters(opposite([1, 0, 0]))).toBe("R");
    expect(directionLetters([0, -0.9, 0.44])).toBe("AH");
    expect(directionLetters([0, 0, 0])).toBe("");
  });
});

describe("a series", () => {
  const series = (objects: readonly ImageObject[], modality = "CT"): SeriesView => ({
    series: "1",
    modality,
    number: 1,
    description: undefined,
    objects,
  });
  it("of single images is one stack that opens in the middle; what is no image is not in it", () => {
    const objects = [object("1"), object("2"), object("3"), object("4", { hidden: "report" })];
    const [stack, ...others] = stacksOf(series(objects));
    expect(others).toEqual([]);
    expect(stack?.images.map((image) => image.object.sop)).toEqual(["1", "2", "3"]);
    expect(stack && firstIndex(stack)).toBe(1);
  });
  it("of moving images has a stack for each, which opens at its start", () => {
    const stacks = stacksOf(series([object("1", { frames: 30 }), object("2", { frames: 2 })], "US"));
    expect(stacks.map(({ images, isMoving }) => [images.length, isMoving])).toEqual([
      [30, true],
      [2, true],
    ]);
    expect(stacks[0] && firstIndex(stacks[0])).toBe(0);
  });
  it("comes from where the reader is outwards, each image once", () => {
    expect(fetchOrder(5, 3)).toEqual([3, 4, 2, 1, 0]);
    expect(fetchOrder(4, 0)).toEqual([0, 1, 2, 3]);
  });
});

describe("the window", () => {
  it("has names only where values mean the same on every machine", () => {
    expect(presetsOf("CT").map(({ name }) => name)).toContain("lung");
    expect(presetsOf("MR").map(({ name }) => name)).toEqual(["default"]);
  });
  it("never becomes empty, however far it is dragged", () => {
    expect(dragWindow({ center: 40, width: 80 }, -10_000, 0).width).toBeGreaterThan(0);
  });
});
