import { type Hl7Reading, hl7Sender } from "@caseroom/hl7v2";
import { HKID_SYSTEM, type PatientClaim } from "./patient-index.ts";

/** Whom a message is about. A patient is known by the issuer of a number, or else by the sender that uses it. */
export function claimOfMessage(reading: Hl7Reading): PatientClaim {
  const own = hl7Sender(reading);
  const identifiers = reading.patient.identifiers.map(({ authority, value }) => ({
    system: authority === undefined ? own : authority.toUpperCase() === HKID_SYSTEM ? HKID_SYSTEM : authority,
    value,
  }));
  return { identifiers, name: reading.patient.name, birthDate: reading.patient.birthDate, sex: reading.patient.sex };
}
