import { describe, expect, it } from "vitest";
import { fragmentForTesting as fragment, pictureForTesting as picture } from "./picture-for-testing.ts";

const taking = (text: string, dosage?: string, status = "active") => ({
  resourceType: "MedicationStatement",
  status,
  medicationCodeableConcept: { text },
  ...(dosage === undefined ? {} : { dosage: [{ text: dosage }] }),
});

describe("the medicines of a patient", () => {
  it("are one under brand and generic name, with both names and both sources", () => {
    const { medications, suggestions } = picture(
      fragment("1", "hgh", taking("Amlodipine 5 MG Oral Tablet [Norvasc]", "1 tablet daily"), 1),
      fragment("2", "chc", taking("Norvasc 5mg", "1 tablet daily"), 2),
      fragment(
        "3",
        "kdc",
        {
          resourceType: "MedicationRequest",
          status: "active",
          medicationCodeableConcept: {
            coding: [{ system: "http://www.nlm.nih.gov/research/umls/rxnorm", code: "58927", display: "Norvasc" }],
            text: "amlodipine besylate 5 mg tab",
          },
        },
        3,
      ),
    );
    expect(medications.items).toMatchObject([
      {
        title: "amlodipine besylate 5 mg tab",
        otherTitles: ["Amlodipine 5 MG Oral Tablet [Norvasc]", "Norvasc 5mg"],
        codes: [{ code: "58927", systemName: "RxNorm" }],
        sources: [{ fragmentId: "1" }, { fragmentId: "2" }, { fragmentId: "3" }],
      },
    ]);
    expect(suggestions).toEqual([]);
  });

  it("stay apart and are suggested when strength, form or a word make it unsure", () => {
    const metoprolol = ["Metoprolol succinate 50 mg ER tablet", "Metoprolol tartrate 50 mg tablet", "Metoprolol 50 mg"];
    for (const names of [["Norvasc", "Amlodipine 5 mg"], ["Tylenol 500 mg", "Tylenol PM 500 mg"], metoprolol]) {
      const { medications, suggestions } = picture(
        ...names.map((name, index) => fragment(`${index}`, index === 0 ? "hgh" : "chc", taking(name))),
      );
      expect(medications.items, names.join()).toHaveLength(names.length);
      expect(suggestions, names.join()).toMatchObject([{ kind: "medication", reason: "same-substance" }]);
      expect(suggestions[0]?.items).toHaveLength(names.length);
    }
  });

  it("stay two when two substances are taken in each other's strength, and are in conflict", () => {
    const { medications, conflicts } = picture(
      fragment("1", "hgh", taking("Amlodipine 5 mg / Lisinopril 10 mg")),
      fragment("2", "chc", taking("Amlodipine 10 mg / Lisinopril 5 mg")),
    );
    expect(medications.items).toHaveLength(2);
    expect(conflicts.map(({ kind }) => kind)).toEqual(["dose"]);
  });

  it("are no duplicates when one system lists two strengths, or when one of them was stopped", () => {
    const warfarin = picture(
      fragment("1", "hgh", taking("Warfarin 3 mg")),
      fragment("2", "hgh", taking("Warfarin 1 mg")),
    );
    expect(warfarin.suggestions).toEqual([]);
    const stopped = picture(
      fragment("1", "hgh", taking("Amlodipine 10 mg", undefined, "stopped")),
      fragment("2", "chc", taking("Amlodipine 5 mg")),
    );
    expect(stopped).toMatchObject({ suggestions: [], conflicts: [] });
  });

  it("are in conflict when two institutions have another dose, and not when two strengths make the same one", () => {
    const doses = (here: string, there: string) =>
      picture(fragment("1", "hgh", taking("Amlodipine 5 mg", here)), fragment("2", "chc", taking("Norvasc 5mg", there)))
        .conflicts;
    expect(doses("1 tablet daily", "1 tablet twice daily")).toMatchObject([
      {
        kind: "dose",
        title: "amlodipine",
        statements: [{ text: "Amlodipine 5 mg: 1 tablet daily" }, { text: "Norvasc 5mg: 1 tablet twice daily" }],
      },
    ]);
    expect(doses("1 tablet nocte", "One tablet once daily")).toEqual([]);
    expect(doses("1 tablet daily", "as the doctor said")).toEqual([]);
    const halves = picture(
      fragment("1", "hgh", taking("Amlodipine 5 mg", "2 tablets daily")),
      fragment("2", "chc", taking("Amlodipine 10 mg", "1 tablet daily")),
    );
    expect(halves.conflicts).toEqual([]);
    const strengths = picture(
      fragment("1", "hgh", taking("Amlodipine 5 mg")),
      fragment("2", "chc", taking("Amlodipine 10 mg")),
    );
    expect(strengths.conflicts).toMatchObject([{ kind: "dose" }]);
  });
});
