import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDates, prepareDate } from "./birth-date.ts";
import { phoneticCode } from "./blocking-keys.ts";
import { damerauLevenshtein } from "./damerau-levenshtein.ts";
import { jaroWinkler } from "./jaro-winkler.ts";

/** Winkler, "Overview of Record Linkage and Current Research Directions", Census Bureau RRS 2006/02, table 6; the last two from 1990. */
const WINKLER = [
  ["SHACKLEFORD", "SHACKELFORD", 0.982],
  ["DUNNINGHAM", "CUNNIGHAM", 0.896],
  ["NICHLESON", "NICHULSON", 0.956],
  ["JONES", "JOHNSON", 0.832],
  ["MASSEY", "MASSIE", 0.933],
  ["ABROMS", "ABRAMS", 0.922],
  ["JERALDINE", "GERALDINE", 0.926],
  ["MARHTA", "MARTHA", 0.961],
  ["MICHELLE", "MICHAEL", 0.921],
  ["JULIES", "JULIUS", 0.933],
  ["TANYA", "TONYA", 0.88],
  ["DWAYNE", "DUANE", 0.84],
  ["SEAN", "SUSAN", 0.805],
  ["JON", "JOHN", 0.933],
  ["JON", "JAN", 0.8],
  ["DIXON", "DICKSONX", 0.813],
] as const;

const digits = fc.string({ unit: fc.constantFrom("0", "1", "2", "3"), maxLength: 8 });

describe("the comparison of texts", () => {
  it("gives the similarities that Winkler published", () => {
    for (const [a, b, similarity] of WINKLER) expect(jaroWinkler(a, b), `${a} ${b}`).toBeCloseTo(similarity, 3);
  });

  it("is the same from both sides, 1 only for the same text, within 0 and 1", () => {
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        const similarity = jaroWinkler(a, b);
        expect(similarity).toBe(jaroWinkler(b, a));
        expect(similarity === 1).toBe(a === b);
        expect(similarity).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("counts an exchange of neighbours as one slip, and as the true metric does", () => {
    expect(damerauLevenshtein("19800102", "19801002")).toBe(1);
    expect(damerauLevenshtein("kitten", "sitting")).toBe(3);
    expect(damerauLevenshtein("ca", "abc")).toBe(2);
    expect(damerauLevenshtein("", "abc")).toBe(3);
  });

  it("keeps to the laws of a distance, and to its limit", () => {
    fc.assert(
      fc.property(digits, digits, digits, (a, b, c) => {
        const distance = damerauLevenshtein(a, b);
        expect(distance).toBe(damerauLevenshtein(b, a));
        expect(distance).toBeLessThanOrEqual(damerauLevenshtein(a, c) + damerauLevenshtein(c, b));
        for (const limit of [1, 2]) expect(damerauLevenshtein(a, b, limit)).toBe(Math.min(distance, limit + 1));
      }),
    );
  });

  it("knows a date with day and month exchanged from one with a slip and from another", () => {
    expect(compareDates("19800304", "19800403")).toBe("swapped");
    expect(compareDates("19800304", "19800305")).toBe("near");
    expect(compareDates("19800304", "19800317")).toBe("part");
    expect(compareDates("1980", "19800304")).toBe("part");
    expect(compareDates("19800304", "19751112")).toBe("different");
  });

  it("takes a day that no calendar has for not known", () => {
    for (const date of ["2000-13-01", "2000-12-32", "1999-02-29", "3000-01-01", "Missing, but age 23", ""]) {
      expect(prepareDate(date), date).toBe("");
    }
    expect(prepareDate("2000-02-29")).toBe("20000229");
  });

  it("gives names that sound alike one code", () => {
    expect(phoneticCode("robert")).toBe(phoneticCode("rupert"));
    expect(phoneticCode("ashcraft")).toBe("a261");
  });
});
