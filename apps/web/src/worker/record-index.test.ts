import { testDeposit, testId } from "@caseroom/client/testing";
import type { EntryId, SpaceId, UserId } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
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
const SEED: RecordSeed = { identifiers: [MRN], charts: new Set(), apart: new Set() };

function openIndex() {
  return createRecordIndex({ institutionOf: (author) => ({ id: author, name: author.slice(-2) }) });
}

function patient(...identifier: readonly { readonly system: string; readonly value: string }[]) {
  return { resourceType: "Patient", identifier };
}

const ALLERGY = { resourceType: "AllergyIntolerance", code: { text: "Penicillin" } };

describe("the record of a case", () => {
  it("finds the laboratory's chart of the clinic's patient by a number that both know together with its issuer", () => {
    const index = openIndex();
    index.take(testDeposit(LABORATORY_CHART, 1, LABORATORY, [patient(MRN, { system: "KDC", value: "77" }), ALLERGY]));
    index.take(testDeposit(HOSPITAL_CHART, 2, HOSPITAL, [patient({ system: "HGH", value: "0057" })]));
    index.take(testDeposit(CLINIC_CHART, 3, CLINIC, [patient(MRN, HKID)]));
    const record = index.record(CASE, SEED);
    expect(record.charts).toEqual(new Set([CLINIC_CHART, LABORATORY_CHART]));
    expect(record.picture.allergies.items.map(({ title }) => title)).toEqual(["Penicillin"]);
    expect(record.verified).toBe(3);
  });

  it("takes in a chart of the same identity number only when its own institution says so, and no more when it takes that back", () => {
    const index = openIndex();
    index.take(testDeposit(CLINIC_CHART, 1, CLINIC, [patient(MRN, HKID)]));
    index.take(testDeposit(HOSPITAL_CHART, 2, HOSPITAL, [patient(HKID)]));
    const seed = { ...SEED, identifiers: [MRN, HKID] };
    expect(index.chartsOf(seed)).toEqual(new Set([CLINIC_CHART]));
    expect(index.chartsOf({ ...seed, charts: new Set([HOSPITAL_CHART]) })).toEqual(
      new Set([CLINIC_CHART, HOSPITAL_CHART]),
    );
    expect(index.chartsOf({ ...seed, apart: new Set([CLINIC_CHART]) })).toEqual(new Set());
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
