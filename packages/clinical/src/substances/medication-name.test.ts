import { describe, expect, it } from "vitest";
import { readAllergen } from "./allergen.ts";
import { readDose } from "./dose.ts";
import { readMedicationConcept, readMedicationName } from "./medication-name.ts";

describe("the name of a medicine", () => {
  it("is the same under its brand, its other names and its salt", () => {
    const amlodipine = { substances: ["amlodipine"], strengths: ["5 mg"] };
    for (const text of [
      "Norvasc 5mg",
      "AMLODIPINE BESYLATE 5 MG",
      "Tab. Amlodipine 5 mg",
      "Amlodipine 5 MG Oral Tablet [Norvasc]",
    ])
      expect(readMedicationName(text), text).toMatchObject(amlodipine);
    expect(readMedicationName("Digoxin 62.5 mcg")).toEqual(readMedicationName("digoxin 0.0625 mg"));
    expect(readMedicationName("Panadol 500 mg")).toBeUndefined();
    expect(readMedicationName("Paracetamol 1 g tab")).toEqual(readMedicationName("Tylenol 1,000 mg tablet"));
    expect(readMedicationName("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet")).toEqual({
      substances: ["metformin"],
      strengths: ["500 mg"],
      forms: ["oral-solid", "slow"],
    });
    expect(readMedicationName("10 ML Furosemide 10 MG/ML Injection")).toMatchObject({ strengths: ["10 mg/ml"] });
  });

  it("is not understood when a word of it may be another substance", () => {
    for (const text of [
      "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet",
      "Alendronic acid 70 MG / calcium",
      "Tylenol PM",
      "Co-amlodipine 5 mg",
      "Tylenol with codeine and something",
      "Yaz 28 Day Pack",
      "insulin human, isophane 70 UNT/ML",
      "Digoxin 0,125 mg",
      "Amlodipine / Lisinopril 10 mg",
      "tablet",
      "",
    ])
      expect(readMedicationName(text), text).toBeUndefined();
    expect(readMedicationName("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet")).toMatchObject({
      substances: ["acetaminophen", "oxycodone"],
      strengths: ["325 mg", "5 mg"],
    });
  });

  it("of two substances says how much of which: the one strength is never taken for the other's", () => {
    const ten = readMedicationName("Amlodipine 10 mg / Lisinopril 5 mg");
    expect(ten).toEqual(readMedicationName("Lisinopril 5 mg + Amlodipine 10 mg"));
    expect(ten?.strengths).toEqual(["10 mg", "5 mg"]);
    expect(readMedicationName("Amlodipine 5 mg / Lisinopril 10 mg")?.strengths).toEqual(["5 mg", "10 mg"]);
  });

  it("is another one with a salt that is given otherwise", () => {
    const forms = (text: string) => readMedicationName(text)?.forms;
    expect(forms("Fluticasone furoate 50 mcg nasal spray")).not.toEqual(
      forms("Fluticasone propionate 50 mcg nasal spray"),
    );
  });

  it("is not believed when words and code name different substances", () => {
    const rxnorm = (code: string, display?: string) => ({
      coding: [
        { system: "http://www.nlm.nih.gov/research/umls/rxnorm", code, ...(display === undefined ? {} : { display }) },
      ],
    });
    expect(readMedicationConcept(rxnorm("58927"))).toMatchObject({ substances: ["amlodipine"] });
    expect(readMedicationConcept({ ...rxnorm("58927"), text: "Norvasc 5 mg" })).toMatchObject({ strengths: ["5 mg"] });
    expect(readMedicationConcept({ ...rxnorm("58927"), text: "Warfarin 5 mg" })).toBeUndefined();
    expect(readMedicationConcept(rxnorm("197361", "Warfarin 5 MG / Mystery"))).toBeUndefined();
    expect(readMedicationConcept({ ...rxnorm("58927"), text: "Amlodipine/valsartan 5/80" })).toBeUndefined();
    expect(readMedicationConcept({ ...rxnorm("58927"), text: "the small white one" })).toBeDefined();
  });
});

