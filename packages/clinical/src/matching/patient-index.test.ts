import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { isAtLeast, type MatchGrade } from "./match-grade.ts";
import { parseMatchModel, SHIPPED_MODEL } from "./match-model.ts";
import { createMatcher, type Matcher } from "./matcher.ts";
import { trainModel } from "./model-training.ts";
import { packPerson, unpackPerson } from "./packed-person.ts";
import { createPatientIndex, type PatientIndex } from "./patient-index.ts";
import type { PersonRecord } from "./person-record.ts";
import { learnFrequencies } from "./term-frequency.ts";

const FIXTURES = new URL("../../../../fixtures/linkage/", import.meta.url);
const TRUST = { number: "unchecked" } as const;
const plain = createMatcher({ trust: TRUST });
const originals = readFebrl("febrl4a.csv");
const duplicates = readFebrl("febrl4b.csv");

/** People who share much with one another: few names, days, homes and numbers. */
const person: fc.Arbitrary<PersonRecord> = fc.record({
  names: fc
    .record({
      family: fc.constantFrom("Chan", "Chen", "Wong", "Smith", "陳", ""),
      given: fc.array(fc.constantFrom("Tai", "Man", "Ming", "Wai", "John", "Joan", "Chan", "偉文"), { maxLength: 2 }),
    })
    .map((name) => [name]),
  birthDate: fc.constantFrom("1980-03-04", "1980-04-03", "1980-03-05", "1980", "1991-11-20", ""),
  sex: fc.constantFrom("female" as const, "male" as const),
  identifiers: fc.array(
    fc.constantFrom(
      { system: "HKID", value: "A123456(3)" },
      { system: "HKID", value: "G123456(A)" },
      { system: "number", value: "1234567" },
      { system: "number", value: "1234576" },
    ),
    { maxLength: 2 },
  ),
  addresses: fc.array(
    fc.record({ number: fc.constantFrom("1", "12"), street: fc.constantFrom("Nathan Road", "Queen Street") }),
    { maxLength: 1 },
  ),
  deceased: fc.constantFrom(true, false, "2020-01-01"),
});

/** Shares nothing with anybody above. */
const STRANGERS: readonly PersonRecord[] = ["Ibsen", "Ejlert", "Oehlen"].map((family, index) => ({
  names: [{ family, given: ["Ulrik"] }],
  birthDate: `1934-07-1${index}`,
}));

describe("a judgement", () => {
  it("is the same from both sides", () => {
    fc.assert(
      fc.property(person, person, (a, b) => {
        const [there, back] = [plain.compare(a, b), plain.compare(b, a)];
        expect(back.grade).toBe(there.grade);
        expect(back.score).toBeCloseTo(there.score, 9);
        expect(new Set(back.reasons)).toEqual(new Set(there.reasons));
      }),
      { numRuns: 500 },
    );
  });

  it("is never certain where given names differ, nor where sex and birth date do", () => {
    fc.assert(
      fc.property(person, person, (a, b) => {
        const { grade, fields } = plain.compare(a, b);
        const levels = new Map(fields.map(({ field, level }) => [field, level]));
        if (levels.get("given") === "different") expect(grade).not.toBe("certain");
        if (levels.get("sex") === "different") expect(grade).not.toBe("certain");
        if (levels.get("birthDate") === "different") expect(grade).not.toBe("certain");
      }),
      { numRuns: 500 },
    );
  });

  it("is the same about a person who was kept in the index", () => {
    fc.assert(
      fc.property(person, (a) => {
        const prepared = plain.prepare(a);
        expect(unpackPerson(packPerson(prepared), plain.trustOf)).toEqual(prepared);
      }),
    );
  });
});

