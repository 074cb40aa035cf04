import type { Comparison, FieldName, Level } from "./comparison-levels.ts";
import type { PreparedPerson } from "./prepared-person.ts";

/** FHIR's grades of a match (http://terminology.hl7.org/CodeSystem/match-grade), best first. Only `certain` links by itself. */
export const MATCH_GRADES = ["certain", "probable", "possible", "certainly-not"] as const;
export type MatchGrade = (typeof MATCH_GRADES)[number];

/** Why a pair does not have the grade that its score alone would give, or why it is certain. For the screen, which has the words. */
export type GradeReason =
  | "trusted-number-agrees"
  | "evidence-agrees"
  | "name-differs"
  | "generation-differs"
  | "given-name-not-the-same"
  | "birth-date-differs"
  | "sex-differs"
  | "sex-and-birth-date-differ"
  | "national-number-differs"
  | "number-differs"
  | "number-agrees-but-person-differs"
  | "deceased-differs"
  | "may-be-twins"
  | "too-little-evidence"
  | "several-candidates";

export type Thresholds = {
  /** Bits of evidence, beyond the odds of meeting two records of one person by chance, that each grade needs. */
  readonly certain: number;
  readonly probable: number;
  readonly possible: number;
};

/** 1,000 to 1, even odds, and 1 to 1,000. */
export const SHIPPED_THRESHOLDS: Thresholds = { certain: 10, probable: 0, possible: -10 };

type Cap = { readonly reason: GradeReason; readonly grade: MatchGrade };

/**
 * The grade of a pair: by its score, then lowered by every contradiction. `certain` needs more than a score: the name, and two of birth date,
 * a number, and where the person lives or is reached; or a checked national or an issuer's number with the birth date and the name.
 */
export function gradeMatch(
  score: number,
  comparison: Comparison,
  people: readonly [PreparedPerson, PreparedPerson],
  thresholds: Thresholds,
): { readonly grade: MatchGrade; readonly reasons: readonly GradeReason[] } {
  const caps = capsOf(comparison, people);
  const worst = caps.reduce<MatchGrade>((grade, cap) => worseGrade(grade, cap.grade), "certain");
  const reasons = [...new Set(caps.map(({ reason }) => reason))];
  const isTrusted = hasTrustedNumber(comparison, people);
  const byScore = gradeOfScore(score, thresholds);
  if (worst !== "certain") return { grade: worseGrade(byScore, worst), reasons };
  if (isTrusted && isAmong(comparison, "birthDate", "same") && hasName(comparison)) {
    return { grade: "certain", reasons: ["trusted-number-agrees"] };
  }
  if (byScore !== "certain") return { grade: byScore, reasons };
  if (!hasEvidence(comparison)) return { grade: "probable", reasons: ["too-little-evidence"] };
  return { grade: "certain", reasons: ["evidence-agrees"] };
}

/** The lower of two grades. */
export function worseGrade(a: MatchGrade, b: MatchGrade): MatchGrade {
  return MATCH_GRADES.indexOf(a) >= MATCH_GRADES.indexOf(b) ? a : b;
}

/** Whether a grade is as good as another or better. */
export function isAtLeast(grade: MatchGrade, other: MatchGrade): boolean {
  return MATCH_GRADES.indexOf(grade) <= MATCH_GRADES.indexOf(other);
}

function gradeOfScore(score: number, thresholds: Thresholds): MatchGrade {
  if (score >= thresholds.certain) return "certain";
  if (score >= thresholds.probable) return "probable";
  return score >= thresholds.possible ? "possible" : "certainly-not";
}

function capsOf(comparison: Comparison, people: readonly [PreparedPerson, PreparedPerson]): readonly Cap[] {
  return [...contradictions(comparison, people), ...doubts(comparison)];
}

/** What cannot be true of one person, or hardly. */
function contradictions(comparison: Comparison, [a, b]: readonly [PreparedPerson, PreparedPerson]): readonly Cap[] {
  const isBirthOther = isAmong(comparison, "birthDate", "different", "part");
  const isSexOther = isAmong(comparison, "sex", "different");
  const isGivenOther = isAmong(comparison, "given", "different");
  const isSurnameOther = isAmong(comparison, "surname", "different");
  const isOther = [isSurnameOther && isGivenOther, isBirthOther, isSexOther].filter(Boolean).length >= 2;
  const isOtherGeneration = a.generation !== b.generation && a.generation !== "" && b.generation !== "";
  return [
    ...capIf(isGivenOther || (isSurnameOther && !hasNewSurname(comparison)), "name-differs", "probable"),
    ...capIf(isOtherGeneration, "generation-differs", "probable"),
    ...capIf(isBirthOther, "birth-date-differs", "probable"),
    ...capIf(isSexOther, "sex-differs", "probable"),
    ...capIf(isSexOther && isAmong(comparison, "birthDate", "different"), "sex-and-birth-date-differ", "possible"),
    ...capIf(isAmong(comparison, "national", "different"), "national-number-differs", "possible"),
    ...capIf(deceasedDiffers(a, b), "deceased-differs", "probable"),
    ...capIf(bothDied(a, b) && a.deceased !== b.deceased, "deceased-differs", "possible"),
    ...capIf(numbersAgree(comparison) && isOther, "number-agrees-but-person-differs", "possible"),
  ];
}

