import type { EntryId, SpaceId, UserId } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { testDeposit, testId } from "./received-entry-for-testing.ts";
import { createRecordIndex, type RecordSeed } from "./record-index.ts";

const CASE = testId<SpaceId>(1);
const CLINIC_CHART = testId<SpaceId>(2);
const HOSPITAL_CHART = testId<SpaceId>(3);
const LABORATORY_CHART = testId<SpaceId>(4);
const CLINIC = testId<UserId>(11);
const HOSPITAL = testId<UserId>(12);
const LABORATORY = testId<UserId>(13);

const HKID = { system: "HKID", value: "A123456(3)" };
const MRN = { system: "CHC", value: "0057" };
const SEED: RecordSeed = { identifiers: [MRN], charts: new Set() };

function openIndex() {
  return createRecordIndex({ institutionOf: (author) => ({ id: author, name: author.slice(-2) }) });
}

function patient(...identifier: readonly { readonly system: string; readonly value: string }[]) {
  return { resourceType: "Patient", identifier };
}

const ALLERGY = { resourceType: "AllergyIntolerance", code: { text: "Penicillin" } };

describe("the record of a case", () => {
  it("finds the hospital's chart of the clinic's patient by the number that both know", () => {
    const index = openIndex();
    index.take(testDeposit(HOSPITAL_CHART, 1, HOSPITAL, [patient({ system: "HKID", value: "a123456(3)" }), ALLERGY]));
    index.take(testDeposit(LABORATORY_CHART, 2, LABORATORY, [patient({ system: "LAB", value: "0057" })]));
    index.take(testDeposit(CLINIC_CHART, 3, CLINIC, [patient(MRN, HKID)]));
    const record = index.record(CASE, SEED);
    expect(record.charts).toEqual(new Set([CLINIC_CHART, HOSPITAL_CHART]));
    expect(record.picture.allergies.items.map(({ title }) => title)).toEqual(["Penicillin"]);
    expect(record.verified).toBe(3);
  });

  it("does not join two people by a placeholder that was typed into the identity number", () => {
    const index = openIndex();
    const placeholder = { system: "HKID", value: "A999999(9)" };
    index.take(testDeposit(CLINIC_CHART, 1, CLINIC, [patient(MRN, placeholder)]));
    index.take(testDeposit(HOSPITAL_CHART, 2, HOSPITAL, [patient(placeholder)]));
    expect(index.chartsOf(SEED)).toEqual(new Set([CLINIC_CHART]));
  });

  it("shows no fact any more of a deposit that turned out not to hold, nor of a chart that is not linked any more", () => {
    const index = openIndex();
    index.take(testDeposit(CLINIC_CHART, 1, CLINIC, [patient(MRN)]));
    index.take(testDeposit(CLINIC_CHART, 2, CLINIC, [ALLERGY]));
    index.take(testDeposit(LABORATORY_CHART, 3, LABORATORY, [{ ...ALLERGY, code: { text: "Latex" } }]));
    const linked = { ...SEED, charts: new Set([LABORATORY_CHART]) };
    const titles = (seed: RecordSeed) => index.record(CASE, seed).picture.allergies.items.map(({ title }) => title);
    expect(titles(linked)).toHaveLength(2);
    expect(titles(SEED)).toEqual(["Penicillin"]);
    expect(index.withdraw(testId<EntryId>(102))).toBe(CLINIC_CHART);
    expect(titles(SEED)).toEqual([]);
    expect(index.record(CASE, SEED).picture.institutions.map(({ id }) => id)).toEqual([CLINIC]);
  });

  it("counts what a source sent as a resource and is none, so that it is missed by somebody", () => {
    const index = openIndex();
    index.take(testDeposit(CLINIC_CHART, 1, CLINIC, [patient(MRN), { nothing: true }]));
    expect(index.record(CASE, SEED)).toMatchObject({ verified: 1, unreadable: 1 });
  });
});
