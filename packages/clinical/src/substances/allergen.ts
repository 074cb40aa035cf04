import { codingsOf, objectOf, textOf } from "../fhir-value.ts";
import { RXNORM } from "../given-code.ts";
import { maySayMore, readMedicationName } from "./medication-name.ts";
import { substanceOfRxcui } from "./substance-table.ts";

/**
 * Words of allergens that are no single medicine. Each line is one allergen: what stands together is merged, so only words
 * for the very same thing stand together (a class is not its members; a nut is not a peanut).
 */
const ALLERGENS: readonly (readonly string[])[] = [
  [
    "penicillin",
    "penicillins",
    "penicillin antibiotic",
    "substance with penicillin structure and antibacterial mechanism of action",
  ],
  ["cephalosporin", "cephalosporins", "cephalosporin antibiotic"],
  [
    "sulfonamide",
    "sulfonamides",
    "sulphonamide",
    "sulphonamides",
    "sulfa",
    "sulfa drugs",
    "product containing sulfonamide",
  ],
  ["nsaid", "nsaids", "non-steroidal anti-inflammatory drug", "nonsteroidal anti-inflammatory drugs"],
  ["iodinated contrast", "iodinated contrast media", "iodinated contrast medium", "iodine contrast"],
  ["latex", "natural rubber latex", "natural latex rubber"],
  ["peanut", "peanuts"],
  ["tree nut", "tree nuts"],
  ["nut", "nuts"],
  ["cashew nut", "cashew nuts", "cashew", "cashews"],
  ["egg", "eggs"],
  ["milk", "cow's milk", "cow milk"],
  ["dairy product", "dairy products", "dairy"],
  ["shellfish"],
  ["fish"],
  ["soya", "soy", "soybean"],
  ["wheat"],
  ["house dust mite", "house dust mites", "dust mite", "dust mites"],
  ["grass pollen"],
  ["tree pollen"],
  ["mould", "mold"],
  ["bee venom", "honey bee venom"],
  ["animal dander", "dander animal"],
];
const KEY_BY_WORDS = new Map(ALLERGENS.flatMap((words) => words.map((each) => [each, words[0] ?? each] as const)));

/** SNOMED CT concepts that the samples of the International Patient Summary use, for sources that send no words. */
const KEY_BY_SNOMED = new Map([
  ["91936005", "penicillin"],
  ["764146007", "penicillin"],
  ["373270004", "penicillin"],
  ["300916003", "latex"],
  ["91935009", "peanut"],
  ["762952008", "peanut"],
  ["91934008", "nut"],
]);

/**
 * What an allergy is to, so that words and codes for the same substance meet: `substance|amoxicillin`, `allergen|latex`.
 * `undefined` when the words are not in the table, when words and codes name different things, or when words that are not understood may
 * name several; nothing is guessed.
 */
export function readAllergen(concept: unknown): string | undefined {
  const codings = codingsOf(concept);
  const texts = [textOf(objectOf(concept)?.text), ...codings.map(({ display }) => display)];
  const keys = new Set([
    ...texts.flatMap((text) => (text === undefined ? [] : (allergenInWords(text) ?? []))),
    ...codings.flatMap(({ system, code }) => allergenOfCode(system, code) ?? []),
  ]);
  const [first] = keys;
  if (first === undefined || keys.size > 1) return undefined;
  const unread = texts.filter((text) => text !== undefined && allergenInWords(text) === undefined);
  const own = first.startsWith("substance|") ? [first.slice("substance|".length)] : [];
  return unread.some((text) => text !== undefined && maySayMore(text, own)) ? undefined : first;
}

function allergenOfCode(system: string, code: string): string | undefined {
  const substance = system === RXNORM ? substanceOfRxcui(code) : undefined;
  if (substance !== undefined) return `substance|${substance}`;
  const allergen = system === "http://snomed.info/sct" ? KEY_BY_SNOMED.get(code) : undefined;
  return allergen === undefined ? undefined : `allergen|${allergen}`;
}

function allergenInWords(text: string): string | undefined {
  const words = text
    .toLowerCase()
    .replace(/\s*\((?:finding|disorder|substance|product|situation|organism)\)$/, "")
    .replace(/[()]/g, " ")
    .replace(/^(?:allerg(?:y|ic) to|allergy:)\s+/, "")
    .replace(/\s+allerg(?:y|ies)$/, "")
    .replace(/\s+/g, " ")
    .trim();
  const allergen = KEY_BY_WORDS.get(words);
  if (allergen !== undefined) return `allergen|${allergen}`;
  const medicine = readMedicationName(words);
  return medicine?.substances.length === 1 ? `substance|${medicine.substances[0]}` : undefined;
}
