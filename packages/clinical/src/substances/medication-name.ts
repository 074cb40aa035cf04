import { codingsOf, objectOf, textOf } from "../fhir-value.ts";
import { RXNORM } from "../given-code.ts";
import { LONGEST_NAME_WORDS, substanceNamed, substanceOfRxcui } from "./substance-table.ts";

/** What the name of a medicine says. */
export type MedicationName = {
  /** Active substances, in the order of their names. */
  readonly substances: readonly string[];
  /** `5 mg`, `10 mg/ml`; of a combination one for each substance, in their order. Empty when none was written. */
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
  "anhydrous erbumine arginine cilexetil medoxomil etexilate hydrogen axetil bromide xinafoate " +
  "dipropionate disodium disoproxil hyclate oxalate tromethamine dihydrochloride bitartrate"
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
  // Fluticasone furoate and propionate are not given alike.
  ...["furoate", "propionate"].map(itself),
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
  if (/\d,\d/.test(withoutThousands(text))) return undefined;
  const parts: MedicationName[] = [];
  for (const words of partsOf(text)) {
    const read = readPart(words);
    if (read === undefined) return undefined;
    parts.push(read);
  }
  const substances = [...new Set(parts.flatMap((part) => part.substances))].sort();
  const strengths = substances.length > 1 ? pairedStrengths(parts) : parts.flatMap((part) => part.strengths).sort();
  if (substances.length === 0 || strengths === undefined) return undefined;
  return { substances, strengths, forms: [...new Set(parts.flatMap((part) => part.forms))].sort() };
}

/** 5 mg of the one and 10 mg of the other is not 10 mg and 5 mg: of each substance its own, else none of any, else `undefined`. */
function pairedStrengths(parts: readonly MedicationName[]): readonly string[] | undefined {
  if (parts.every((part) => part.strengths.length === 0)) return [];
  const isPaired = parts.every((part) => part.substances.length === 1 && part.strengths.length === 1);
  const sorted = parts.toSorted((a, b) => ((a.substances[0] ?? "") < (b.substances[0] ?? "") ? -1 : 1));
  return isPaired ? sorted.flatMap((part) => part.strengths) : undefined;
}

/** `1,000 mg` is a thousand; `0,125 mg` is somebody's way of writing an eighth, and not for us to guess. */
function withoutThousands(text: string): string {
  return text.replace(/(?<![\d,.])([1-9]\d{0,2}),(\d{3})(?![\d,])/g, "$1$2");
}

/** The words of each component of a mixture. */
function partsOf(text: string): readonly (readonly string[])[] {
  return withoutThousands(text)
    .toLowerCase()
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
 * not either; words that are not understood must not be of several things. A name with a strength is preferred to one without.
 */
export function readMedicationConcept(concept: unknown): MedicationName | undefined {
  const codings = codingsOf(concept);
  const texts = [textOf(objectOf(concept)?.text), ...codings.map(({ display }) => display)];
  const words = texts.filter((text) => text !== undefined);
  const read = words.flatMap((text) => readMedicationName(text) ?? []);
  const unread = words.filter((text) => readMedicationName(text) === undefined);
  const numbered = codings.flatMap(({ system, code }) => {
    const substance = system === RXNORM ? substanceOfRxcui(code) : undefined;
    return substance === undefined ? [] : [{ substances: [substance], strengths: [], forms: [] }];
  });
  const all = [...read, ...numbered];
  const [first] = all;
  if (first === undefined || all.some(({ substances }) => substances.join() !== first.substances.join()))
    return undefined;
  if (unread.some((text) => maySayMore(text, first.substances))) return undefined;
  const strengths = distinctLists(all.map((name) => name.strengths));
  const forms = distinctLists(all.map((name) => name.forms));
  if (strengths.length > 1) return undefined;
  return {
    substances: first.substances,
    strengths: strengths[0] ?? [],
    forms: forms.length > 1 ? forms.flat() : (forms[0] ?? []),
  };
}

/** Whether words that nobody here understands as a whole may name another substance beside these. */
export function maySayMore(text: string, substances: readonly string[]): boolean {
  if (/[+&,;/]|\b(?:and|with|plus)\b/i.test(text)) return true;
  return substancesMentioned(text).some((one) => !substances.includes(one));
}

function distinctLists(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const byText = new Map(lists.filter((list) => list.length > 0).map((list) => [list.join("|"), list]));
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
