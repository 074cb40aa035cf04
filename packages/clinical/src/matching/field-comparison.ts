import { compareDates } from "./birth-date.ts";
import type { Comparison, FieldComparison, FieldName, Level } from "./comparison-levels.ts";
import { damerauLevenshtein } from "./damerau-levenshtein.ts";
import { jaroWinkler } from "./jaro-winkler.ts";
import { compareNames } from "./name-comparison.ts";
import type { IdentifierTrust } from "./person-record.ts";
import type { PreparedAddress, PreparedIdentifier, PreparedPerson } from "./prepared-person.ts";

const CLOSE = 0.88;
type Fields = { -readonly [field in FieldName]?: FieldComparison };

/** How two people agree, field by field. Symmetric but for which text is left. */
export function comparePeople(a: PreparedPerson, b: PreparedPerson): Comparison {
  const { surname, given, isSwapped } = compareNames(a.names, b.names);
  const fields: Fields = { ...bestAddress(a.addresses, b.addresses) };
  if (surname !== undefined) fields.surname = surname;
  if (given !== undefined) fields.given = given;
  if (a.birthDate !== "" && b.birthDate !== "") {
    fields.birthDate = {
      level: compareDates(a.birthDate, b.birthDate),
      left: a.birthDate,
      right: b.birthDate,
    };
  }
  if (a.sex !== "" && b.sex !== "") {
    fields.sex = { level: a.sex === b.sex ? "same" : "different", left: a.sex, right: b.sex };
  }
  for (const [field, trust] of NUMBERS) put(fields, field, compareIdentifiers(a.identifiers, b.identifiers, trust));
  put(fields, "phone", bestPair(a.phones, b.phones, nearLevel));
  put(fields, "email", bestPair(a.emails, b.emails, emailLevel));
  return { ...fields, isNameSwapped: isSwapped };
}

const NUMBERS = [
  ["national", "national"],
  ["issuer", "issuer"],
  ["number", "unchecked"],
] as const satisfies readonly (readonly [FieldName, IdentifierTrust])[];

function put(fields: Fields, field: FieldName, comparison: FieldComparison | undefined): void {
  if (comparison !== undefined) fields[field] = comparison;
}

/** The best pair of numbers of one system. */
function compareIdentifiers(
  a: readonly PreparedIdentifier[],
  b: readonly PreparedIdentifier[],
  trust: IdentifierTrust,
): FieldComparison | undefined {
  let best: FieldComparison | undefined;
  for (const left of a) {
    if (left.trust !== trust) continue;
    for (const right of b) {
      if (right.trust !== trust || right.system !== left.system) continue;
      const level = identifierLevel(left, right);
      if (best === undefined || level === "same" || (level === "near" && best.level === "different")) {
        best = { level, left: left.value, right: right.value };
      }
    }
  }
  return best;
}

function identifierLevel(a: PreparedIdentifier, b: PreparedIdentifier): Level {
  if (a.value === b.value) return "same";
  // One institution's numbers run on: a neighbour is somebody else. And no slip of one digit leaves a check digit valid.
  if (a.trust === "issuer" || (a.isChecked && b.isChecked)) return "different";
  const limit = Math.min(a.value.length, b.value.length) >= 7 ? 2 : 1;
  return damerauLevenshtein(a.value, b.value, limit) <= limit ? "near" : "different";
}

function bestPair(
  a: readonly string[],
  b: readonly string[],
  levelOf: (left: string, right: string) => Level,
): FieldComparison | undefined {
  let best: FieldComparison | undefined;
  for (const left of a) {
    for (const right of b) {
      const level = levelOf(left, right);
      if (best === undefined || level === "same" || (level !== "different" && best.level === "different")) {
        best = { level, left, right };
      }
    }
  }
  return best;
}

function emailLevel(a: string, b: string): Level {
  if (a === b) return "same";
  return jaroWinkler(a, b) >= CLOSE ? "close" : "different";
}

function nearLevel(a: string, b: string): Level {
  if (a === b) return "same";
  return damerauLevenshtein(a, b, 1) <= 1 ? "near" : "different";
}

function closeLevel(a: string, b: string): Level {
  if (a === b) return "same";
  return jaroWinkler(a, b) >= CLOSE ? "close" : "different";
}

/** The pair of addresses that has the most in common; street and building may have been typed into each other's field. */
function bestAddress(a: readonly PreparedAddress[], b: readonly PreparedAddress[]): Fields {
  let best: Fields = {};
  let mostAlike = -1;
  for (const left of a) {
    for (const right of b) {
      const fields = compareAddresses(left, right);
      const alike = Object.values(fields).filter(({ level }) => level !== "different").length;
      if (alike <= mostAlike) continue;
      mostAlike = alike;
      best = fields;
    }
  }
  return best;
}

function compareAddresses(a: PreparedAddress, b: PreparedAddress): Fields {
  const fields: Fields = {};
  const isCrossed =
    isAlike(a.street, b.building) && (isAlike(a.building, b.street) || a.building === "" || b.street === "");
  put(fields, "street", levelled(a.street, isCrossed ? b.building : b.street, closeLevel));
  put(fields, "building", levelled(a.building, isCrossed ? b.street : b.building, closeLevel));
  put(fields, "house", levelled(a.house, b.house, nearLevel));
  put(fields, "locality", levelled(a.locality, b.locality, closeLevel));
  put(fields, "postcode", levelled(a.postcode, b.postcode, nearLevel));
  put(
    fields,
    "region",
    levelled(a.region, b.region, (left, right) => (left === right ? "same" : "different")),
  );
  return fields;
}

function isAlike(a: string, b: string): boolean {
  return a !== "" && b !== "" && closeLevel(a, b) !== "different";
}

function levelled(
  left: string,
  right: string,
  levelOf: (left: string, right: string) => Level,
): FieldComparison | undefined {
  return left === "" || right === "" ? undefined : { level: levelOf(left, right), left, right };
}
