import type { Point, Series } from "@caseroom/clinical";
import { describe, expect, it } from "vitest";
import { cardOf, readingsOf } from "./series-reading.ts";

const point = (more: Partial<Point> & Pick<Point, "value" | "text" | "atMs">): Point => ({
  id: String(more.atMs),
  status: "final",
  sources: [],
  isDayOnly: false,
  common: { value: more.value },
  ...more,
});
const hba1c: Series = {
  key: "hba1c",
  name: "HbA1c",
  unit: "%",
  codes: [],
  mapping: "standard",
  points: [
    point({ atMs: 1, value: 53, text: "53", unit: "mmol/mol", hba1c: { ngspPercent: 7, ifccMmolMol: 53 }, high: 42 }),
    point({ atMs: 2, value: 6.5, text: "6.50", unit: "%", hba1c: { ngspPercent: 6.5, ifccMmolMol: 48 }, high: 6 }),
  ],
};

describe("HbA1c in the unit the reader knows", () => {
  it("keeps every digit of a value that was written in that unit", () => {
    expect(readingsOf(hba1c, "ngsp").map(({ text }) => text)).toEqual(["7.0", "6.50"]);
    expect(readingsOf(hba1c, "ifcc").map(({ text }) => text)).toEqual(["53", "48"]);
  });

  it("converts the reference range with the value, never one without the other", () => {
    expect(readingsOf(hba1c, "ngsp").map(({ high }) => high)).toEqual([6, 6]);
    expect(readingsOf(hba1c, "ifcc").map(({ high }) => high)).toEqual([42, 42]);
  });

  it("shares the value, its unit and only what was known until then", () => {
    const readings = readingsOf(hba1c, "ngsp");
    const first = readings[0];
    expect(first && cardOf(hba1c, readings, first)).toMatchObject({
      text: "7.0",
      unit: "%",
      trend: [{ atMs: 1, value: 7 }],
    });
  });
});

describe("a result whose sources write two units", () => {
  it("stands in the unit of the series, and as it was written where that is the unit", () => {
    const glucose: Series = {
      key: "http://loinc.org|2345-7",
      name: "Glucose",
      unit: "mmol/L",
      codes: [],
      mapping: "standard",
      points: [
        point({ atMs: 1, value: 126, text: "126", unit: "mg/dL", common: { value: 6.99394, high: 6.1 } }),
        point({ atMs: 2, value: 9, text: "<9", unit: "mg/dL", common: { value: 0.499567 } }),
        point({ atMs: 3, value: 7.2, text: "7.20", unit: "mmol/L" }),
      ],
    };
    expect(readingsOf(glucose, "ngsp").map(({ text, unit, isConverted }) => [text, unit, isConverted])).toEqual([
      ["6.99", "mmol/L", true],
      ["<0.5", "mmol/L", true],
      ["7.20", "mmol/L", false],
    ]);
  });
});
