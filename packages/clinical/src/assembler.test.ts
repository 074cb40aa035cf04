import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAssembler } from "./assembler.ts";
import type { Fragment } from "./fragment.ts";
import {
  allergyForTesting,
  fragmentForTesting as fragment,
  observationForTesting as observation,
  pictureForTesting as picture,
} from "./picture-for-testing.ts";

const bloodGroup = (words: string) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "882-1", display: "ABO and Rh group [Type] in Blood" }] },
  effectiveDateTime: "2020-05-04T10:00:00+08:00",
  valueCodeableConcept: { text: words },
});
const problem = (text: string, status: string, onsetDateTime: string, more: object = {}) => ({
  resourceType: "Condition",
  clinicalStatus: { coding: [{ code: status }] },
  code: { text },
  onsetDateTime,
  ...more,
});

const taking = (text: string, dosage: string) => ({
  resourceType: "MedicationStatement",
  status: "active",
  medicationCodeableConcept: { text },
  dosage: [{ text: dosage }],
});

/** Every kind of meeting: the same result twice, a correction, a copy, a retraction, units, conflicts, versions by id. */
const RECORD: readonly Fragment[] = [
  fragment(
    "01:0",
    "hgh",
    {
      resourceType: "Patient",
      name: [{ text: "Chan Tai Man" }],
      birthDate: "1957-07-31",
      gender: "male",
      identifier: [{ system: "HKID", value: "A123456(3)" }],
    },
    10,
  ),
  fragment(
    "02:0",
    "chc",
    {
      resourceType: "Patient",
      name: [{ text: "Chan T M" }],
      birthDate: "1957-07-13",
      gender: "male",
      identifier: [{ system: "HKID", value: "A123456(3)" }],
    },
    20,
  ),
  fragment("03:0", "kdc", observation({ value: "8.1", identifier: "R1" }), 30),
  fragment("04:0", "kdc", observation({ value: "8.1", identifier: "R1" }), 40),
  fragment("05:0", "kdc", observation({ value: "7.70", identifier: "R1", status: "corrected" }), 50),
  fragment("06:0", "chc", observation({ value: "8.1", identifier: "copy" }), 60),
  fragment(
    "07:0",
    "kdc",
    observation({ value: "65", code: "59261-8", unit: "mmol/mol", at: "2026-01-15T08:00:00+08:00" }),
    70,
  ),
  fragment("08:0", "kdc", observation({ value: "8.1", at: "2026-01-15T08:00:00+08:00" }), 80),
  fragment("09:0", "kdc", observation({ value: "5.1", code: "2339-0", unit: "mmol/L", identifier: "R2" }), 90),
  fragment(
    "10:0",
    "kdc",
    observation({ value: "5.1", code: "2339-0", unit: "mmol/L", identifier: "R2", status: "entered-in-error" }),
    100,
  ),
  fragment("11:0", "hgh", observation({ value: "92", code: "2339-0", unit: "mg/dL" }), 110),
  fragment("12:0", "hgh", observation({ value: "5.5", code: "2339-0", unit: "mmol/L", at: "2025-03-15" }), 120),
  fragment("13:0", "hgh", allergyForTesting("Penicillin", { category: ["medication"], id: "a1" }), 130),
  fragment(
    "14:0",
    "hgh",
    allergyForTesting("Penicillin", { category: ["medication"], id: "a1", note: [{ text: "rash" }] }),
    140,
  ),
  fragment("15:0", "chc", allergyForTesting("No known allergies"), 150),
  fragment("16:0", "chc", { resourceType: "Encounter", status: "finished", class: { code: "AMB" } }, 160),
  fragment("17:0", "hgh", { ...bloodGroup("A Rh(D) positive"), id: "bg" }, 170),
  fragment("18:0", "kdc", bloodGroup("O POS"), 180),
  fragment("19:0", "hgh", problem("Type 2 diabetes mellitus", "active", "2011"), 190),
  fragment("20:0", "chc", problem("Type 2 diabetes mellitus", "resolved", "2011"), 200),
  fragment("21:0", "hgh", { ...bloodGroup("A Rh(D) positive"), id: "bg", status: "entered-in-error" }, 210),
  fragment("22:0", "kdc", observation({ value: "4.4", code: "2823-3", unit: "mmol/L", identifier: "R8" }), 220),
  fragment("23:0", "kdc", observation({ value: "4.4", code: "2823-3", unit: "mmol/L", identifier: "R9" }), 230),
  fragment("25:0", "hgh", taking("Amlodipine 5 MG Oral Tablet [Norvasc]", "1 tablet daily"), 250),
  fragment("26:0", "chc", taking("Norvasc 5mg", "1 tablet twice daily"), 260),
  fragment("27:0", "chc", taking("Norvasc", "as directed"), 270),
  fragment("28:0", "kdc", allergyForTesting("Allergy to penicillin (finding)"), 280),
  fragment("29:0", "kdc", allergyForTesting("Penicillin", { clinicalStatus: { coding: [{ code: "resolved" }] } }), 290),
  fragment("24:0", "hgh", observation({ value: "4.4", code: "2823-3", unit: "mmol/L", identifier: "elsewhere" }), 240),
];

