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

  it("that is none is shown as it was written", () => {
    expect(momentsIn("en-GB").partial("last spring")).toBe("last spring");
  });
});
