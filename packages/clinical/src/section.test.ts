import { describe, expect, it } from "vitest";
import {
  allergyForTesting as allergy,
  fragmentForTesting as fragment,
  pictureForTesting as picture,
} from "./picture-for-testing.ts";

const snomed = (code: string, display: string) => ({
  resourceType: "AllergyIntolerance",
  code: { coding: [{ system: "http://snomed.info/sct", code, display }] },
});
const visit = fragment("9", "kdc", { resourceType: "Encounter", status: "finished" });

describe("the allergies of a patient", () => {
  it("are unknown, not none, when nobody said anything", () => {
    expect(picture(visit).allergies).toEqual({
      state: "no-information",
      items: [],
      silentInstitutions: ["Kowloon Diagnostic"],
    });
  });

  it("are none only where a source says so, and the silent stay named", () => {
    for (const resource of [
      snomed("716186003", "x"),
      snomed("409137002", "x"),
      allergy("NKDA"),
      allergy("No known drug allergies"),
      allergy("No known allergy (situation)"),
    ]) {
      const { allergies, conflicts } = picture(visit, fragment("1", "hgh", resource));
      expect(allergies).toEqual({ state: "asserted-none", items: [], silentInstitutions: ["Kowloon Diagnostic"] });
      expect(conflicts).toEqual([]);
    }
  });

  it("stay unknown when a source says that it has no information or that there is none of one kind", () => {
    for (const resource of [
      snomed("1287211007", "No information available"),
      snomed("429625007", "No known food allergy"),
    ])
      expect(picture(fragment("1", "hgh", resource)).allergies.state).toBe("no-information");
  });

  it("are listed and in conflict when one institution lists what another denies", () => {
    const { allergies, conflicts } = picture(
      fragment(
        "1",
        "hgh",
        allergy("Penicillin", { reaction: [{ manifestation: [{ text: "Rash" }], severity: "moderate" }] }),
      ),
      fragment("2", "chc", snomed("716186003", "No known allergy")),
    );
    expect(allergies).toMatchObject({ state: "listed", items: [{ title: "Penicillin", detail: "Rash (moderate)" }] });
    expect(conflicts).toMatchObject([
      { kind: "allergy", statements: [{ text: "No known allergy" }, { text: "Penicillin" }] },
    ]);
  });

  it("do not conflict when only drug allergies are denied and only a food allergy is listed", () => {
    const { conflicts, allergies } = picture(
      fragment("1", "hgh", allergy("Peanut", { category: ["food"] })),
      fragment("2", "chc", snomed("409137002", "No known drug allergy")),
    );
    expect(allergies.state).toBe("listed");
    expect(conflicts).toEqual([]);
  });

  it("are one in words and in codes, and the class is not its member", () => {
    const { allergies, suggestions } = picture(
      fragment("1", "hgh", allergy("Penicillin"), 1),
      fragment("2", "chc", snomed("91936005", "Allergy to penicillin (finding)"), 2),
      fragment("3", "kdc", allergy("Amoxil"), 3),
      fragment("4", "hgh", allergy("amoxicillin"), 4),
    );
    expect(allergies.items.map(({ title, otherTitles }) => [title, ...otherTitles])).toEqual([
      ["Allergy to penicillin (finding)", "Penicillin"],
      ["amoxicillin", "Amoxil"],
    ]);
    expect(suggestions).toEqual([]);
  });

  it("are in conflict when one institution has refuted or resolved what another still warns of", () => {
    const refuted = { verificationStatus: { coding: [{ code: "refuted" }] } };
    const resolved = { clinicalStatus: { coding: [{ code: "resolved" }] } };
    for (const over of [refuted, resolved]) {
      const { conflicts, allergies } = picture(
        fragment("1", "hgh", allergy("Penicillin")),
        fragment("2", "chc", allergy("Penicillin", over)),
      );
      expect(conflicts).toMatchObject([{ kind: "allergy", title: "Penicillin", statements: [{}, {}] }]);
      expect(allergies.items[0]?.title).toBe("Penicillin");
    }
  });

  it("leave out what was refuted, and merge what two institutions list with both as sources", () => {
    const refuted = { verificationStatus: { coding: [{ code: "refuted" }] } };
    const { allergies } = picture(
      fragment("1", "hgh", allergy("Penicillin")),
      fragment("2", "chc", allergy("penicillin")),
      fragment("3", "chc", allergy("Latex", refuted)),
    );
    expect(allergies.items.map(({ title, sources }) => [title, sources.length])).toEqual([["penicillin", 2]]);
  });
});
