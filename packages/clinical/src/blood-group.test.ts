import { describe, expect, it } from "vitest";
import { readBloodGroup } from "./blood-group.ts";
import { fragmentForTesting as fragment, pictureForTesting as picture } from "./picture-for-testing.ts";

const determination = (words: string, code = "882-1") => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code }] },
  valueCodeableConcept: { text: words },
});
const conflictsOf = (...words: string[]) =>
  picture(...words.map((each, index) => fragment(`${index}`, index === 0 ? "hgh" : "kdc", determination(each))))
    .conflicts;

describe("a blood group", () => {
  it("is read however a laboratory writes it, and not at all where it is not clear", () => {
    for (const words of [
      "A Rh(D) positive",
      "A+",
      "A Pos",
      "Blood group A Rh(D) positive",
      "Group A RhD positive",
      "A RH POS",
    ])
      expect(readBloodGroup(determination(words)), words).toEqual({ abo: "A", rh: "+" });
    expect(readBloodGroup(determination("AB-"))).toEqual({ abo: "AB", rh: "-" });
    expect(readBloodGroup(determination("O", "883-9"))).toEqual({ abo: "O", rh: undefined });
    expect(readBloodGroup(determination("Negative", "10331-7"))).toEqual({ abo: undefined, rh: "-" });
    for (const words of ["A2B weak D", "pending", "not O", "Negative", "A or AB"])
      expect(readBloodGroup(determination(words)), words).toBeUndefined();
  });

  it("is in conflict with another group, and not with the half of itself", () => {
    expect(conflictsOf("A+", "O+")).toMatchObject([
      { kind: "blood-group", statements: [{ text: "A Rh(D) positive" }, { text: "O Rh(D) positive" }] },
    ]);
    expect(conflictsOf("A+", "A Rh(D) negative")).toHaveLength(1);
    expect(conflictsOf("A+", "A")).toEqual([]);
    expect(conflictsOf("A+", "weak D, see letter")).toEqual([]);
  });
});
