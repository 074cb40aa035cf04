import { describe, expect, it } from "vitest";
import { sparklinePoints } from "./sparkline.tsx";

describe("a small trend", () => {
  it("draws a rising value upwards and time by its distance, not by the number of measurements", () => {
    const points = sparklinePoints(
      [
        { atMs: 0, value: 6 },
        { atMs: 10, value: 7 },
        { atMs: 100, value: 8 },
      ],
      108,
      40,
    );
    expect(points.map(([x]) => x)).toEqual([4, 14, 104]);
    expect(points.map(([, y]) => y)).toEqual([36, 20, 4]);
  });

  it("is a level line when nothing changed", () => {
    const points = sparklinePoints(
      [
        { atMs: 0, value: 7 },
        { atMs: 5, value: 7 },
      ],
      100,
      40,
    );
    expect(points.map(([, y]) => y)).toEqual([20, 20]);
  });
});
