import { canBeSameSyllables, cutIntoSyllables, isNameSyllable } from "./chinese-given-names.ts";
import { canBeSameSurname } from "./chinese-surnames.ts";
import type { FieldComparison, Level } from "./comparison-levels.ts";
import { damerauLevenshtein } from "./damerau-levenshtein.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { areNicknames } from "./nicknames.ts";
import type { PreparedName } from "./prepared-name.ts";

const CLOSE = 0.88;
const RANK: { readonly [level in Level]: number } = {
  same: 0,
  variant: 1,
  swapped: 1,
  close: 2,
  near: 2,
  part: 3,
  initial: 3,
  different: 4,
};

export type NameComparison = {
  readonly surname?: FieldComparison;
  readonly given?: FieldComparison;
  /** The surname of one is the given name of the other, and the other way round. */
  readonly isSwapped: boolean;
};

/**
 * The names of two people, by the pair that agrees best within a script. Where both have a name in Chinese characters the characters decide:
 * romanised alike and written differently is another name that sounds the same, and at best `close`.
 */
export function compareNames(a: readonly PreparedName[], b: readonly PreparedName[]): NameComparison {
  const latin = bestOf(pairsOf(a, b, "latin", "latin"));
  const han = bestOf(pairsOf(a, b, "han", "han"));
  if (han !== undefined && latin !== undefined) return writtenDecides(han, latin);
  const mixed = han ?? latin ?? bestOf([...pairsOf(a, b, "han", "latin"), ...pairsOf(a, b, "latin", "han")]);
  return mixed ?? { isSwapped: false };
}

function writtenDecides(han: NameComparison, latin: NameComparison): NameComparison {
  const surname = han.surname ?? latin.surname;
  const { given } = han;
  if (given === undefined) return latin;
  // Another romanisation, or an English name, beside the same characters.
  if (given.level === "same") return { ...han, ...(surname === undefined ? {} : { surname }) };
  const spoken = latin.given;
  const isSameSound = spoken !== undefined && RANK[spoken.level] <= RANK.close;
  return { ...han, given: { ...given, level: isSameSound ? "close" : "different" } };
}

function pairsOf(
  a: readonly PreparedName[],
  b: readonly PreparedName[],
  left: PreparedName["script"],
  right: PreparedName["script"],
): NameComparison[] {
  const others = b.filter(({ script }) => script === right);
  return a.filter(({ script }) => script === left).flatMap((one) => others.map((other) => compareTwo(one, other)));
}

function bestOf(comparisons: readonly NameComparison[]): NameComparison | undefined {
  let best: NameComparison | undefined;
  for (const one of comparisons) if (best === undefined || costOf(one) < costOf(best)) best = one;
  return best;
}

/** Less is better. A part that is missing costs less than one that differs, and more than one that agrees. */
function costOf({ surname, given, isSwapped }: NameComparison): number {
  return rankOf(surname) + rankOf(given) * 1.1 + (isSwapped ? 0.5 : 0);
}

function rankOf(field: FieldComparison | undefined): number {
  return field === undefined ? 2.5 : RANK[field.level];
}

function compareTwo(a: PreparedName, b: PreparedName): NameComparison {
  const straight: NameComparison = {
    ...part("surname", a.surname, b.surname, surnameLevel(a.surname, b.surname)),
    ...part("given", a.given.join(" "), b.given.join(" "), givenLevel(a.given, b.given)),
    isSwapped: false,
  };
  if (rankOf(straight.surname) + rankOf(straight.given) <= 2) return straight;
  const swapped = compareSwapped(a, b);
  const isFound = rankOf(swapped.surname) <= RANK.close;
  return isFound && costOf(swapped) < costOf(straight) ? swapped : straight;
}

/**
 * Each part with the other's place. Which of the two records is in the wrong order is not known: the part that agrees less is taken for the given
 * name, so that the answer is the same from both sides and twins stay twins.
 */
