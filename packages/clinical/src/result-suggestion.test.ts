import { describe, expect, it } from "vitest";
import {
  fragmentForTesting as fragment,
  observationForTesting as observation,
  pictureForTesting as picture,
} from "./picture-for-testing.ts";

const potassium = (value: string, at: string) => observation({ value, code: "2823-3", unit: "mmol/L", at });
const suggested = (here: string, there: string, system: "kdc" | "hgh" = "kdc") =>
  picture(fragment("1", "hgh", here), fragment("2", system, there)).suggestions;
const EIGHT = "2026-03-15T08:00:00+08:00";

describe("two results that may be one", () => {
  it("are suggested and both drawn: another value at the same time, the day without the time, some minutes later", () => {
    expect(suggested(potassium("4.1", EIGHT), potassium("5.1", EIGHT))).toMatchObject([
      { kind: "result", reason: "same-time", items: [{ text: "4.1 mmol/L" }, { text: "5.1 mmol/L" }] },
    ]);
    expect(suggested(potassium("4.1", EIGHT), potassium("4.1", "2026-03-15"))).toMatchObject([{ reason: "same-day" }]);
    expect(suggested(potassium("4.1", EIGHT), potassium("4.1", "2026-03-15T08:05:00+08:00"))).toMatchObject([
      { reason: "same-day" },
    ]);
    const glucose = picture(
      fragment("1", "hgh", observation({ value: "126", code: "2345-7", unit: "mg/dL", at: EIGHT })),
      fragment("2", "kdc", observation({ value: "7.0", code: "14749-6", unit: "mmol/L", at: EIGHT })),
    );
    expect(glucose.suggestions).toMatchObject([{ reason: "same-time" }]);
    expect(glucose.series[0]?.points).toHaveLength(2);
  });

  it("are two when one system sends both, or when the day says nothing more than the value", () => {
    expect(suggested(potassium("4.1", EIGHT), potassium("5.1", EIGHT), "hgh")).toEqual([]);
    expect(suggested(potassium("4.1", EIGHT), potassium("4.1", "2026-03-15T18:00:00+08:00"))).toEqual([]);
    expect(suggested(potassium("4.1", EIGHT), potassium("6.1", "2026-03-15"))).toEqual([]);
  });
});