describe("the picture", () => {
  it("is the same whatever the order of arrival, however often something arrives and however often somebody looks", () => {
    const expected = picture(...RECORD);
    const arrivals = fc
      .tuple(
        fc.shuffledSubarray([...RECORD], { minLength: RECORD.length }),
        fc.array(fc.constantFrom(...RECORD)),
        fc.array(fc.boolean(), { maxLength: 40 }),
      )
      .map(([all, again, looks]) => ({ arriving: [...all, ...again], looks }));
    fc.assert(
      fc.property(arrivals, ({ arriving, looks }) => {
        const assembler = createAssembler();
        arriving.forEach((each, index) => {
          assembler.add([each]);
          if (looks[index] === true) assembler.picture();
        });
        expect(assembler.picture()).toEqual(expected);
      }),
    );
  });

  it("is the same after something came and went as if it had never come", () => {
    const halves = fc.subarray([...RECORD]);
    fc.assert(
      fc.property(halves, halves, (kept, removed) => {
        const assembler = createAssembler();
        assembler.add(removed);
        assembler.picture();
        assembler.add(RECORD);
        assembler.picture();
        assembler.remove(RECORD.filter((each) => !kept.includes(each)).map(({ id }) => id));
        expect(assembler.picture()).toEqual(picture(...kept));
      }),
    );
  });

  it("shows a corrected result once, keeps the first value as superseded, also in another institution's copy", () => {
    const { series, timeline } = picture(...RECORD);
    const hba1c = series.find(({ key }) => key === "hba1c");
    const march = hba1c?.points.filter(({ atMs }) => atMs === Date.parse("2026-03-15T00:00:00Z"));
    expect(march).toMatchObject([{ text: "7.70", value: 7.7, status: "corrected", sources: [{ fragmentId: "05:0" }] }]);
    const replaced = timeline.filter(({ superseded, kind }) => superseded && kind === "result");
    expect(replaced.map(({ sources }) => sources.map(({ fragmentId }) => fragmentId))).toEqual([
      ["03:0", "04:0", "06:0"],
    ]);
  });

  it("lets a correction win over a first result that arrives after it", () => {
    const { series } = picture(
      fragment("1", "kdc", observation({ value: "7.7", identifier: "R", status: "corrected" }), 100),
      fragment("2", "kdc", observation({ value: "8.1", identifier: "R" }), 200),
    );
    expect(series[0]?.points.map(({ text }) => text)).toEqual(["7.7"]);
  });

  it("never lets two results of one order replace each other because the laboratory numbered them alike", () => {
    const { series } = picture(
      fragment("1", "kdc", observation({ value: "140", code: "2951-2", unit: "mmol/L", identifier: "ORDER" })),
      fragment("2", "kdc", observation({ value: "4.1", code: "2823-3", unit: "mmol/L", identifier: "ORDER" })),
    );
    expect(series).toHaveLength(2);
  });

  it("forgets what was entered in error and believes what its source says after that", () => {
    const taken = [
      fragment("1", "kdc", observation({ value: "5.1", identifier: "R" }), 100),
      fragment("2", "kdc", observation({ value: "5.1", identifier: "R", status: "entered-in-error" }), 200),
    ];
    expect(picture(...taken)).toMatchObject({ timeline: [], series: [] });
    const again = picture(...taken, fragment("3", "kdc", observation({ value: "5.3", identifier: "R" }), 300));
    expect(again.series[0]?.points.map(({ text }) => text)).toEqual(["5.3"]);
  });

  it("keeps in the history what was taken back, with who had said it and who took it back", () => {
    const { retracted, timeline } = picture(...RECORD);
    expect(retracted).toMatchObject([
      { title: "ABO and Rh group [Type] in Blood", detail: "A Rh(D) positive", reason: "entered-in-error" },
      { title: "Test 2339-0", detail: "5.1 mmol/L", retractedMs: 100 },
    ]);
    expect(retracted[1]?.sources.map(({ fragmentId }) => fragmentId)).toEqual(["09:0"]);
    expect(retracted[1]?.retractedBy.map(({ fragmentId }) => fragmentId)).toEqual(["10:0"]);
    expect(timeline.some(({ sources }) => sources.some(({ fragmentId }) => fragmentId === "09:0"))).toBe(false);
  });

  it("shows two results that their laboratory numbered as two, and another institution's copy with one of them", () => {
    const potassium = picture(...RECORD).series.find(({ key }) => key.endsWith("2823-3"));
    expect(potassium?.points.map(({ sources }) => sources.map(({ fragmentId }) => fragmentId))).toEqual([
      ["22:0", "24:0"],
      ["23:0"],
    ]);
  });

  it("keeps the other of two like results when one of them is corrected", () => {
    const potassium = (value: string, identifier: string, status = "final") =>
      observation({ value, code: "2823-3", unit: "mmol/L", identifier, status });
    const { series } = picture(
      fragment("1", "kdc", potassium("4.4", "R8")),
      fragment("2", "kdc", potassium("4.4", "R9")),
      fragment("3", "kdc", potassium("5.4", "R9", "corrected")),
    );
    expect(series[0]?.points.map(({ text }) => text).sort()).toEqual(["4.4", "5.4"]);
  });

  it("does not take two implants of one kind for one, nor two blood groups", () => {
    const stent = (id: string) => ({ resourceType: "Device", id, status: "active", type: { text: "Coronary stent" } });
    const { devices, bloodGroups } = picture(
      fragment("1", "hgh", stent("s1")),
      fragment("2", "hgh", stent("s2")),
      fragment("3", "hgh", bloodGroup("A Rh(D) positive")),
      fragment("4", "kdc", bloodGroup("O Rh(D) positive")),
      fragment("5", "chc", bloodGroup("O Rh(D) positive")),
    );
    expect(devices.items).toHaveLength(2);
    expect(bloodGroups.items.map(({ detail, sources }) => [detail, sources.length])).toEqual([
      ["A Rh(D) positive", 1],
      ["O Rh(D) positive", 2],
    ]);
  });

  it("does not take the two eyes of a patient for one", () => {
    const pressure = (eye: string) => ({
      resourceType: "Observation",
      status: "final",
      code: { coding: [{ system: "http://loinc.org", code: "56844-4" }], text: "Intraocular pressure" },
      bodySite: { text: eye },
      effectiveDateTime: "2026-02-01",
      valueQuantity: { value: 17, unit: "mmHg" },
    });
    const { series } = picture(fragment("1", "hgh", pressure("Left")), fragment("2", "chc", pressure("Right")));
    expect(series[0]?.points).toHaveLength(2);
  });

  it("sets a diagnosis that is active here and over there side by side, and knows a new episode", () => {
    const [conflict] = picture(...RECORD).conflicts.filter(({ kind }) => kind === "problem-status");
    expect(conflict?.statements.map(({ text }) => text)).toEqual([
      "Type 2 diabetes mellitus: active",
      "Type 2 diabetes mellitus: resolved",
    ]);
    const episodes = picture(
      fragment("1", "hgh", problem("Pneumonia", "resolved", "2019-01-02", { abatementDateTime: "2019-02-01" })),
      fragment("2", "chc", problem("Pneumonia", "active", "2026-01-02")),
    );
    expect(episodes.conflicts).toEqual([]);
  });

  it("forgets what its source deleted, and knows by the resource's id which that was", () => {
    const written = `{"id":"o-1",${observation({ value: "5.1" }).slice(1)}`;
    const tag = [{ system: "urn:caseroom:fhir", code: "deleted" }];
    const lastUpdated = "2026-11-25T05:00:00Z";
    const deletion = { resourceType: "Observation", id: "o-1", meta: { versionId: "2", lastUpdated, tag } };
    const taken = [fragment("1", "kdc", written, 100), fragment("2", "kdc", deletion, 200)];
    expect(picture(...taken)).toMatchObject({ timeline: [], series: [] });
    expect(picture(fragment("1", "chc", written, 100), fragment("2", "kdc", deletion, 200)).series).toHaveLength(1);
  });

  it("joins a percentage and mmol/mol of one sample and keeps both units of every HbA1c", () => {
    const { series } = picture(...RECORD);
    const january = series.find(({ key }) => key === "hba1c")?.points[0];
    expect(january).toMatchObject({ text: "8.1", hba1c: { ngspPercent: 8.1, ifccMmolMol: 65 } });
    expect(january?.sources.map(({ fragmentId }) => fragmentId)).toEqual(["07:0", "08:0"]);
  });

  it("draws mass and molar glucose on one line, because its molar mass is known, each point also as it was written", () => {
    const glucose = picture(...RECORD).series.find(({ key }) => key === "http://loinc.org|2339-0");
    expect(glucose).toMatchObject({
      unit: "mmol/L",
      points: [
        { text: "5.5", unit: "mmol/L", value: 5.5, common: { value: 5.5 } },
        { text: "92", unit: "mg/dL", value: 92, common: { value: 5.10669 } },
      ],
    });
  });

  it("never draws mass and moles on one line where no molar mass is known", () => {
    const ferritin = (value: string, unit: string, at: string) => observation({ value, code: "2276-4", unit, at });
    const { series } = picture(
      fragment("1", "hgh", ferritin("80", "ug/L", "2026-01-01")),
      fragment("2", "kdc", ferritin("90", "ng/mL", "2026-02-01")),
      fragment("3", "chc", ferritin("0.2", "nmol/L", "2026-03-01")),
    );
    expect(series.map(({ key, points }) => [key, points.length])).toEqual([
      ["http://loinc.org|2276-4|ng/mL", 2],
      ["http://loinc.org|2276-4|nmol/L", 1],
    ]);
  });

  it("makes one series of codes that differ in mass against moles only, in the unit that all sources write or a known one", () => {
    const glucose = (code: string, value: string, unit: string, at: string) => observation({ value, code, unit, at });
    const { series } = picture(
      fragment("1", "hgh", glucose("2345-7", "126", "mg/dL", "2026-01-01")),
      fragment("2", "kdc", glucose("14749-6", "7.2", "mmol/L", "2026-02-01")),
    );
    expect(series).toMatchObject([
      { key: "http://loinc.org|2345-7", unit: "mmol/L", codes: [{ code: "2345-7" }, { code: "14749-6" }] },
    ]);
    const alike = picture(fragment("1", "hgh", glucose("2345-7", "126", "mg/dL", "2026-01-01")));
    expect(alike.series).toMatchObject([{ unit: "mg/dL", points: [{ common: { value: 126 } }] }]);
  });

  it("knows one count of platelets under two spellings of its unit for one result", () => {
    const count = (unit: string) => observation({ value: "212", code: "777-3", unit });
    const { series, timeline } = picture(
      fragment("1", "hgh", count("10*9/L")),
      fragment("2", "kdc", count("x10^3/uL")),
    );
    expect(timeline).toHaveLength(1);
    expect(series[0]?.points).toMatchObject([{ sources: [{}, {}] }]);
  });

  it("flags a number that no patient has and keeps it", () => {
    const { series } = picture(fragment("1", "hgh", observation({ value: "41", code: "2823-3", unit: "mmol/L" })));
    expect(series[0]?.points).toMatchObject([{ text: "41", flag: "implausible" }]);
  });

  it("flags an IFCC number under a percent sign instead of dropping or believing it", () => {
    const { series } = picture(fragment("1", "kdc", observation({ value: "52" })));
    expect(series).toMatchObject([{ key: "hba1c", points: [{ value: 52, flag: "implausible" }] }]);
  });

  it("makes two lines of a blood pressure", () => {
    const part = (code: string, value: number) => ({
      code: { coding: [{ system: "http://loinc.org", code, display: code }] },
      valueQuantity: { value, unit: "mmHg" },
    });
    const { series, timeline } = picture(
      fragment("1", "chc", {
        resourceType: "Observation",
        status: "final",
        code: { text: "Blood pressure" },
        effectiveDateTime: "2026-02-01",
        component: [part("8480-6", 142), part("8462-4", 88)],
      }),
    );
    expect(series.map(({ points }) => points[0]?.text)).toEqual(["88", "142"]);
    expect(timeline).toMatchObject([{ title: "Blood pressure", detail: "8480-6 142 mmHg, 8462-4 88 mmHg" }]);
    const alone = observation({ value: "142", code: "8480-6", unit: "mm[Hg]", at: "2026-02-01" });
    const twice = picture(
      fragment("1", "chc", {
        resourceType: "Observation",
        status: "final",
        code: { text: "Blood pressure" },
        effectiveDateTime: "2026-02-01",
        component: [part("8480-6", 142), part("8462-4", 88)],
      }),
      fragment("2", "kdc", alone),
    );
    expect(twice.series.map(({ points }) => points.length)).toEqual([1, 1]);
  });

  it("shows contradicting birth dates with both sources and does not take one institution's patient for a version of another's", () => {
    const { conflicts, patient } = picture(...RECORD);
    expect(patient?.identifiers).toEqual([{ system: "HKID", value: "A123456(3)" }]);
    expect(conflicts.find(({ kind }) => kind === "birth-date")?.statements.map(({ text }) => text)).toEqual([
      "1957-07-13",
      "1957-07-31",
    ]);
  });

  it("does not show a conflict where an institution corrected its own registration", () => {
    const patient = (birthDate: string) => ({ resourceType: "Patient", identifier: [{ value: "H1" }], birthDate });
    const { conflicts, patient: facts } = picture(
      fragment("1", "hgh", patient("1957-07-13"), 100),
      fragment("2", "hgh", patient("1957-07-31"), 200),
    );
    expect(conflicts).toEqual([]);
    expect(facts?.birthDate).toBe("1957-07-31");
  });

  it("keeps a time that no source names undefined", () => {
    const { timeline } = picture(...RECORD);
    expect(timeline.at(-1)?.atMs).toBeUndefined();
  });
});