function compareSwapped(a: PreparedName, b: PreparedName): NameComparison {
  const aJoined = a.given.join("");
  const bJoined = b.given.join("");
  const first = simpleLevel(a.surname, bJoined);
  const second = simpleLevel(aJoined, b.surname);
  const isFirstBetter =
    RANK[first ?? "different"] === RANK[second ?? "different"]
      ? [a.surname, bJoined].sort().join("|") < [aJoined, b.surname].sort().join("|")
      : RANK[first ?? "different"] < RANK[second ?? "different"];
  return {
    ...part(isFirstBetter ? "surname" : "given", a.surname, bJoined, first),
    ...part(isFirstBetter ? "given" : "surname", aJoined, b.surname, second),
    isSwapped: true,
  };
}

function part(
  field: "surname" | "given",
  left: string,
  right: string,
  level: Level | undefined,
): Partial<NameComparison> {
  return level === undefined ? {} : { [field]: { level, left, right } };
}

function surnameLevel(a: string, b: string): Level | undefined {
  if (a === "" || b === "") return undefined;
  if (a === b) return "same";
  if (canBeSameSurname(a, b)) return "variant";
  return simpleLevel(a, b);
}

function simpleLevel(a: string, b: string): Level | undefined {
  if (a === "" || b === "") return undefined;
  if (a === b) return "same";
  if (isTypo(a, b)) return "close";
  // Smith and Smith-Jones: one of two surnames after a marriage.
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 4 && long.startsWith(short) ? "close" : "different";
}

function givenLevel(a: readonly string[], b: readonly string[]): Level | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const left = a.join("");
  const right = b.join("");
  if (left === right) return "same";
  if (a.length === b.length && [...a].sort().join(" ") === [...b].sort().join(" ")) return "variant";
  if (areNicknames(a[0] ?? "", b[0] ?? "") && areSameWords(a.slice(1), b.slice(1))) return "variant";
  if (isRomanisedAlike(a, b)) return "variant";
  // Peter Tai Man and Tai Man: whole words of one are all of the other.
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length < long.length && short.join("").length > 1 && isWithin(short, long)) return "variant";
  if (!isRomanisedName(a) && !isRomanisedName(b) && isTypo(left, right)) return "close";
  if (isRomanisedName(a) && isRomanisedName(b)) return romanisedLevel(left, right);
  return isInitial(short, long) ? "initial" : typoOrDifferent(left, right);
}

/** One syllable more or less is another name in Cantonese (Ka Ho, Ka Hei); one letter more or less may be a slip (Wing, Winng). */
function romanisedLevel(a: string, b: string): Level {
  return a.length !== b.length && damerauLevenshtein(a, b, 1) <= 1 ? "close" : "different";
}

function typoOrDifferent(a: string, b: string): Level {
  return isTypo(a, b) ? "close" : "different";
}

/** Whether two second names are the same, or one of the two people has none. */
function areSameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.join("") === b.join("");
}

function isWithin(short: readonly string[], long: readonly string[]): boolean {
  return short.every((word) => long.includes(word));
}

function isInitial(short: readonly string[], long: readonly string[]): boolean {
  const [first = ""] = short;
  const [other = ""] = long;
  return (first.length === 1 || other.length === 1) && first[0] === other[0];
}

/** Alike by Jaro–Winkler, or one slip of the hand in a text of three letters and more, or two in one of five. */
function isTypo(a: string, b: string): boolean {
  if (jaroWinkler(a, b) >= CLOSE) return true;
  const length = Math.min(a.length, b.length);
  const limit = length >= 5 ? 2 : 1;
  return length >= 3 && damerauLevenshtein(a, b, limit) <= limit;
}

function isRomanisedAlike(a: readonly string[], b: readonly string[]): boolean {
  const left = syllablesOf(a);
  const right = syllablesOf(b);
  return left.length >= 2 && canBeSameSyllables(left, right);
}

function isRomanisedName(words: readonly string[]): boolean {
  const syllables = syllablesOf(words);
  return syllables.length >= 2 && syllables.every(isNameSyllable);
}

function syllablesOf(words: readonly string[]): readonly string[] {
  const [only] = words;
  if (words.length !== 1 || only === undefined || only.length > 12) return words;
  return cutIntoSyllables(only) ?? words;
}
