import { describe, expect, it } from "vitest";
import { momentsIn } from "./moment.ts";

describe("a date as a person reads it", () => {
  it("is never more exact than its source: a year stays a year, a month a month", () => {
    const english = momentsIn("en-GB");
    expect(english.partial("2019")).toBe("2019");
    expect(english.partial("2019-04")).toBe("Apr 2019");
    expect(english.partial("2019-04-30")).toBe("30 Apr 2019");
    expect(english.partial("2019-04-30T23:30:00+08:00")).toBe("30 Apr 2019");
  });

  it("keeps Gregorian years and European digits in Arabic, as doses and results are written", () => {
    expect(momentsIn("ar-u-ca-gregory-nu-latn").partial("2019-04-30")).toMatch(/30.*2019/);
  });

  it("stands beside names that text of the other direction does not tear apart", () => {
    expect(momentsIn("en-GB").list(["Dr Wong", "Dr Ho"])).toBe("Dr Wong and Dr Ho");
    expect(momentsIn("ar").list(["Central Heart Clinic", "Kowloon Diagnostic Centre"])).toContain(
      "\u2068Kowloon Diagnostic Centre\u2069",
    );
  });

  it("that is none is shown as it was written", () => {
    expect(momentsIn("en-GB").partial("last spring")).toBe("last spring");
  });
});
