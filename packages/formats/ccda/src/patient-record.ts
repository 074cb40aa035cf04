import type { Json } from "@caseroom/clinical";
import type { JsonMembers } from "./cda-time.ts";
import { readInterval, timeMembers, toFhirDateTime } from "./cda-time.ts";
import { type CdaIdentifier, identifiers, nameOf } from "./cda-value.ts";
import { attribute, child, children, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

/** Whom a document says that it is about. */
export type CcdaPatient = {
  readonly identifiers: readonly CdaIdentifier[];
  readonly name: string;
  readonly birthDate?: string;
  readonly sex?: string;
};

/** HL7 v3 AdministrativeGender to FHIR's. */
const GENDERS = new Map([
  ["M", "male"],
  ["F", "female"],
  ["UN", "other"],
]);

/** The patient of the first recordTarget (C-CDA R2.1 §1.1.1). */
export function readPatient(role: XmlElement): CcdaPatient {
  const person = child(role, "patient");
  const birthDate = toFhirDateTime(attribute(child(person, "birthTime"), "value"), "+00:00")?.slice(0, 10);
  const sex = GENDERS.get(attribute(child(person, "administrativeGenderCode"), "code")?.toUpperCase() ?? "");
  return {
    identifiers: identifiers(role),
    name: nameOf(person) ?? "",
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === undefined ? {} : { sex }),
  };
}

/** The members of the FHIR Patient besides its identifiers. */
export function patientBody(role: XmlElement, patient: CcdaPatient, zone: string): JsonMembers {
  const person = child(role, "patient");
  const names = children(person, "name").flatMap((name, index) => humanName(name, index));
  const telecoms = children(role, "telecom").flatMap((each) => contact(each));
  const addresses = children(role, "addr").flatMap((each) => address(each));
  const deceased = attribute(child(person, "sdtc:deceasedTime"), "value");
  const isDeceased = attribute(child(person, "sdtc:deceasedInd"), "value");
  return {
    name: names.length === 0 ? undefined : names,
    telecom: telecoms.length === 0 ? undefined : telecoms,
    gender: patient.sex,
    birthDate: patient.birthDate,
    ...(deceased !== undefined && toFhirDateTime(deceased, zone) !== undefined
      ? timeMembers("deceasedDateTime", deceased, zone)
      : { deceasedBoolean: isDeceased === "true" ? true : undefined }),
    address: addresses.length === 0 ? undefined : addresses,
  };
}

function humanName(name: XmlElement, index: number): Json[] {
  const text = words(name);
  if (text === undefined) return [];
  const part = (of: string) =>
    children(name, of)
      .map((each) => words(each))
      .filter((each) => each !== undefined);
  const given = part("given");
  const family = part("family");
  const end = readInterval(child(name, "validTime")).high;
  return [
    {
      use: end !== undefined ? "old" : index === 0 ? "official" : "usual",
      text: [...part("prefix"), ...given, ...family, ...part("suffix")].join(" ") || text,
      family: family.length === 0 ? undefined : family.join(" "),
      given: given.length === 0 ? undefined : given,
    },
  ];
}

function contact(telecom: XmlElement): Json[] {
  const value = attribute(telecom, "value");
  if (value === undefined) return [];
  const [, scheme = "", rest = value] = /^(tel|mailto|fax):(.+)$/.exec(value) ?? [];
  const system = new Map([
    ["tel", "phone"],
    ["fax", "fax"],
    ["mailto", "email"],
  ]).get(scheme);
  return [{ system: system ?? "other", value: rest }];
}

function address(addr: XmlElement): Json[] {
  const text = words(addr);
  if (text === undefined) return [];
  const lines = children(addr, "streetAddressLine").flatMap((line) => words(line) ?? []);
  return [
    {
      line: lines.length === 0 ? undefined : lines,
      city: words(child(addr, "city")),
      state: words(child(addr, "state")),
      postalCode: words(child(addr, "postalCode")),
      country: words(child(addr, "country")),
    },
  ];
}
