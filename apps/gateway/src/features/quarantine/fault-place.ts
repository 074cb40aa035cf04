import type { ErrorCode, Failure, FindingKind } from "@caseroom/contract";
import type postgres from "postgres";
import type { PatientClaim } from "../patients/patient-index.ts";
import { compareWithRecord, type RecordDifference } from "../patients/record-comparison.ts";

/** The forms in which a patient is described. */
export type ClaimForm = "hl7v2" | "dicom" | "fhir" | "ccda";

/** Where each form says it: HL7 v2.5.1 §3.4.2, DICOM PS3.3 §C.7.1.1, FHIR R4 Patient, recordTarget of CDA R2 §4.2.2.11. */
const PLACES: Readonly<Record<ClaimForm, Readonly<Record<RecordDifference["kind"], string>>>> = {
  hl7v2: { "birth-date": "PID-7", sex: "PID-8", "two-patients": "PID-3", "no-identifier": "PID-3" },
  dicom: {
    "birth-date": "(0010,0030)",
    sex: "(0010,0040)",
    "two-patients": "(0010,0020)",
    "no-identifier": "(0010,0020)",
  },
  fhir: {
    "birth-date": "Patient.birthDate",
    sex: "Patient.gender",
    "two-patients": "Patient.identifier",
    "no-identifier": "Patient.identifier",
  },
  ccda: {
    "birth-date": "patientRole/patient/birthTime",
    sex: "patientRole/patient/administrativeGenderCode",
    "two-patients": "patientRole/id",
    "no-identifier": "patientRole/id",
  },
};

export function placeOf(form: ClaimForm, kind: RecordDifference["kind"]): string {
  return PLACES[form][kind];
}

/** Where a claim that was refused contradicts the record. */
export async function findFaultPlace(
  sql: postgres.ISql,
  form: ClaimForm,
  claim: PatientClaim,
  refused: Failure,
): Promise<string> {
  if (refused.code === "SOURCE_INCOMPLETE") return placeOf(form, "no-identifier");
  const [difference] = (await compareWithRecord(sql, claim)).differences;
  return placeOf(form, difference?.kind ?? "two-patients");
}

const KINDS: Partial<Record<ErrorCode, FindingKind>> = {
  SOURCE_INCOMPLETE: "missing-field",
  SOURCE_UNSUPPORTED: "unsupported",
  PATIENT_MISMATCH: "other-person",
  TOO_LARGE: "too-large",
  DUPLICATE: "same-number",
  CONTEXT_MISMATCH: "wrong-instance",
};

/** What is wrong, by code and place: as much as a list says. */
export function findingKindOf(code: ErrorCode, place: string): FindingKind {
  const kind = KINDS[code] ?? "unreadable";
  const isAt = (one: RecordDifference["kind"]) =>
    Object.values(PLACES).some((places) => place.endsWith(places[one].replace("Patient.", ".")));
  if (kind === "missing-field" && isAt("no-identifier")) return "no-identifier";
  if (kind !== "other-person") return kind;
  return (["birth-date", "sex", "two-patients"] as const).find(isAt) ?? kind;
}
