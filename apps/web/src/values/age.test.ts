import { describe, expect, it } from "vitest";
import { ageInYears } from "./age.ts";

const today = new Date(2026, 2, 15);

describe("the age of a patient", () => {
  it("grows on the birthday itself, not before", () => {
    expect(ageInYears("1957-03-15", today)).toBe(69);
    expect(ageInYears("1957-03-16", today)).toBe(68);
  });

  it("is told from a year alone, as institutions without a full date send it", () => {
    expect(ageInYears("1957", today)).toBe(69);
    expect(ageInYears("1957-04", today)).toBe(68);
  });

  it("is not invented for a date that is missing, broken or still to come", () => {
    for (const text of [undefined, "", "15.03.1957", "2030-01-01"]) expect(ageInYears(text, today)).toBeUndefined();
  });
});
