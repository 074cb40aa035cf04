import { createAssembler, type Fragment, type Picture, parseFragment } from "@caseroom/clinical";
import { expectOk } from "@caseroom/contract";

const INSTITUTIONS = {
  hgh: { name: "Harbour General Hospital", system: "CMS" },
  kdc: { name: "Kowloon Diagnostic Centre", system: "LabCore LIS" },
  chc: { name: "Central Heart Clinic", system: "ClinicDesk" },
};
type InstitutionKey = keyof typeof INSTITUTIONS;

export const DAY_MS = 86_400_000;

const HBA1C = [6.9, 7.2, 7.6, 8.1, 8.4, 8.0, 7.7, 7.4, 7.5, 7.2, 7.1, 7.3, 7.0, 7.1];

/** The record of Chan Tai Man as three institutions tell it, assembled by the real assembler. */
export function pretendFragments(nowMs: number): readonly Fragment[] {
  let count = 0;
  const day = (daysAgo: number) => new Date(nowMs - daysAgo * DAY_MS).toISOString();
  const put = (institution: InstitutionKey, resource: object, daysAgo = 3, originalMediaType?: string): Fragment => {
    const { name, system } = INSTITUTIONS[institution];
    count += 1;
    return expectOk(
      parseFragment({
        id: `${count.toString(16).padStart(64, "0")}:0`,
        json: JSON.stringify(resource),
        provenance: {
          institutionId: institution,
          institution: name,
          system,
          receivedMs: nowMs - daysAgo * DAY_MS,
          ...(originalMediaType === undefined ? {} : { originalMediaType }),
        },
      }),
      "a pretended fragment",
    );
  };
  const patient = (birthDate: string) => ({
    resourceType: "Patient",
    name: [{ text: "Chan Tai Man" }],
    birthDate,
    gender: "male",
    identifier: [{ system: "HKID", value: "A123456(3)" }],
  });
  const coded = (system: string, code: string, text: string) => ({ coding: [{ system, code, display: text }], text });
  const lab = (
    code: string,
    name: string,
    value: number,
    unit: string,
    daysAgo: number,
    range: object,
    id: string,
  ) => ({
    resourceType: "Observation",
    status: "final",
    category: [{ coding: [{ code: "laboratory" }] }],
    identifier: [{ system: "urn:kdc", value: id }],
    code: coded("http://loinc.org", code, name),
    effectiveDateTime: day(daysAgo),
    valueQuantity: { value, unit },
    referenceRange: [range],
    ...interpretation(value, range),
  });
  const hba1c = HBA1C.map((value, index) => {
    const daysAgo = (HBA1C.length - index) * 121;
    const range = { low: { value: 4, unit: "%" }, high: { value: 6, unit: "%" } };
    return lab("4548-4", "HbA1c", value, "%", daysAgo, range, `A1C-${index}`);
  });
  const chemistry = (code: string, name: string, unit: string, values: readonly number[], low: number, high: number) =>
    values.map((value, index) =>
      lab(
        code,
        name,
        value,
        unit,
        20 + (values.length - index) * 150,
        { low: { value: low }, high: { value: high } },
        `${code}-${index}`,
      ),
    );
  return [
    put("hgh", patient("1957-03-14")),
    put("chc", patient("1957-04-13")),
    put("kdc", {
      resourceType: "DiagnosticReport",
      status: "final",
      code: { text: "HbA1c report" },
      effectiveDateTime: day(121),
    }),
    ...hba1c.map((resource) => put("kdc", resource, 2, "application/hl7-v2")),
    put("chc", hba1c.at(-1) ?? {}, 1),
    ...[
      ...chemistry("2160-0", "Creatinine", "µmol/L", [88, 92, 97, 101, 118], 64, 104),
      ...chemistry("2823-3", "Potassium", "mmol/L", [4.1, 4.3, 4.2, 4.6, 6.3], 3.5, 5.1),
      ...chemistry("18262-6", "LDL cholesterol", "mmol/L", [3.9, 3.4, 2.8, 2.2, 1.9], 0, 2.6),
      ...chemistry("718-7", "Haemoglobin", "g/dL", [13.8, 13.6, 13.1, 12.4, 11.9], 13, 17),
      ...chemistry("33762-6", "NT-proBNP", "pg/mL", [420, 610, 980], 0, 450),
    ].map((resource) => put("kdc", resource, 2, "application/hl7-v2")),
    put("hgh", {
      resourceType: "AllergyIntolerance",
      clinicalStatus: { coding: [{ code: "active" }] },
      criticality: "high",
      code: coded("http://snomed.info/sct", "91936005", "Penicillin"),
      onsetDateTime: "1998",
      reaction: [{ manifestation: [{ text: "Anaphylaxis" }], severity: "severe" }],
    }),
    put("hgh", {
      resourceType: "AllergyIntolerance",
      clinicalStatus: { coding: [{ code: "active" }] },
      code: coded("http://snomed.info/sct", "293637006", "Iodinated contrast"),
      onsetDateTime: "2016-05",
      reaction: [{ manifestation: [{ text: "Urticaria" }] }],
    }),
    put("chc", {
      resourceType: "AllergyIntolerance",
      code: coded("http://snomed.info/sct", "716186003", "No known allergy"),
    }),
    ...[
      ["Severe aortic stenosis", "2025-09", "active"],
      ["Type 2 diabetes mellitus", "2011", "active"],
      ["Essential hypertension", "2008-02", "active"],
      ["Paroxysmal atrial fibrillation", "2023-11-20", "active"],
      ["Pneumonia", "2021-01-04", "resolved"],
    ].map(([text, onset, status]) =>
      put("hgh", {
        resourceType: "Condition",
        clinicalStatus: { coding: [{ code: status }] },
        category: [{ coding: [{ code: "problem-list-item" }] }],
        code: { text },
        onsetDateTime: onset,
      }),
    ),
    ...[
      ["chc", "Apixaban 5 mg", "1 tablet twice daily"],
      ["chc", "Metformin 1 g", "1 tablet twice daily with meals"],
      ["hgh", "Atorvastatin 40 mg", "1 tablet at night"],
      ["hgh", "Lisinopril 10 mg", "1 tablet in the morning"],
    ].map(([institution, text, dosage], index) =>
      put(institution === "chc" ? "chc" : "hgh", {
        resourceType: "MedicationStatement",
        status: "active",
        medicationCodeableConcept: { text },
        effectivePeriod: { start: day(300 + index * 200) },
        dosage: [{ text: dosage }],
      }),
    ),
    ...[
      [40, "Cardiology outpatient visit"],
      [290, "Echocardiography visit"],
      [1960, "Emergency admission"],
    ].map(([daysAgo, text]) =>
      put("hgh", {
        resourceType: "Encounter",
        status: "finished",
        class: { code: "AMB" },
        type: [{ text }],
        period: { start: day(Number(daysAgo)) },
      }),
    ),
    put("hgh", {
      resourceType: "Procedure",
      status: "completed",
      code: { text: "Coronary angiography" },
      performedDateTime: day(36),
    }),
    put("chc", {
      resourceType: "Immunization",
      status: "completed",
      vaccineCode: { text: "Influenza vaccine" },
      occurrenceDateTime: day(160),
    }),
  ];
}

/** The picture of those fragments. */
export function pretendPicture(fragments: readonly Fragment[]): Picture {
  const assembler = createAssembler();
  assembler.add(fragments);
  return assembler.picture();
}

function interpretation(value: number, range: { low?: { value: number }; high?: { value: number } }): object {
  if (value > 6.2 && value < 6.4) return { interpretation: [{ coding: [{ code: "HH" }] }] };
  if (range.high !== undefined && value > range.high.value) return { interpretation: [{ coding: [{ code: "H" }] }] };
  if (range.low !== undefined && value < range.low.value) return { interpretation: [{ coding: [{ code: "L" }] }] };
  return {};
}
