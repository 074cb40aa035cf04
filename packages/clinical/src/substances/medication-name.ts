import { codingsOf, objectOf, textOf } from "../fhir-value.ts";
import { RXNORM } from "../given-code.ts";
import { LONGEST_NAME_WORDS, substanceNamed, substanceOfRxcui } from "./substance-table.ts";

/** What the name of a medicine says. */
export type MedicationName = {
  /** Active substances, in the order of their names. */
  readonly substances: readonly string[];
  /** `5 mg`, `10 mg/ml`; in the order of the text. Empty when none was written. */
  readonly strengths: readonly string[];
  /** How it is given and how fast it is released, and salts that are not given alike; empty when not written. */
  readonly forms: readonly string[];
};

const MASS_UNITS = new Map([
  ["mg", 1],
  ["g", 1_000],
  ["gram", 1_000],
  ["mcg", 0.001],
  ["ug", 0.001],
  ["µg", 0.001],
  ["μg", 0.001],
  ["microgram", 0.001],
  ["micrograms", 0.001],
]);
const OTHER_UNITS = new Map([
  ["unt", "unit"],
  ["unit", "unit"],
  ["units", "unit"],
  ["iu", "unit"],
  ["meq", "meq"],
  ["mmol", "mmol"],
  ["%", "%"],
]);
const PER = new Map([
  ["ml", "ml"],
  ["actuat", "puff"],
  ["puff", "puff"],
  ["dose", "puff"],
  ["hr", "h"],
  ["h", "h"],
]);

const SALT = "salt";
/** Salts and hydrates that do not make another medicine of the same strength. */
const SALT_WORDS = (
  "sodium potassium calcium magnesium hydrochloride hcl hydrobromide hbr besylate besilate mesylate mesilate maleate " +
  "fumarate citrate sulfate sulphate phosphate acetate nitrate bisulfate bisulphate dihydrate trihydrate monohydrate " +
  "anhydrous erbumine arginine cilexetil medoxomil etexilate hydrogen axetil bromide xinafoate propionate " +
  "dipropionate furoate disodium disoproxil hyclate oxalate tromethamine dihydrochloride bitartrate"
).split(" ");

/** Words of RxNorm and of prescriptions, each with what two names must share to be one medicine; "" says nothing. */
const FORM_BY_WORD = new Map<string, string>([
  ...["tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps", "caplet"].map(word("oral-solid")),
  ...["solution", "suspension", "syrup", "elixir", "liquid"].map(word("liquid")),
  ...["injection", "injectable", "inj", "syringe", "prefilled", "cartridge", "vial", "infusion"].map(word("injection")),
  ...["inhaler", "inhalation", "inhalant", "inhaled", "nebulizer", "nebuliser", "puffer"].map(word("inhaled")),
  ...["cream", "ointment", "gel", "lotion", "topical"].map(word("topical")),
  ...["patch", "transdermal"].map(word("patch")),
  ...["suppository", "rectal"].map(word("rectal")),
  ...["ophthalmic", "eye", "drops", "otic", "ear", "nasal", "spray", "mucosal", "sublingual", "vaginal"].map(itself),
  ...["extended", "er", "xr", "xl", "sr", "cr", "la", "mr", "modified", "sustained", "retard", "prolonged", "24hr"].map(
    word("slow"),
  ),
  ...["delayed", "ec", "enteric", "coated"].map(word("delayed")),
  ...["benzathine", "procaine", "decanoate", "pamoate", "palmitate", "succinate", "tartrate"].map(itself),
  ...["oral", "release", "hr", "metered", "dose", "dry", "powder", "chewable", "disintegrating", "po", "of", "as"].map(
    word(""),
  ),
  ...["auto-injector", "unit", "drug", "product", "containing", "medicinal", "substance"].map(word("")),
  ...SALT_WORDS.map(word(SALT)),
]);

/**
 * Reads a name such as `Amlodipine 5 MG Oral Tablet [Norvasc]` or `Tab Norvasc 5mg`. `undefined` when any word of it is
 * not understood: it might be another active substance.
 */
export function readMedicationName(text: string): MedicationName | undefined {
  const substances = new Set<string>();
  const strengths: string[] = [];
  const forms = new Set<string>();
  for (const part of partsOf(text)) {
    const read = readPart(part);
    if (read === undefined) return undefined;
    for (const substance of read.substances) substances.add(substance);
    strengths.push(...read.strengths);
    for (const form of read.forms) forms.add(form);
  }
  if (substances.size === 0) return undefined;
  return { substances: [...substances].sort(), strengths, forms: [...forms].sort() };
}

