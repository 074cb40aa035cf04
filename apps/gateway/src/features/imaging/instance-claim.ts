import type { DicomInstance } from "@caseroom/dicom";
import { HKID_SYSTEM, type PatientClaim } from "../patients/patient-index.ts";

/** Whom an instance is of. An id without an issuer is known by `defaultIssuer`: what the institution calls its own ids, or else the sender. */
export function claimOfInstance({ patient }: DicomInstance, defaultIssuer: string): PatientClaim {
  const { id, name, birthDate, sex } = patient;
  const issuer = patient.issuer ?? defaultIssuer;
  const system = issuer.toUpperCase() === HKID_SYSTEM ? HKID_SYSTEM : issuer;
  return { identifiers: id === undefined || id === "" ? [] : [{ system, value: id }], name, birthDate, sex };
}
