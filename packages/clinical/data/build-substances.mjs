#!/usr/bin/env node
/**
 * Makes src/substances/substances.json: `node build-substances.mjs <the combined UNII mapping, unpacked>`. Names that the
 * FDA lists under one UNII are one substance; src/substances/SOURCES.md says where the file comes from.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SUBSTANCES = readFileSync(join(import.meta.dirname, "substance-names.txt"), "utf8")
  .trim()
  .split(/\s*\n\s*/);

/** Words that make a salt or a hydrate of a substance. */
const SALTS = new Set(
  (
    "SODIUM POTASSIUM CALCIUM MAGNESIUM HYDROCHLORIDE HCL HBR NA HYDROBROMIDE BESYLATE BESILATE MESYLATE MESILATE MALEATE " +
    "FUMARATE TARTRATE SUCCINATE CITRATE SULFATE SULPHATE PHOSPHATE ACETATE NITRATE BISULFATE BISULPHATE DIHYDRATE " +
    "TRIHYDRATE PENTAHYDRATE MONOHYDRATE ANHYDROUS ERBUMINE ARGININE CILEXETIL MEDOXOMIL ETEXILATE HYDROGEN AXETIL BROMIDE " +
    "XINAFOATE PROPIONATE DIPROPIONATE FUROATE DISODIUM DISOPROXIL LACTATE STEARATE ETHYLSUCCINATE ETHYL HYCLATE OXALATE " +
    "MALATE PAMOATE TROMETHAMINE TROMETAMOL HEMIHYDRATE SESQUIHYDRATE DECANOATE BENZATHINE PROCAINE VALERATE CARBONATE " +
    "PALMITATE MONOHYDROCHLORIDE DIHYDROCHLORIDE GLUCONATE ESTOLATE LACTOBIONATE EPOLAMINE HEMISUCCINATE MONOPHOSPHATE " +
    "MONOACETATE CHLORIDE BUTYRATE PROBUTATE SALT POLISTIREX RESIN COMPLEX MICRONIZED MACROCRYSTAL MACROCRYSTALLINE " +
    "MICROEMULSION"
  ).split(" "),
);
/** Another substance elsewhere (Cartia, Flomax, Mobic, Allegra, Dilacor, Benadryl), a word of its own, or a mixture. */
const DROPPED = new Set(
  "AMP DOXY PRIMATENE DILACOR FLOMAX ALLEGRA MOBIC CARTIA BENADRYL BENYLIN TREXALL PCE IBU ERYTHRA-DERM".split(" "),
);

const rows = readFileSync(process.argv[2] ?? "", "utf8")
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t"));
const uniisByName = Map.groupBy(rows, ([name]) => name);
const rowsByUnii = Map.groupBy(rows, ([, unii]) => unii);

const table = SUBSTANCES.map((name) => {
  const base = name.toUpperCase();
  const isForm = (other) =>
    other === base ||
    (other.startsWith(`${base} `) &&
      other
        .slice(base.length + 1)
        .split(" ")
        .every((word) => SALTS.has(word)));
  const uniis = new Set(
    [...uniisByName].filter(([other]) => isForm(other)).flatMap(([, found]) => found.map(([, unii]) => unii)),
  );
  // Adenosine's phosphates are other substances.
  const all = [...uniis].flatMap((unii) => rowsByUnii.get(unii) ?? []);
  const kept = all.filter(
    ([other]) => !DROPPED.has(other) && !(base === "ADENOSINE" && /PHOSPH|ADENYLIC|^AMP$/.test(other)),
  );
  const numbers = new Set(kept.map(([, , rxcui]) => rxcui).filter((rxcui) => /^\d+$/.test(rxcui)));
  const names = new Set(kept.map(([other]) => other).filter((other) => other !== base && isName(other)));
  return {
    name,
    rxcui: [...numbers].sort((a, b) => Number(a) - Number(b)),
    names: [...names].map((other) => other.toLowerCase()).sort((a, b) => (a < b ? -1 : 1)),
  };
}).sort((a, b) => (a.name < b.name ? -1 : 1));

function isName(text) {
  const words = text.split(" ");
  if (!/^[A-Z][A-Z .'-]*[A-Z]$/.test(text) || words.length > 3 || text.includes("- ") || text.startsWith("M-"))
    return false;
  return !words.some((word) => SALTS.has(word));
}

const out = join(import.meta.dirname, "../src/substances/substances.json");
writeFileSync(out, `[\n${table.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
