import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ifccToNgsp, isPlausibleHba1c, ngspToIfcc, readHba1c } from "./hba1c.ts";

describe("HbA1c", () => {
  it("agrees with the published pairs of both units", () => {
    for (const [percent, mmolMol] of [
      [5, 31],
      [6, 42],
      [6.5, 48],
      [7, 53],
      [8, 64],
      [9, 75],
      [10, 86],
    ] as const) {
      expect(readHba1c("4548-4", percent, "%")).toEqual({ ngspPercent: percent, ifccMmolMol: mmolMol });
      expect(readHba1c("59261-8", mmolMol, "mmol/mol")).toEqual({ ngspPercent: percent, ifccMmolMol: mmolMol });
    }
  });

  it("comes back from the other unit unchanged, and more is more in both", () => {
    const percent = fc.double({ min: 2, max: 25, noNaN: true });
    fc.assert(
      fc.property(percent, percent, (a, b) => {
        expect(ifccToNgsp(ngspToIfcc(a))).toBeCloseTo(a, 9);
        expect(Math.sign(ngspToIfcc(a) - ngspToIfcc(b))).toBe(Math.sign(a - b));
      }),
    );
  });

  it("believes the unit that was written before the code, and no other unit", () => {
    expect(readHba1c("4548-4", 53, "mmol/mol")).toMatchObject({ ifccMmolMol: 53 });
    expect(readHba1c("59261-8", 53, undefined)).toMatchObject({ ifccMmolMol: 53 });
    expect(readHba1c("4548-4", 126, "mg/dL")).toBeUndefined();
  });

  it("does not believe 2.9 % or 52 %", () => {
    for (const percent of [2.9, 52]) expect(isPlausibleHba1c({ ngspPercent: percent, ifccMmolMol: 0 })).toBe(false);
    for (const percent of [3, 7.1, 20]) expect(isPlausibleHba1c({ ngspPercent: percent, ifccMmolMol: 0 })).toBe(true);
  });
});
