import type { Json } from "@caseroom/clinical";
import type { Hl7Segment } from "@medplum/core";
import { type Components, component, repetitions, textAt } from "./hl7-field.ts";
import { toFhirDate } from "./hl7-time.ts";

export type Hl7Patient = {
  /** PID-3, in order: assigning authority (PID-3.4.1), type (PID-3.5) and the number itself. */
  readonly identifiers: readonly {
    readonly authority?: string;
    readonly type?: string;
    readonly value: string;
    /** The sender has merged it into the others: it will not be used again. */
    readonly isOld?: true;
  }[];
  readonly name: string;
  readonly birthDate?: string;
  readonly sex?: string;
};

/** HL7 table 0001 to FHIR AdministrativeGender. */
const GENDER_BY_SEX = new Map([
  ["M", "male"],
  ["F", "female"],
  ["O", "other"],
  ["A", "other"],
  ["N", "other"],
  ["U", "unknown"],
]);

/** Who the message is about (PID). Without a usable PID-3 there are no identifiers; the caller refuses that. */
export function readPatient(pid: Hl7Segment | undefined): Hl7Patient {
  const birthDate = toFhirDate(component(pid, 7, 1));
  const sex = GENDER_BY_SEX.get((component(pid, 8, 1) ?? "").toUpperCase());
  return {
    identifiers: identifiersOf(pid),
    name: names(pid)[0]?.text ?? "",
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === undefined ? {} : { sex }),
  };
}

/** The FHIR Patient. The assigning authority is the identifier's system; without one the sending facility is. */
export function patientResource(pid: Hl7Segment | undefined, patient: Hl7Patient, facility: string): Json {
  return {
    resourceType: "Patient",
    identifier: patient.identifiers.map(({ authority, type, value, isOld }) => ({
      use: isOld === true ? "old" : undefined,
      system: authority ?? facility,
      value,
      type:
        type === undefined
          ? undefined
          : { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: type }] },
    })),
    name: names(pid).map(({ text, family, given }, index) => ({
      use: index === 0 ? "official" : "usual",
      text,
      family,
      given,
    })),
    gender: patient.sex,
    birthDate: patient.birthDate,
  };
}

/** PID-3; where it is empty, PID-2 or PID-4, which were the same thing until HL7 v2.3.1 (§3.4.2). */
function identifiersOf(pid: Hl7Segment | undefined): Hl7Patient["identifiers"] {
  const found = [3, 2, 4].map((field) => readIdentifiers(pid, field));
  return found.find((identifiers) => identifiers.length > 0) ?? [];
}

/**
 * The patient under the numbers that were merged as well: MRG-1, and MRG-2 of early versions (HL7 v2.5.1 §3.4.9). The same value when there
 * are none.
 */
export function mergePatient(patient: Hl7Patient, mrg: Hl7Segment | undefined): Hl7Patient {
  const prior = [1, 2].map((field) => readIdentifiers(mrg, field)).find((numbers) => numbers.length > 0);
  if (prior === undefined) return patient;
  // A number without an issuer is the same sender's as the one that survives.
  const authority = patient.identifiers[0]?.authority;
  const merged = prior.map((one) => ({
    ...(authority === undefined ? {} : { authority }),
    ...one,
    isOld: true as const,
  }));
  return { ...patient, identifiers: [...patient.identifiers, ...merged] };
}

/** The numbers of a CX field (HL7 v2.5.1 §2.A.14). */
function readIdentifiers(segment: Hl7Segment | undefined, field: number): Hl7Patient["identifiers"] {
  return repetitions(segment, field).flatMap((components) => identifier(segment, components));
}

function identifier(pid: Hl7Segment | undefined, components: Components): Hl7Patient["identifiers"] {
  const value = textAt(pid, components, 1);
  const authority = textAt(pid, components, 4);
  const type = textAt(pid, components, 5);
  if (value === undefined) return [];
  return [{ value, ...(authority === undefined ? {} : { authority }), ...(type === undefined ? {} : { type }) }];
}

type Name = {
  readonly text: string;
  readonly family: string | undefined;
  readonly given: readonly string[] | undefined;
};

/** PID-5 (XPN): family, given, further given names. Chinese names are written without blanks. */
function names(pid: Hl7Segment | undefined): readonly Name[] {
  return repetitions(pid, 5).flatMap((components) => {
    const family = textAt(pid, components, 1);
    const given = [textAt(pid, components, 2), textAt(pid, components, 3)].filter((part) => part !== undefined);
    const parts = [family, ...given].filter((part) => part !== undefined);
    if (parts.length === 0) return [];
    const isHan = parts.every((part) => /^\p{Script=Han}+$/u.test(part));
    return [{ text: parts.join(isHan ? "" : " "), family, given: given.length === 0 ? undefined : given }];
  });
}
