/** The resources of a long record of one patient, as JSON texts: four in five are results, as in hospital records. */
export function longRecord(size: number): readonly string[] {
  return Array.from({ length: size }, (_, i) => JSON.stringify(resourceOf(i, size)));
}

const CODES = [
  "8480-6",
  "8462-4",
  "8867-4",
  "29463-7",
  "4548-4",
  "2345-7",
  "2160-0",
  "2951-2",
  "2823-3",
  "718-7",
  "777-3",
];
const UNITS = ["mm[Hg]", "mm[Hg]", "/min", "kg", "%", "mmol/L", "umol/L", "mmol/L", "mmol/L", "g/dL", "10*9/L"];
const MEDICINES = [
  "Amlodipine 5 MG Oral Tablet",
  "Metformin 500 mg tablet",
  "Norvasc 5mg",
  "Atorvastatin 40 mg",
  "Aspirin 81 MG",
];
const FIRST_MS = Date.UTC(2006, 0, 1);
const SPAN_MS = 20 * 365 * 86_400_000;

function resourceOf(i: number, size: number): object {
  const at = new Date(FIRST_MS + Math.floor((i / size) * SPAN_MS)).toISOString();
  const subject = { reference: "Patient/1" };
  const kind = i % 100;
  if (kind < 80) return result(i, at, subject);
  if (kind < 85) {
    const text = MEDICINES[i % MEDICINES.length];
    const status = i % 3 === 0 ? "active" : "stopped";
    return {
      resourceType: "MedicationRequest",
      id: `m${i}`,
      status,
      intent: "order",
      medicationCodeableConcept: { text },
      subject,
      authoredOn: at,
    };
  }
  if (kind < 90) {
    const code = { coding: [{ system: "http://snomed.info/sct", code: `1234${i % 50}` }], text: `Problem ${i % 50}` };
    const clinicalStatus = { coding: [{ code: i % 3 === 0 ? "active" : "resolved" }] };
    return { resourceType: "Condition", id: `c${i}`, clinicalStatus, code, subject, onsetDateTime: at };
  }
  if (kind < 98)
    return {
      resourceType: "Encounter",
      id: `e${i}`,
      status: "finished",
      class: { code: "AMB" },
      type: [{ text: "Visit" }],
      subject,
      period: { start: at },
    };
  return {
    resourceType: "Patient",
    id: "1",
    name: [{ text: "Chan Tai Man" }],
    birthDate: "1957-03-14",
    gender: "male",
    identifier: [{ system: "urn:hgh", value: "1" }],
  };
}

function result(i: number, at: string, subject: object): object {
  const code = CODES[i % CODES.length];
  const unit = UNITS[i % CODES.length];
  const limit = (value: number) => ({ value, unit, system: "http://unitsofmeasure.org", code: unit });
  return {
    resourceType: "Observation",
    id: `o${i}`,
    status: "final",
    category: [
      { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] },
    ],
    identifier: [{ system: "urn:lab", value: `R${i}` }],
    code: { coding: [{ system: "http://loinc.org", code, display: `Test ${code}` }], text: `Test ${code}` },
    subject,
    effectiveDateTime: at,
    issued: at,
    valueQuantity: limit(Math.round(40 + (i % 97)) / 10),
    referenceRange: [{ low: limit(1), high: limit(7) }],
  };
}
