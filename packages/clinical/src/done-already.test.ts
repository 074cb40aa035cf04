import { describe, expect, it } from "vitest";
import { findDone } from "./done-already.ts";
import {
  fragmentForTesting as fragment,
  observationForTesting as observation,
  pictureForTesting as picture,
} from "./picture-for-testing.ts";

const DAY_MS = 86_400_000;
const glucose = (code: string, value: string, unit: string, at: string, status = "final") =>
  observation({ value, code, unit, at, status, identifier: `${code} ${at}` });
const record = picture(
  fragment("1", "hgh", glucose("2345-7", "126", "mg/dL", "2026-03-10T08:00:00+08:00")),
  fragment("2", "kdc", glucose("14749-6", "7.2", "mmol/L", "2026-03-12T08:00:00+08:00")),
  fragment("3", "kdc", glucose("14749-6", "9.9", "mmol/L", "2026-03-13T08:00:00+08:00", "cancelled")),
  fragment("4", "kdc", glucose("14749-6", "5.0", "mmol/L", "2025-01-13T08:00:00+08:00")),
  fragment("5", "chc", {
    resourceType: "ImagingStudy",
    id: "s",
    status: "available",
    started: "2026-03-01",
    procedureCode: [{ text: "CT chest" }],
  }),
);
const order = { atMs: Date.parse("2026-03-15T00:00:00+08:00"), withinMs: 30 * DAY_MS };

describe("a test that is about to be ordered", () => {
  it("was done already, at whichever institution, by mass or by moles, not too long ago and not cancelled", () => {
    const done = findDone(record, { ...order, codes: [{ system: "http://loinc.org", code: "2345-7" }] });
    expect(done.map(({ text, by, sources }) => [text, by, sources[0]?.institution])).toEqual([
      ["7.2 mmol/L", "code", "Kowloon Diagnostic"],
      ["126 mg/dL", "code", "Harbour General"],
    ]);
  });

  it("is found by its name only when no code is there, and says so", () => {
    expect(findDone(record, { ...order, codes: [], title: "ct chest" })).toMatchObject([
      { title: "CT chest", by: "words" },
    ]);
    expect(findDone(record, { ...order, codes: [{ system: "http://loinc.org", code: "2823-3" }] })).toEqual([]);
  });

  it("is not answered by what comes after the order", () => {
    const early = { ...order, atMs: Date.parse("2026-03-11T00:00:00+08:00") };
    expect(findDone(record, { ...early, codes: [{ system: "http://loinc.org", code: "14749-6" }] })).toHaveLength(1);
  });
});
