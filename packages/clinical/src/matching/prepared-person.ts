import { checkHkid, normaliseHkid } from "../hkid.ts";
import { prepareDate } from "./birth-date.ts";
import type { IdentifierTrust, PersonAddress, PersonRecord } from "./person-record.ts";
import { foldText, type PreparedName, prepareNames } from "./prepared-name.ts";

/** A person ready to be compared: every text folded once. Absent is empty. */
export type PreparedPerson = {
  readonly names: readonly PreparedName[];
  /** Of a family's generations, by number: a junior is the second. Empty when it is not said. */
  readonly generation: string;
  readonly birthDate: string;
  readonly sex: "" | "female" | "male" | "other";
  readonly identifiers: readonly PreparedIdentifier[];
  readonly addresses: readonly PreparedAddress[];
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  /** Empty when nothing is said, `no`, `yes`, or the date of death. */
  readonly deceased: string;
};

export type PreparedIdentifier = {
  readonly system: string;
  readonly value: string;
  readonly trust: IdentifierTrust;
  /** Its check digit holds: careful typing, not identity. */
  readonly isChecked: boolean;
};

export type PreparedAddress = {
  readonly house: string;
  readonly street: string;
  readonly building: string;
  readonly locality: string;
  readonly postcode: string;
  readonly region: string;
};

/** Which trust an identifier of a system has. */
export type TrustOf = (system: string) => IdentifierTrust;

const MAX_VALUES = 8;
const MAX_LENGTH = 64;
const GENERATIONS: { readonly [suffix: string]: string } = { sr: "1", jr: "2", ii: "2", iii: "3", iv: "4" };
const PHONE_DIGITS = 8;
const STREET_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\b(street|str)\b/g, "st"],
  [/\b(road)\b/g, "rd"],
  [/\b(avenue|av)\b/g, "ave"],
  [/\b(drive)\b/g, "dr"],
  [/\b(lane)\b/g, "ln"],
  [/\b(court|crt)\b/g, "ct"],
  [/\b(place)\b/g, "pl"],
  [/\b(crescent|cres)\b/g, "cr"],
  [/\b(circuit|cct)\b/g, "cir"],
  [/\b(parkway|pkwy)\b/g, "pky"],
  [/\b(mount)\b/g, "mt"],
  [/\b(building|bldg)\b/g, "bd"],
  [/\b(apartment|apt|suite|ste|flat|unit|room|rm)\b/g, "fl"],
];

/** Makes a record ready. Values beyond eight of a kind and beyond 64 characters are not looked at. */
export function preparePerson(record: PersonRecord, trustOf: TrustOf): PreparedPerson {
  return {
    names: prepareNames(record.names),
    generation: GENERATIONS[foldText(record.names.find(({ suffix }) => suffix !== undefined)?.suffix ?? "")] ?? "",
    birthDate: prepareDate(record.birthDate),
    sex: record.sex ?? "",
    identifiers: (record.identifiers ?? []).slice(0, MAX_VALUES).flatMap(({ system, value }) => {
      const one = prepareIdentifier(system.replace(/\p{Cc}/gu, ""), value, trustOf(system));
      return one === undefined ? [] : [one];
    }),
    addresses: (record.addresses ?? []).slice(0, MAX_VALUES).map(prepareAddress),
    phones: distinct((record.phones ?? []).map(preparePhone)),
    emails: distinct((record.emails ?? []).map(prepareEmail)),
    deceased: prepareDeceased(record.deceased),
  };
}

function prepareIdentifier(system: string, value: string, trust: IdentifierTrust): PreparedIdentifier | undefined {
  if (system === "HKID") {
    const hkid = normaliseHkid(value.slice(0, MAX_LENGTH));
    if (hkid !== undefined) return { system, value: hkid, trust, isChecked: checkHkid(hkid) === "valid" };
  }
  const folded = foldText(value.slice(0, MAX_LENGTH)).replaceAll(" ", "");
  // 000-00-0000 and 9999999 are how a form says that it has no number.
  if (folded === "" || /^(.)\1*$/u.test(folded)) return undefined;
  return { system, value: folded, trust, isChecked: false };
}

function prepareAddress(address: PersonAddress): PreparedAddress {
  return {
    house: foldText(address.number ?? "").replaceAll(" ", ""),
    street: STREET_WORDS.reduce((text, [word, short]) => text.replace(word, short), foldText(address.street ?? "")),
    building: foldText(address.building ?? ""),
    locality: foldText(address.locality ?? ""),
    postcode: foldText(address.postcode ?? "").replaceAll(" ", ""),
    region: foldText(address.region ?? ""),
  };
}

function prepareEmail(email: string): string {
  const folded = email
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[\p{Cc}\s]/gu, "");
  return folded.length < 5 ? "" : folded;
}

/** The last eight digits: a Hong Kong number, and enough of any other, with or without the country's prefix. */
function preparePhone(phone: string): string {
  const digits = phone.slice(0, MAX_LENGTH).replace(/\D/g, "");
  return digits.length < 6 || /^(\d)\1*$/.test(digits) ? "" : digits.slice(-PHONE_DIGITS);
}

function prepareDeceased(deceased: boolean | string | undefined): string {
  if (deceased === undefined) return "";
  if (typeof deceased === "boolean") return deceased ? "yes" : "no";
  const date = prepareDate(deceased.slice(0, 10));
  return date === "" ? "yes" : date;
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== ""))].slice(0, MAX_VALUES);
}
