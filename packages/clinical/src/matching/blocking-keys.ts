import { dateKey } from "./birth-date.ts";
import { romaniseCharacter, syllableKey } from "./chinese-given-names.ts";
import { romaniseSurname } from "./chinese-surnames.ts";
import type { PreparedName } from "./prepared-name.ts";
import type { PreparedAddress, PreparedPerson } from "./prepared-person.ts";

/**
 * The keys under which a person is found: whoever shares one is compared. Each alone survives errors in the fields that it leaves out; together
 * they survive two wrong fields in most people. The name of the key's kind comes first, so that training can leave its fields out.
 */
export function blockingKeys(person: PreparedPerson): readonly string[] {
  const keys = new Set<string>();
  for (const { system, value } of person.identifiers) keys.add(`number|${system}|${value}`);
  for (const phone of person.phones) keys.add(`phone|${phone}`);
  for (const email of person.emails) keys.add(`email|${email}`);
  const { birthDate } = person;
  if (birthDate.length === 8) keys.add(`birth|${dateKey(birthDate)}`);
  const months = monthKeys(birthDate);
  const postcodes = person.addresses.flatMap(({ postcode }) => (postcode === "" ? [] : [postcode]));
  for (const name of person.names) {
    const codes = nameCodes(name);
    if (codes.every((code) => code !== "")) keys.add(`name|${[...codes].sort().join("|")}`);
    // One kind for surname and given name: they are exchanged in some records.
    for (const code of codes.filter((each) => each !== "")) {
      for (const month of months) keys.add(`month|${code}|${month}`);
      for (const postcode of postcodes) keys.add(`post|${code}|${postcode}`);
    }
    for (const address of person.addresses) addHome(keys, address, codes[1]);
  }
  return [...keys];
}

function addHome(keys: Set<string>, { house, street }: PreparedAddress, given: string): void {
  if (house === "" || street === "") return;
  keys.add(`street|${house}|${phoneticCode(street.split(" ")[0] ?? "")}|${given}`);
}

/**
 * One code for words that sound or look alike: the first letter and the classes of up to three consonants after it (Soundex's, R. C. Russell,
 * US 1261167, 1918).
 */
export function phoneticCode(word: string): string {
  const first = word[0] ?? "";
  let code = first;
  let last = CLASSES[first] ?? "";
  for (let i = 1; i < word.length && code.length < 4; i += 1) {
    const letter = word[i] ?? "";
    const found = CLASSES[letter] ?? "";
    if (found !== "" && found !== last) code += found;
    if (letter !== "h" && letter !== "w") last = found;
  }
  return code;
}

const CLASSES: { readonly [letter: string]: string } = Object.fromEntries(
  ["bfpv", "cgjkqsxz", "dt", "l", "mn", "r"].flatMap((letters, index) =>
    [...letters].map((letter) => [letter, String(index + 1)]),
  ),
);

/** Of a name in Chinese characters the codes of its Cantonese reading, so that it meets its romanisation. */
function nameCodes(name: PreparedName): readonly [surname: string, given: string] {
  if (name.script === "latin") return [phoneticCode(name.surname), givenCode(name.given)];
  const surname = romaniseSurname(name.surname) ?? name.surname;
  return [phoneticCode(surname), givenCode(name.given.map((character) => romaniseCharacter(character) ?? character))];
}

function givenCode(words: readonly string[]): string {
  const joined = words.join("");
  return joined.length > 8 || words.length < 2 ? phoneticCode(joined) : phoneticCode(words.map(syllableKey).join(""));
}

function monthKeys(birthDate: string): readonly string[] {
  if (birthDate.length < 6) return [];
  const year = birthDate.slice(0, 4);
  const month = birthDate.slice(4, 6);
  return [`${year}|${month}`];
}
