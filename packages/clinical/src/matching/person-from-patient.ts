import { type FhirObject, identifiersOf, objectsOf, textOf, textsOf } from "../fhir-value.ts";
import type { PersonAddress, PersonName, PersonRecord } from "./person-record.ts";

const SEXES = ["female", "male", "other"] as const;
const NUMBER_FIRST = /^(?:flat|unit|room|rm|apt)?\.?\s*([0-9]+[a-z]?)\b[,\s]*(.*)$/i;

/** What a FHIR Patient (R4 §8.1) says about who it is. Names that were entered in error and old addresses are left out. */
export function personFromPatient(patient: FhirObject): PersonRecord {
  const birthDate = textOf(patient.birthDate);
  const sex = SEXES.find((one) => one === textOf(patient.gender));
  const telecom = objectsOf(patient.telecom);
  const valuesOf = (system: string): string[] =>
    telecom.flatMap((one) => (textOf(one.system) === system ? (textOf(one.value) ?? []) : []));
  const deceased = textOf(patient.deceasedDateTime) ?? patient.deceasedBoolean;
  return {
    names: objectsOf(patient.name).map(nameOf),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === undefined ? {} : { sex }),
    identifiers: identifiersOf(patient),
    addresses: objectsOf(patient.address)
      .filter((address) => textOf(address.use) !== "old")
      .map(addressOf),
    phones: [...valuesOf("phone"), ...valuesOf("sms")],
    emails: valuesOf("email"),
    ...(typeof deceased === "string" || typeof deceased === "boolean" ? { deceased } : {}),
  };
}

function nameOf(name: FhirObject): PersonName {
  const family = textOf(name.family);
  const text = textOf(name.text);
  const [suffix] = textsOf(name.suffix);
  return {
    ...(suffix === undefined ? {} : { suffix }),
    ...(family === undefined ? {} : { family }),
    given: textsOf(name.given),
    ...(text === undefined ? {} : { text }),
  };
}

function addressOf(address: FhirObject): PersonAddress {
  const [first = "", ...rest] = textsOf(address.line);
  const split = NUMBER_FIRST.exec(first.trim());
  const parts = {
    number: split?.[1],
    street: split === null ? first : split[2],
    building: rest.join(" "),
    locality: textOf(address.city) ?? textOf(address.district),
    postcode: textOf(address.postalCode),
    region: textOf(address.state),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, text]) => text !== undefined && text !== ""));
}
