import table from "./substances.json" with { type: "json" };

/**
 * Active substances of medicines with their other names, brands among them, and their RxNorm numbers; see SOURCES.md for
 * where they come from. A brand that is another substance in another country is left out on purpose.
 */
const nameByWord = new Map<string, string>();
const nameByRxcui = new Map<string, string>();
let longest = 1;
for (const { name, rxcui, names } of table) {
  for (const word of [name, ...names]) {
    nameByWord.set(word, name);
    longest = Math.max(longest, word.split(" ").length);
  }
  for (const number of rxcui) nameByRxcui.set(number, name);
}

/** The most words that one name has. */
export const LONGEST_NAME_WORDS = longest;

/** The substance that a name or a brand means, in lower case; `undefined` when the table does not have it. */
export function substanceNamed(words: string): string | undefined {
  return nameByWord.get(words);
}

/** The substance of an RxNorm ingredient, salt or brand; `undefined` for products, whose names say more than a number. */
export function substanceOfRxcui(rxcui: string): string | undefined {
  return nameByRxcui.get(rxcui);
}

const ANTICOAGULANTS = new Set([
  "acenocoumarol",
  "apixaban",
  "dabigatran",
  "dalteparin",
  "edoxaban",
  "enoxaparin",
  "fondaparinux",
  "heparin",
  "rivaroxaban",
  "tinzaparin",
  "warfarin",
]);
const ANTIPLATELETS = new Set([
  "aspirin",
  "cilostazol",
  "clopidogrel",
  "dipyridamole",
  "prasugrel",
  "ticagrelor",
  "ticlopidine",
]);

/** What makes a patient bleed longer; `undefined` for a substance that does not, or that the table does not know to. */
export function bleedingRisk(substance: string): "anticoagulant" | "antiplatelet" | undefined {
  if (ANTICOAGULANTS.has(substance)) return "anticoagulant";
  return ANTIPLATELETS.has(substance) ? "antiplatelet" : undefined;
}