/** What leaves room for another person: a twin, somebody of the household. */
function doubts(comparison: Comparison): readonly Cap[] {
  const isOtherNumber = isAmong(comparison, "number", "near", "different") && !hasSameHome(comparison);
  const caps = capIf(isOtherNumber, "number-differs", "probable");
  if (numbersAgree(comparison)) return caps;
  const isGivenOther = isAmong(comparison, "given", "different");
  const isGivenLoose = isAmong(comparison, "given", "close", "initial", "variant");
  const isNobody = comparison.given === undefined && comparison.birthDate === undefined;
  return [
    ...caps,
    ...capIf(isNobody, "too-little-evidence", "possible"),
    ...capIf(mayBeTwins(comparison), "may-be-twins", isGivenOther ? "possible" : "probable"),
    ...capIf(isGivenLoose, "given-name-not-the-same", "probable"),
  ];
}

function capIf(condition: boolean, reason: GradeReason, grade: MatchGrade): readonly Cap[] {
  return condition ? [{ reason, grade }] : [];
}

/** Surname and birth date agree and the given name is not the same one: twins share all the rest as well. */
function mayBeTwins(comparison: Comparison): boolean {
  return (
    isAmong(comparison, "surname", "same", "variant", "close") &&
    isAmong(comparison, "birthDate", "same", "swapped") &&
    isAmong(comparison, "given", "different", "close", "initial")
  );
}

function deceasedDiffers(a: PreparedPerson, b: PreparedPerson): boolean {
  const hasDied = (person: PreparedPerson): boolean => person.deceased !== "" && person.deceased !== "no";
  return (hasDied(a) && b.deceased === "no") || (hasDied(b) && a.deceased === "no");
}

/** Both with a date of death that is known to the day. */
function bothDied(a: PreparedPerson, b: PreparedPerson): boolean {
  return a.deceased.length === 8 && b.deceased.length === 8;
}

/** A national number that both wrote down with a valid check digit, or a number of one issuer. */
function hasTrustedNumber(comparison: Comparison, people: readonly [PreparedPerson, PreparedPerson]): boolean {
  if (isAmong(comparison, "issuer", "same")) return true;
  const value = comparison.national?.level === "same" ? comparison.national.left : undefined;
  return people.every(({ identifiers }) => identifiers.some((one) => one.value === value && one.isChecked));
}

function numbersAgree(comparison: Comparison): boolean {
  return NUMBER_FIELDS.some((field) => isAmong(comparison, field, "same"));
}

const NUMBER_FIELDS: readonly FieldName[] = ["national", "issuer", "number"];

/** Surname and given name both agree, or, beside an agreeing number, the one that is known. */
function hasName(comparison: Comparison): boolean {
  const surname = isAmong(comparison, "surname", "same", "variant", "close");
  const given = isAmong(comparison, "given", "same", "variant", "close");
  return (surname && given) || (numbersAgree(comparison) && (surname || given)) || hasNewSurname(comparison);
}

function hasEvidence(comparison: Comparison): boolean {
  const hasNumber = numbersAgree(comparison);
  const birth = isAmong(comparison, "birthDate", "same", ...(hasNumber ? (["swapped", "near"] as const) : []));
  return hasName(comparison) && [birth, hasNumber, hasContact(comparison)].filter(Boolean).length >= 2;
}

/**
 * Reached by the same telephone or e-mail, or living in the same place: beside an agreeing number any two parts of the address, otherwise the same
 * home. An address without a house number is often a poste restante, a hostel or a prison, where many live.
 */
function hasContact(comparison: Comparison): boolean {
  const isNear = isAmong(comparison, "street", "same", "close") || isAmong(comparison, "building", "same");
  const lives = numbersAgree(comparison) ? isNear : hasSameHome(comparison);
  const where = ADDRESS.filter((field) => isAmong(comparison, field, "same")).length >= 2;
  return isAmong(comparison, "phone", "same") || isAmong(comparison, "email", "same") || (lives && where);
}

function hasSameHome(comparison: Comparison): boolean {
  return (
    isAmong(comparison, "house", "same") &&
    isAmong(comparison, "street", "same", "close") &&
    (["building", "locality", "postcode"] as const).some((field) => isAmong(comparison, field, "same"))
  );
}

/** Everything but the surname is the same, a number included: what a marriage leaves. Twins have another given name. */
function hasNewSurname(comparison: Comparison): boolean {
  return (
    isAmong(comparison, "given", "same") &&
    isAmong(comparison, "birthDate", "same") &&
    numbersAgree(comparison) &&
    hasContact(comparison)
  );
}

const ADDRESS: readonly FieldName[] = ["house", "street", "building", "locality", "postcode"];

function isAmong(comparison: Comparison, field: FieldName, ...levels: readonly Level[]): boolean {
  const level = comparison[field]?.level;
  return level !== undefined && levels.includes(level);
}