/** The words of each component of a mixture. */
function partsOf(text: string): readonly (readonly string[])[] {
  return text
    .toLowerCase()
    .replace(/(\d),(\d{3})\b/g, "$1$2")
    .split(/\s\/\s|[+&,]/)
    .map((part) =>
      part
        .replace(/(\d)(?=(?:mg|g|mcg|ug|µg|μg|ml|iu|units?|hr)\b|%)/g, "$1 ")
        .replace(/[[\]();]/g, " ")
        .replace(/\//g, " / ")
        .replace(/\.(?=\s|$)/g, " ")
        .split(/\s+/)
        .filter((each) => each !== ""),
    );
}

function readPart(words: readonly string[]): MedicationName | undefined {
  const substances: string[] = [];
  const strengths: string[] = [];
  const forms: string[] = [];
  let hasSalt = false;
  for (let at = 0; at < words.length; ) {
    const named = substanceAt(words, at);
    const amount = named === undefined ? amountAt(words, at) : undefined;
    const form = FORM_BY_WORD.get(words[at] ?? "");
    if (named !== undefined) substances.push(named.substance);
    else if (amount?.strength !== undefined) strengths.push(amount.strength);
    else if (amount === undefined && form === undefined) return undefined;
    else if (amount === undefined && form === SALT) hasSalt = true;
    else if (amount === undefined && form !== undefined && form !== "") forms.push(form);
    at += named?.length ?? amount?.length ?? 1;
  }
  // A salt that stands alone is a substance that the table does not have: calcium beside a bisphosphonate.
  return substances.length === 0 && hasSalt ? undefined : { substances, strengths, forms };
}

/** The substances that a name has somewhere in it, also where the rest is not understood: good for a question, not for an answer. */
export function substancesMentioned(text: string): readonly string[] {
  const found = partsOf(text).flatMap((words) => words.flatMap((_, at) => substanceAt(words, at)?.substance ?? []));
  return [...new Set(found)].sort();
}

/**
 * What a concept says: its text and the words of its codes must not name different substances, and an RxNorm number must
 * not either. A name with a strength is preferred to one without.
 */
export function readMedicationConcept(concept: unknown): MedicationName | undefined {
  const codings = codingsOf(concept);
  const texts = [textOf(objectOf(concept)?.text), ...codings.map(({ display }) => display)];
  const read = texts.flatMap((text) => (text === undefined ? [] : (readMedicationName(text) ?? [])));
  const numbered = codings.flatMap(({ system, code }) => {
    const substance = system === RXNORM ? substanceOfRxcui(code) : undefined;
    return substance === undefined ? [] : [{ substances: [substance], strengths: [], forms: [] }];
  });
  const all = [...read, ...numbered];
  const [first] = all;
  if (first === undefined || all.some(({ substances }) => substances.join() !== first.substances.join()))
    return undefined;
  const strengths = distinctLists(all.map((name) => name.strengths));
  const forms = distinctLists(all.map((name) => name.forms));
  if (strengths.length > 1) return undefined;
  return {
    substances: first.substances,
    strengths: strengths[0] ?? [],
    forms: forms.length > 1 ? forms.flat() : (forms[0] ?? []),
  };
}

function distinctLists(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const byText = new Map(lists.filter((list) => list.length > 0).map((list) => [[...list].sort().join("|"), list]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, list]) => list);
}

type Found = { readonly substance: string; readonly length: number };

function substanceAt(words: readonly string[], at: number): Found | undefined {
  for (let length = LONGEST_NAME_WORDS; length > 0; length--) {
    const substance = at + length <= words.length ? substanceNamed(words.slice(at, at + length).join(" ")) : undefined;
    if (substance !== undefined) return { substance, length };
  }
  return undefined;
}

type Amount = { readonly strength: string | undefined; readonly length: number };

/** `5 mg`, `10 mg / ml`; `24 hr` and `0.3 ml` in front of a name are amounts that say nothing of the strength. */
function amountAt(words: readonly string[], at: number): Amount | undefined {
  const number = words[at] ?? "";
  if (!/^\d+(\.\d+)?$/.test(number)) return undefined;
  const unit = words[at + 1] ?? "";
  const milligrams = MASS_UNITS.get(unit);
  const other = OTHER_UNITS.get(unit);
  if (milligrams === undefined && other === undefined)
    return PER.has(unit) ? { strength: undefined, length: 2 } : undefined;
  const amount = milligrams === undefined ? `${Number(number)} ${other}` : `${round(Number(number) * milligrams)} mg`;
  const per = words[at + 2] === "/" ? PER.get(words[at + 3] ?? "") : undefined;
  return per === undefined ? { strength: amount, length: 2 } : { strength: `${amount}/${per}`, length: 4 };
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}

function word(meaning: string): (each: string) => readonly [string, string] {
  return (each) => [each, meaning];
}

function itself(each: string): readonly [string, string] {
  return [each, each];
}
