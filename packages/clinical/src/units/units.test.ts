import { UcumLhcUtils } from "@lhncbc/ucum-lhc";
import { describe, expect, it } from "vitest";
import { analyteOf, isImplausible, quantityIn, readQuantity } from "./analyte.ts";
import analytes from "./analytes.json" with { type: "json" };
import { fromBase, readUnit, toBase, type Unit } from "./unit.ts";
import units from "./units.json" with { type: "json" };

const utils = UcumLhcUtils.getInstance();
const unit = (code: string): Unit => {
  const found = readUnit(code);
  if (found === undefined) throw new Error(`no unit ${code}`);
  return found;
};
const inUnit = (loinc: string, value: number, from: string, to: string) =>
  quantityIn(readQuantity(value, unit(from), analyteOf(loinc)), unit(to), analyteOf(loinc));

describe("the table of units", () => {
  it("converts as the library of UCUM does, and holds no unit that UCUM does not have", () => {
    let compared = 0;
    for (const from of units) {
      expect(utils.validateUnitString(from.code).status, from.code).toBe("valid");
      for (const to of units) {
        if (from.dimension !== to.dimension || from.dimension.includes("[IU]")) continue;
        const { status, toVal } = utils.convertUnitTo(from.code, 7, to.code);
        expect(status, `${from.code} ${to.code}`).toBe("succeeded");
        expect(fromBase(toBase(7, from), to) / (toVal ?? 0), `${from.code} ${to.code}`).toBeCloseTo(1, 9);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });

  it("does not let meet what UCUM counts as plain numbers", () => {
    const dimensions = ["%", "mmol/mol", "mg/g", "{INR}", "{score}"].map((code) => unit(code).dimension);
    expect(new Set(dimensions).size).toBe(dimensions.length);
    expect(unit("mL/min").dimension).not.toBe(unit("mL/min/{1.73_m2}").dimension);
    expect(unit("10*9/L").dimension).not.toBe(unit("mmol/L").dimension);
    expect(unit("meq/L").dimension).not.toBe(unit("mmol/L").dimension);
  });

  it("knows how wards write units, and nothing that may mean two", () => {
    for (const [written, code] of [
      ["µmol/L", "umol/L"],
      ["μmol/l", "umol/L"],
      ["mmHg", "mm[Hg]"],
      ["x10^9/L", "10*9/L"],
      ["MG/DL", "mg/dL"],
      ["mL/min/1.73m2", "mL/min/{1.73_m2}"],
      ["uIU/mL", "u[IU]/mL"],
    ] as const)
      expect(readUnit(written)?.code, written).toBe(code);
    for (const written of ["", "cells", "units", "Mmol", "see note"])
      expect(readUnit(written), written).toBeUndefined();
  });
});

describe("the table of analytes", () => {
  it("has codes with a right check digit, each once, and units that it knows", () => {
    const codes = analytes.flatMap(({ loinc }) => loinc);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(checkDigit(code.split("-")[0] ?? ""), code).toBe(Number(code.split("-")[1]));
    for (const { key, unit: code } of analytes) expect(readUnit(code), key).toBeDefined();
  });

  it("turns mass into moles as the library of UCUM does with the same molar mass", () => {
    for (const { loinc, molarMass } of analytes) {
      if (molarMass === undefined) continue;
      const { toVal } = utils.convertUnitTo("mg/dL", 100, "umol/L", { molecularWeight: molarMass });
      expect((inUnit(loinc[0] ?? "", 100, "mg/dL", "umol/L") ?? 0) / (toVal ?? 0)).toBeCloseTo(1, 6);
    }
  });

  it("agrees with the factors that laboratories print", () => {
    expect(inUnit("2345-7", 126, "mg/dL", "mmol/L")).toBeCloseTo(6.99, 2);
    expect(inUnit("2160-0", 1, "mg/dL", "umol/L")).toBeCloseTo(88.4, 1);
    expect(inUnit("2093-3", 200, "mg/dL", "mmol/L")).toBeCloseTo(5.17, 2);
    expect(inUnit("2571-8", 150, "mg/dL", "mmol/L")).toBeCloseTo(1.69, 2);
    expect(inUnit("17861-6", 10, "mg/dL", "mmol/L")).toBeCloseTo(2.495, 3);
    expect(inUnit("17861-6", 5, "meq/L", "mmol/L")).toBeCloseTo(2.5, 9);
    expect(inUnit("2823-3", 4.1, "meq/L", "mmol/L")).toBeCloseTo(4.1, 9);
    expect(inUnit("1742-6", 40, "[IU]/L", "U/L")).toBeCloseTo(40, 9);
    expect(inUnit("8310-5", 98.6, "[degF]", "Cel")).toBeCloseTo(37, 9);
  });

  it("turns nothing whose molar mass, charge or enzyme it does not know", () => {
    expect(inUnit("2276-4", 100, "ug/L", "nmol/L")).toBeUndefined();
    expect(inUnit("718-7", 14, "g/dL", "mmol/L")).toBeUndefined();
    expect(inUnit("3016-3", 2, "m[IU]/L", "U/L")).toBeUndefined();
    expect(inUnit("3094-0", 14, "mg/dL", "mmol/L")).toBeUndefined();
  });

  it("does not believe a potassium of 41 mmol/L, in whatever unit it comes", () => {
    const potassium = analyteOf("2823-3");
    expect(isImplausible(41, unit("mmol/L"), potassium)).toBe(true);
    expect(isImplausible(41, unit("meq/L"), potassium)).toBe(true);
    expect(isImplausible(6.9, unit("mmol/L"), potassium)).toBe(false);
    expect(isImplausible(41, undefined, potassium)).toBe(false);
  });
});

/** LOINC's check digit: modulus 10, double-add-double. */
function checkDigit(number: string): number {
  const digits = [...number].reverse();
  const odd = Number(digits.filter((_, at) => at % 2 === 0).join("")) * 2;
  const sum = [...digits.filter((_, at) => at % 2 === 1), ...String(odd)].reduce(
    (total, digit) => total + Number(digit),
    0,
  );
  return (10 - (sum % 10)) % 10;
}