describe("an index of patients", () => {
  it("answers the same in whatever order people came, whoever came and went, and whatever strangers are there", () => {
    fc.assert(
      fc.property(fc.array(person, { minLength: 1, maxLength: 8 }), person, (people, asked) => {
        const entries = people.map((each, row) => [`p${row}`, each] as const);
        const forward = fill(plain, entries);
        const backward = fill(plain, [...entries].reverse());
        for (const [row, stranger] of STRANGERS.entries()) backward.add(`s${row}`, stranger);
        backward.add("gone", asked);
        expect(backward.remove("gone")).toBe(true);
        expect(backward.query(asked)).toEqual(forward.query(asked));
      }),
      { numRuns: 200 },
    );
  });

  it("puts a new record in the place of the old one", () => {
    const [first, second] = STRANGERS;
    const index = fill(plain, [["one", first ?? { names: [] }]]);
    index.add("one", second ?? { names: [] });
    expect(index.size()).toBe(1);
    expect(index.query(first ?? { names: [] }, { atLeast: "probable" })).toEqual([]);
  });

  it("says certain of none where two who are not one person both would be", () => {
    const base: PersonRecord = {
      names: [{ family: "Chan", given: ["Tai", "Man"] }],
      birthDate: "1980-03-04",
      addresses: [{ number: "1", street: "Nathan Road", locality: "Mong Kok" }],
    };
    const known = (value: string): PersonRecord => ({ ...base, identifiers: [{ system: "HKID", value }] });
    const index = fill(plain, [
      ["a", known("A123456(3)")],
      ["g", known("G123456(A)")],
    ]);
    expect(index.query(base).map(({ grade, reasons }) => [grade, ...reasons])).toEqual([
      ["probable", "several-candidates"],
      ["probable", "several-candidates"],
    ]);
    expect(index.query(base, { atLeast: "certain", limit: 1 })).toEqual([]);
    expect(index.query(known("A123456(3)"), { atLeast: "certain" }).map(({ id }) => id)).toEqual(["a"]);
  });

  it("survives the removal of most of its people", () => {
    const index = createPatientIndex(plain);
    for (let row = 0; row < 2500; row += 1) {
      index.add(`p${row}`, {
        names: [{ family: `Name${row}` }],
        identifiers: [{ system: "number", value: `77${row}5` }],
      });
    }
    for (let row = 0; row < 2400; row += 1) index.remove(`p${row}`);
    expect(index.size()).toBe(100);
    expect(index.neighbours({ names: [], identifiers: [{ system: "number", value: "7724505" }] })).toEqual(["p2450"]);
  });
});

describe("FEBRL 4, the first 400", () => {
  let found: ReadonlyMap<string, MatchGrade>;
  let trained: Matcher;

  beforeAll(() => {
    const left = originals.map(([, record]) => plain.prepare(record));
    const right = duplicates.map(([, record]) => plain.prepare(record));
    trained = createMatcher({
      trust: TRUST,
      model: trainModel({ left, right }, { pairs: 20_000 }),
      frequencies: learnFrequencies([...left, ...right]),
    });
    const index = fill(trained, originals);
    found = new Map(
      duplicates.flatMap(([id, record]) => index.query(record).map((one) => [`${one.id}|${id}`, one.grade] as const)),
    );
  });

  const share = (grade: MatchGrade): { readonly wrong: number; readonly recall: number } => {
    const linked = [...found].filter(([, each]) => isAtLeast(each, grade)).map(([pair]) => pair.split("|"));
    const right = linked.filter(([a, b]) => a === b).length;
    return { wrong: linked.length - right, recall: right / duplicates.length };
  };

  it("has no false link at certain and most of the true ones, and nearly all at probable", () => {
    expect(share("certain").wrong).toBe(0);
    expect(share("certain").recall).toBeGreaterThanOrEqual(0.78);
    expect(share("probable").wrong).toBe(0);
    expect(share("probable").recall).toBeGreaterThanOrEqual(0.98);
  });

  it("teaches the same model twice, one that is kept as JSON and read again", () => {
    const left = originals.map(([, record]) => plain.prepare(record));
    const learn = () => trainModel({ left }, { pairs: 3000, rounds: 5 });
    const model = learn();
    expect(learn()).toEqual(model);
    expect(parseMatchModel(JSON.parse(JSON.stringify(model)))).toEqual(model);
    expect(parseMatchModel({ ...SHIPPED_MODEL, sex: { same: { m: 2, u: 1 } } })).toBeUndefined();
  });
});

function fill(matcher: Matcher, entries: readonly (readonly [string, PersonRecord])[]): PatientIndex {
  const index = createPatientIndex(matcher);
  for (const [id, record] of entries) index.add(id, record);
  return index;
}

function readFebrl(file: string): readonly (readonly [id: string, record: PersonRecord])[] {
  const [, ...lines] = readFileSync(new URL(file, FIXTURES), "utf8").trim().split("\n");
  return lines.map((line) => {
    const [rec = "", given = "", family = "", number = "", street = "", building = "", locality = "", ...rest] = line
      .split(",")
      .map((cell) => cell.trim());
    const [postcode = "", region = "", birthDate = "", value = ""] = rest;
    return [
      rec.split("-")[1] ?? "",
      {
        names: [{ family, given: [given] }],
        birthDate,
        identifiers: [{ system: "number", value }],
        addresses: [{ number, street, building, locality, postcode, region }],
      },
    ] as const;
  });
}
