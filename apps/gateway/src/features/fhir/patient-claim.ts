import { type FhirObject, type FhirResource, identifiersOf, objectsOf, textOf } from "@caseroom/clinical";
import { HKID_SYSTEM, type PatientClaim } from "../patients/patient-index.ts";

/** Who a Patient resource says the patient is; `undefined` without an identifier that names its issuer. */
export function claimOf(patient: FhirResource): PatientClaim | undefined {
  const identifiers = identifiersOf(patient).flatMap(({ system, value }) =>
    system === "" ? [] : [{ system: system.toUpperCase() === HKID_SYSTEM ? HKID_SYSTEM : system, value }],
  );
  if (identifiers.length === 0) return undefined;
  return {
    identifiers,
    name: nameOf(objectsOf(patient.name)),
    birthDate: textOf(patient.birthDate),
    sex: textOf(patient.gender),
  };
}

function nameOf(names: readonly FhirObject[]): string {
  const [name] = names;
  if (name === undefined) return "";
  const given = Array.isArray(name.given) ? name.given.filter((part) => typeof part === "string").join(" ") : "";
  return textOf(name.text) ?? [textOf(name.family) ?? "", given].filter((part) => part !== "").join(" ");
}
