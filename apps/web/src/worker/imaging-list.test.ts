import type { ImagingManifest } from "@caseroom/client";
import { testId } from "@caseroom/client/testing";
import { parseFragment } from "@caseroom/clinical";
import { type CompId, expectOk, InvariantError, type UserId } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { readStudyFact, type StudyFact } from "./imaging-fact.ts";
import type { KnownSeries } from "./imaging-index.ts";
import { listStudies } from "./imaging-list.ts";
import { seriesViews } from "./imaging-study.ts";

function fact(resource: object, receivedMs = 1): StudyFact | undefined {
  const provenance = { institutionId: "kdc", institution: "Kowloon Diagnostic Centre", system: "PACS", receivedMs };
  return readStudyFact(
    expectOk(parseFragment({ id: "a:0", json: JSON.stringify(resource), provenance }), "a fragment"),
  );
}

const STUDY = {
  resourceType: "ImagingStudy",
  status: "available",
  identifier: [{ system: "urn:dicom:uid", value: "urn:oid:1.2.3" }],
  started: "2026-11-24T09:12:00+08:00",
  modality: [{ code: "CT" }],
  description: "CT head",
  numberOfInstances: 22,
  series: [{ uid: "1.2.3.1", modality: { code: "CT" }, bodySite: { display: "Head" } }],
};

function series(uid: string, instances: readonly number[], author = 2): KnownSeries {
  const blob = null as unknown as ImagingManifest["packs"][number]["blob"];
  return {
    compId: testId<CompId>(9),
    author: testId<UserId>(author),
    n: 1,
    atMs: 1,
    manifest: {
      study: "1.2.3",
      series: uid,
      modality: "CT",
      packs: instances.map((count) => ({ blob, index: blob, instances: count })),
    },
  };
}

const known = (value: StudyFact | undefined): StudyFact => {
  if (value === undefined) throw new InvariantError("a study");
  return value;
};

describe("a study", () => {
  it("is still arriving while fewer images have come than its institution has announced", () => {
    const [study] = listStudies([known(fact(STUDY))], [series("1.2.3.1", [8])], () => "");
    expect(study).toMatchObject({
      description: "CT head",
      bodyPart: "Head",
      institution: "Kowloon Diagnostic Centre",
      images: 8,
      expected: 22,
    });
  });
  it("is complete when they are all there, in however many packs; a second copy does not count twice", () => {
    const copies = [series("1.2.3.1", [8, 14]), series("1.2.3.1", [8], 3)];
    const [study] = listStudies([known(fact(STUDY))], copies, () => "");
    expect(study).toMatchObject({ images: 22, expected: undefined, series: 1 });
  });
  it("is shown as its newest notice says, and also when there is no notice at all", () => {
    const facts = [known(fact(STUDY, 1)), known(fact({ ...STUDY, numberOfInstances: 30 }, 2))];
    expect(listStudies(facts, [], () => "")[0]).toMatchObject({ images: 0, expected: 30 });
    expect(listStudies([], [series("1.2.3.1", [8])], () => "Harbour General")[0]).toMatchObject({
      institution: "Harbour General",
      modalities: ["CT"],
      images: 8,
    });
  });
  it("that names no study of DICOM is none", () => {
    expect(fact({ ...STUDY, identifier: [{ value: "ACC-1" }] })).toBeUndefined();
  });
});

describe("the objects of a study", () => {
  const indexed = (sop: string, number: number, elements: Record<string, unknown[]>) => ({
    series: "1.2.3.1",
    sop,
    sopClass: "1.2.840.10008.5.1.4.1.1.2",
    number,
    frames: [{ offset: 0, length: 1 }],
    header: JSON.stringify(Object.fromEntries(Object.entries(elements).map(([tag, Value]) => [tag, { Value }]))),
  });
  const size = { "00080060": ["CT"], "00280010": [512], "00280011": [512] };
  it("stand in the order of their numbers", () => {
    const [view] = seriesViews([indexed("b", 10, size), indexed("a", 2, size)], undefined);
    expect(view?.objects.map(({ number }) => number)).toEqual([2, 10]);
  });
  it("that were made of a person born on another day say so", () => {
    const objects = [indexed("a", 1, { ...size, "00100030": ["19570413"] })];
    expect(seriesViews(objects, "1957-03-14")[0]?.objects[0]?.isOtherPatient).toBe(true);
    expect(seriesViews(objects, "1957-04-13")[0]?.objects[0]?.isOtherPatient).toBe(false);
    expect(seriesViews(objects, "1957")[0]?.objects[0]?.isOtherPatient).toBe(false);
  });
  it("whose frames cannot be told apart are not shown as if they were whole", () => {
    const several = { ...indexed("a", 1, { ...size, "00280008": ["2"] }), frames: [] };
    expect(seriesViews([several], undefined)[0]?.objects[0]?.hidden).toBe("frames");
  });
});
