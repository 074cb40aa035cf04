import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAssembler } from "./assembler.ts";
import { buildEmergencyCard } from "./emergency-card.ts";
import {
  allergyForTesting as allergy,
  fragmentForTesting as fragment,
  observationForTesting as observation,
} from "./picture-for-testing.ts";
import { encodePicture, parsePicture } from "./picture-snapshot.ts";

/** One night's record by hand: what three institutions sent about Mr Chan, and what a reader must see of it. */
const patient = (id: string) => ({
  resourceType: "Patient",
  id,
  name: [{ text: "Chan Tai Man" }],
  birthDate: "1957-03-14",
});
const medicine = (text: string, dosage: string) => ({
  resourceType: "MedicationStatement",
  status: "active",
  medicationCodeableConcept: { text },
  dosage: [{ text: dosage }],
});
const RECORD = [
  fragment("a1", "hgh", patient("1"), 1),
  fragment("a2", "hgh", allergy("Penicillin", { reaction: [{ manifestation: [{ text: "Rash" }] }] }), 2),
  fragment("a3", "hgh", medicine("Warfarin Sodium 3 mg tablet", "1 tablet daily"), 3),
  fragment(
    "a4",
    "hgh",
    observation({ value: "126", code: "2345-7", unit: "mg/dL", at: "2026-03-01T09:00:00+08:00", identifier: "A4" }),
    4,
  ),
  fragment(
    "a5",
    "hgh",
    { resourceType: "Device", id: "d", status: "active", type: { text: "Dual chamber pacemaker" } },
    5,
  ),
  fragment("b1", "chc", allergy("No known drug allergies"), 6),
  fragment("b2", "chc", medicine("Coumadin 3mg tab", "1 tablet nocte"), 7),
  fragment(
    "c1",
    "kdc",
    observation({ value: "7.20", code: "14749-6", unit: "mmol/L", at: "2026-03-09T09:00:00+08:00", identifier: "C1" }),
    8,
  ),
  fragment(
    "c2",
    "kdc",
    observation({ value: "9.9", code: "14749-6", unit: "mmol/L", at: "2026-03-11T09:00:00+08:00", identifier: "C2" }),
    9,
  ),
  fragment(
    "c3",
    "kdc",
    observation({
      value: "8.8",
      code: "14749-6",
      unit: "mmol/L",
      at: "2026-03-11T09:00:00+08:00",
      identifier: "C2",
      status: "corrected",
    }),
    10,
  ),
];

function assemble(fragments = RECORD) {
  const assembler = createAssembler();
  assembler.add(fragments);
  return assembler.picture();
}

describe("the picture of Mr Chan", () => {
  const picture = assemble();

  it("says who knows what, and who has said nothing", () => {
    expect(picture.institutions.map(({ name, fragments }) => [name, fragments])).toEqual([
      ["Central Heart Clinic", 2],
      ["Harbour General", 5],
      ["Kowloon Diagnostic", 3],
    ]);
    expect(picture.allergies.silentInstitutions).toEqual(["Kowloon Diagnostic"]);
    expect(picture.problems).toMatchObject({ state: "no-information", items: [] });
  });

  it("shows each thing once", () => {
    expect(picture.timeline.map(({ title, detail, superseded }) => [title, detail, superseded])).toEqual([
      ["Test 14749-6", "8.8 mmol/L", false],
      ["Test 14749-6", "9.9 mmol/L", true],
      ["Test 14749-6", "7.20 mmol/L", false],
      ["Test 2345-7", "126 mg/dL", false],
      ["Penicillin", "Rash", false],
      ["Warfarin Sodium 3 mg tablet", "1 tablet daily", false],
      ["Dual chamber pacemaker", undefined, false],
      ["No known drug allergies", undefined, false],
      ["Coumadin 3mg tab", "1 tablet nocte", false],
    ]);
    expect(
      picture.series.map(({ key, unit, points }) => [
        key,
        unit,
        points.map(({ text, common }) => [text, common.value]),
      ]),
    ).toEqual([
      [
        "http://loinc.org|2345-7",
        "mmol/L",
        [
          ["126", 6.99394],
          ["7.20", 7.2],
          ["8.8", 8.8],
        ],
      ],
    ]);
    expect(
      picture.medications.items.map(({ title, otherTitles, substances }) => [title, otherTitles, substances]),
    ).toEqual([["Coumadin 3mg tab", ["Warfarin Sodium 3 mg tablet"], ["warfarin"]]]);
  });

  it("shows what contradicts itself and nothing that does not", () => {
    expect(picture.conflicts.map(({ id, statements }) => [id, statements.map(({ text }) => text)])).toEqual([
      ["allergy", ["No known drug allergies", "Penicillin"]],
    ]);
    expect(picture.suggestions).toEqual([]);
    expect(picture.retracted).toEqual([]);
  });

  it("puts on the emergency card what bleeds, what is implanted and what is contradicted", () => {
    const card = buildEmergencyCard(picture);
    expect(card.allergies.items.map(({ title }) => title)).toEqual(["Penicillin"]);
    expect(card.anticoagulants.map(({ title }) => title)).toEqual(["Coumadin 3mg tab"]);
    expect(card.antiplatelets).toEqual([]);
    expect(card.devices.items.map(({ title }) => title)).toEqual(["Dual chamber pacemaker"]);
    expect(card.problems.state).toBe("no-information");
    expect(card.conflicts).toEqual(picture.conflicts);
  });

  it("is plain data that is read back from a snapshot, whole or not at all", () => {
    const text = encodePicture(picture);
    expect(parsePicture(text)).toEqual(picture);
    for (const wrong of [
      "",
      "{}",
      text.replace('"version":2', '"version":1'),
      text.replace('"common"', '"comon"'),
      text.replace('"sources":[', '"sources":[1,'),
    ])
      expect(parsePicture(wrong), wrong.slice(0, 40)).toBeUndefined();
  });

  it("is the same in every order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(RECORD, { minLength: RECORD.length }), (shuffled) => {
        expect(assemble(shuffled)).toEqual(picture);
      }),
    );
  });
});
