#!/usr/bin/env node
/**
 * Makes src/units/units.json from @lhncbc/ucum-lhc: the units that laboratories and wards use, each with its dimension and
 * its size in base units. `node build-units.mjs` writes it; the test beside the table computes every row again.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UcumLhcUtils } from "@lhncbc/ucum-lhc";

const codes = readFileSync(join(import.meta.dirname, "unit-codes.txt"), "utf8")
  .trim()
  .split(/\s+/);
const rows = codes.map((code) => describeUnit(code)).sort((a, b) => (a.code < b.code ? -1 : 1));
const out = join(import.meta.dirname, "../src/units/units.json");
writeFileSync(out, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);

/** For UCUM all ratios are numbers; a percentage of haemoglobin and mmol of it per mol are not one unit of anything. */
function ratioOf(code) {
  if (/mol\/[a-z]?mol$/.test(code)) return "mol/mol";
  return /^[a-z]?g\/[a-z]?g$/.test(code) ? "mass/mass" : undefined;
}

/** For UCUM a comment in braces says nothing; an INR is no percentage, and 1.73 m² make another clearance of it. */
function annotation(code) {
  const comment = /\{[^}]+\}/.exec(code)?.[0];
  return comment === undefined ? "" : ` ${comment}`;
}

/** UCUM counts a mole and an equivalent as plain numbers; here each is a dimension of its own, as arbitrary units are. */
function describeUnit(code) {
  const { unit } = UcumLhcUtils.getInstance().getSpecifiedUnit(code, "validate");
  const [length, time, mass, angle, temperature, charge, light] = unit.dim_?.dimVec_ ?? [0, 0, 0, 0, 0, 0, 0];
  const powers = {
    L: length,
    T: time,
    M: mass,
    A: angle,
    K: temperature,
    Q: charge,
    F: light,
    mol: unit.moleExp_,
    eq: unit.equivalentExp_,
  };
  const arbitrary = unit.isArbitrary_ ? ` ${/\[[^\]]+\]/.exec(code)?.[0]}` : "";
  const power = Object.entries(powers)
    .filter(([, exponent]) => exponent !== 0)
    .map(([name, exponent]) => `${name}${exponent}`)
    .join(" ");
  const dimension = `${ratioOf(code) ?? (power === "" ? "1" : power)}${arbitrary}${annotation(code)}`;
  const factor = Number((unit.magnitude_ / 6.0221367e23 ** (unit.moleExp_ + unit.equivalentExp_)).toPrecision(12));
  const zero = { Cel: 273.15, "[degF]": 459.67 }[code];
  return { code, dimension, factor, ...(zero === undefined ? {} : { zero }) };
}