describe("a dose", () => {
  const doseOf = (text: string, medicine = "Amlodipine 5 mg") =>
    readDose({ resourceType: "MedicationStatement", dosage: [{ text }] }, readMedicationName(medicine))?.perDay;

  it("is so much a day when the whole instruction is understood, and unknown otherwise", () => {
    expect(doseOf("1 tablet twice daily")).toBe(10);
    expect(doseOf("2 tabs nocte")).toBe(10);
    expect(doseOf("Take 5 mg by mouth once daily with food")).toBe(5);
    expect(doseOf("half a tablet in the morning")).toBe(2.5);
    for (const text of [
      "1 tablet alternate days",
      "1 tablet daily if pain",
      "1 to 2 tablets daily",
      "as directed",
      "1 tablet twice daily then once daily",
    ])
      expect(doseOf(text), text).toBeUndefined();
    expect(doseOf("1 tablet daily", "Amlodipine")).toBeUndefined();
  });

  it("is read from a structured instruction", () => {
    const resource = {
      resourceType: "MedicationRequest",
      dosageInstruction: [
        {
          timing: { repeat: { frequency: 1, period: 12, periodUnit: "h" } },
          doseAndRate: [{ doseQuantity: { value: 1, unit: "tablet" } }],
        },
      ],
    };
    expect(readDose(resource, readMedicationName("Amlodipine 5 mg"))?.perDay).toBeCloseTo(10);
  });

  it("is not known when it is not taken every day, only if needed, or within a range", () => {
    const perDay = (repeat: object, more: object = {}) => {
      const timing = { repeat: { frequency: 1, period: 1, periodUnit: "d", ...repeat } };
      const doseAndRate = [{ doseQuantity: { value: 10, unit: "mg" } }];
      const dosageInstruction = [{ text: "10 mg once daily", timing, doseAndRate, ...more }];
      return readDose({ resourceType: "MedicationRequest", dosageInstruction }, undefined)?.perDay;
    };
    expect(perDay({})).toBe(10);
    expect(perDay({ dayOfWeek: ["mon"] })).toBeUndefined();
    expect(perDay({ frequencyMax: 3 })).toBeUndefined();
    expect(perDay({}, { asNeededCodeableConcept: { text: "pain" } })).toBeUndefined();
    const two = [{ doseQuantity: { value: 10, unit: "mg" } }, { doseQuantity: { value: 20, unit: "mg" } }];
    expect(perDay({}, { doseAndRate: two })).toBeUndefined();
  });
});

describe("what an allergy is to", () => {
  it("is the same in words and codes, and never the class for the member", () => {
    const penicillin = "allergen|penicillin";
    expect(readAllergen({ text: "Penicillin" })).toBe(penicillin);
    expect(readAllergen({ text: "Allergy to penicillin (finding)" })).toBe(penicillin);
    expect(readAllergen({ coding: [{ system: "http://snomed.info/sct", code: "91936005" }] })).toBe(penicillin);
    expect(readAllergen({ text: "Amoxil" })).toBe("substance|amoxicillin");
    expect(readAllergen({ text: "penicillin V" })).toBe("substance|penicillin v");
    expect(readAllergen({ text: "Tree nut" })).not.toBe(readAllergen({ text: "Peanuts" }));
    expect(readAllergen({ text: "some cream from the market" })).toBeUndefined();
    const coding = [{ system: "http://snomed.info/sct", code: "91936005", display: "Penicillin" }];
    expect(readAllergen({ text: "penicillin and latex", coding })).toBeUndefined();
    expect(readAllergen({ text: "PCN", coding })).toBe(penicillin);
    expect(
      readAllergen({ text: "Latex", coding: [{ system: "http://snomed.info/sct", code: "91936005" }] }),
    ).toBeUndefined();
  });
});
