import { InvariantError } from "@caseroom/contract";
import type { PreparedPerson, TrustOf } from "./prepared-person.ts";

/*
 * A prepared person as one text: an index of a million people keeps a million short texts instead of twenty million objects. The
 * separators are control characters, which preparing removes from every text.
 */
const FIELD = "\u001f";
const ITEM = "\u001e";
const PART = "\u001d";

/** The person as one text. */
export function packPerson(person: PreparedPerson): string {
  return [
    person.names.map((name) => [name.script === "han" ? "h" : "l", name.surname, ...name.given].join(PART)).join(ITEM),
    person.birthDate,
    person.sex,
    person.identifiers
      .map(({ system, value, isChecked }) => [system, value, isChecked ? "1" : ""].join(PART))
      .join(ITEM),
    person.addresses
      .map((one) => [one.house, one.street, one.building, one.locality, one.postcode, one.region].join(PART))
      .join(ITEM),
    person.phones.join(ITEM),
    person.emails.join(ITEM),
    person.deceased,
    person.generation,
  ].join(FIELD);
}

/** The person again. Throws where the text was not packed here. */
export function unpackPerson(text: string, trustOf: TrustOf): PreparedPerson {
  const fields = text.split(FIELD);
  const [names = "", birthDate = "", sex = "", identifiers = "", addresses = "", phones = "", emails = ""] = fields;
  if (fields.length !== 9 || !isSex(sex)) throw new InvariantError("not a packed person");
  return {
    names: itemsOf(names).map((item) => {
      const [script, surname = "", ...given] = item.split(PART);
      return { script: script === "h" ? "han" : "latin", surname, given };
    }),
    birthDate,
    sex,
    identifiers: itemsOf(identifiers).map((item) => {
      const [system = "", value = "", checked] = item.split(PART);
      return { system, value, trust: trustOf(system), isChecked: checked === "1" };
    }),
    addresses: itemsOf(addresses).map((item) => {
      const [house = "", street = "", building = "", locality = "", postcode = "", region = ""] = item.split(PART);
      return { house, street, building, locality, postcode, region };
    }),
    phones: itemsOf(phones),
    emails: itemsOf(emails),
    deceased: fields[7] ?? "",
    generation: fields[8] ?? "",
  };
}

function itemsOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(ITEM);
}

function isSex(text: string): text is PreparedPerson["sex"] {
  return text === "" || text === "female" || text === "male" || text === "other";
}
