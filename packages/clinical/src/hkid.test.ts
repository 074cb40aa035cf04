import { describe, expect, it } from "vitest";
import { checkHkid, normaliseHkid } from "./hkid.ts";
import { maskIdentifier } from "./identifier.ts";

describe("a Hong Kong identity number", () => {
  it("is accepted with its check digit, with one letter or two, however it is typed", () => {
    for (const text of [
      "A123456(3)",
      "CA182361(1)",
      "G123456(A)",
      "Z683365(A)",
      "AB987654(3)",
      "a123456 3",
      "Ａ１２３４５６（３）",
    ])
      expect(checkHkid(text), text).toBe("valid");
  });

  it("is refused with any other check digit", () => {
    for (const digit of "012456789A") expect(checkHkid(`A123456(${digit})`)).toBe("invalid");
  });

  it("is told apart from other numbers", () => {
    for (const text of ["", "MRN0012", "KD-778812", "ABC123456(3)", "A123456(B)"])
      expect(checkHkid(text), text).toBe("not-an-hkid");
  });

  it("has one written form and is shown masked", () => {
    expect(normaliseHkid("ca1823611")).toBe("CA182361(1)");
    expect(maskIdentifier("A123456(3)")).toBe("A12****(3)");
    expect(maskIdentifier("H0012345")).toBe("H00****5");
    expect(maskIdentifier("12")).toBe("1****");
    expect(maskIdentifier("7")).toBe("****");
  });
});
