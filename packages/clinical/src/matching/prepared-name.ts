import { isNameSyllable, toTraditional } from "./chinese-given-names.ts";
import { hanSurnameLength, isChineseSurname } from "./chinese-surnames.ts";
import type { PersonName } from "./person-record.ts";

/** A name ready to be compared: lower case, no accents, no punctuation. An absent part is empty. */
export type PreparedName = {
  readonly script: "latin" | "han";
  readonly surname: string;
  /** Words of a Latin given name, characters of a Chinese one (traditional). */
  readonly given: readonly string[];
};

const MAX_NAMES = 6;
const MAX_LENGTH = 100;
const HAN = /\p{Script=Han}/u;
const PLACEHOLDER = /^(unknown|unk|unnamed|nil|none|na|test|baby|bb|newborn|infant|anonymous|anon|notknown)$/;

/** The names that say something, each once, at most six; a text in both scripts gives one of each. */
export function prepareNames(names: readonly PersonName[]): readonly PreparedName[] {
  const found = new Map<string, PreparedName>();
  for (const name of names.slice(0, MAX_NAMES)) {
    for (const prepared of prepareName(name)) {
      if (prepared.surname === "" && prepared.given.length === 0) continue;
      found.set(JSON.stringify(prepared), prepared);
    }
  }
  return [...found.values()];
}

/** Lower case, accents and punctuation removed, every run of anything else than letters and digits one space. */
export function foldText(text: string): string {
  return text
    .slice(0, MAX_LENGTH)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/['’`.]/g, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function prepareName(name: PersonName): PreparedName[] {
  const family = name.family ?? "";
  const given = (name.given ?? []).join(" ");
  if (family === "" && given === "") return prepareText(name.text ?? "");
  if (HAN.test(family) || (family === "" && HAN.test(given))) {
    if (family === "") return [hanName(given)];
    return [{ script: "han", surname: hanOf(family), given: [...hanOf(given)] }];
  }
  return [latinName(foldText(family), latinWords(given))];
}

function latinName(surname: string, words: readonly string[]): PreparedName {
  return {
    script: "latin",
    surname: isPlaceholder(surname) ? "" : surname.replaceAll(" ", ""),
    given: words.filter((word) => !isPlaceholder(word)),
  };
}

function prepareText(text: string): PreparedName[] {
  const han = hanOf(text);
  const latin = text.replace(/\p{Script=Han}+/gu, " ").trim();
  return [...(han === "" ? [] : [hanName(han)]), ...(latin === "" ? [] : [splitLatin(latin)])];
}

function hanName(text: string): PreparedName {
  const name = hanOf(text);
  const length = hanSurnameLength(name);
  const characters = [...name];
  return { script: "han", surname: characters.slice(0, length).join(""), given: characters.slice(length) };
}

/** `Chan, Tai Man`; `CHAN Tai Man`; `Chan Tai Man` and `Tai Man Chan` by what is a Chinese surname; else the last word is the surname. */
function splitLatin(text: string): PreparedName {
  const comma = text.indexOf(",");
  if (comma > 0) return latinName(foldText(text.slice(0, comma)), latinWords(text.slice(comma + 1)));
  const raw = text.split(/\s+/);
  const capitals = raw.filter((word) => word.length > 1 && /^[\p{Lu}'’-]+$/u.test(word));
  if (capitals.length > 0 && capitals.length < raw.length && raw.length > 1) {
    const rest = raw.filter((word) => !capitals.includes(word)).join(" ");
    return latinName(foldText(capitals.join(" ")), latinWords(rest));
  }
  const words = foldText(text).split(" ");
  const first = words[0] ?? "";
  const last = words.at(-1) ?? "";
  const isFirst = words.length > 1 && isChineseSurname(first) && words.slice(1).every(isNameSyllable);
  if (isFirst && !(isChineseSurname(last) && words.length === 2)) return latinName(first, words.slice(1));
  return latinName(last, words.slice(0, -1));
}

function latinWords(given: string): readonly string[] {
  return foldText(given)
    .split(" ")
    .filter((word) => word !== "");
}

function isPlaceholder(word: string): boolean {
  return PLACEHOLDER.test(word.replaceAll(" ", ""));
}

function hanOf(text: string): string {
  return toTraditional(
    (
      text
        .slice(0, MAX_LENGTH)
        .normalize("NFKC")
        .match(/\p{Script=Han}+/gu) ?? []
    ).join(""),
  );
}
