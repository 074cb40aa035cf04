import { describe, expect, it } from "vitest";
import { createMatcher } from "./matcher.ts";
import { personFromPatient } from "./person-from-patient.ts";
import type { PersonName, PersonRecord } from "./person-record.ts";

const matcher = createMatcher({ trust: { "social-security": "unchecked" } });

const CHAN: PersonRecord = {
  names: [{ family: "Chan", given: ["Tai Man"] }],
  birthDate: "1958-03-04",
  sex: "male",
  identifiers: [{ system: "HKID", value: "A123456(3)" }],
  addresses: [{ number: "12a", street: "Nathan Road", building: "Fook House", locality: "Mong Kok" }],
  phones: ["+852 9123 4567"],
};

const named = (...names: readonly PersonName[]): PersonRecord => ({ ...CHAN, names });
const without = (record: PersonRecord, ...fields: readonly (keyof PersonRecord)[]): PersonRecord => ({
  names: record.names,
  ...Object.fromEntries(Object.entries(record).filter(([field]) => !fields.some((one) => one === field))),
});
const grade = (a: PersonRecord, b: PersonRecord): string => matcher.compare(a, b).grade;
const given = (a: PersonName, b: PersonName): string | undefined =>
  matcher.compare(named(a), named(b)).fields.find(({ field }) => field === "given")?.level;

describe("who is certainly one person", () => {
  it("has the same checked HKID, birth date and name, with nothing else known", () => {
    const bare = without(CHAN, "addresses", "phones", "sex");
    expect(matcher.compare(bare, bare)).toMatchObject({ grade: "certain", reasons: ["trusted-number-agrees"] });
  });

  it("has the same number of one institution, birth date and name", () => {
    const one = { ...without(CHAN, "addresses", "phones"), identifiers: [{ system: "kdc-mrn", value: "0042" }] };
    expect(grade(one, one)).toBe("certain");
    expect(grade(one, { ...one, identifiers: [{ system: "other-mrn", value: "0042" }] })).not.toBe("certain");
  });

  it("has no number, but the same name, birth date and home", () => {
    const bare = without(CHAN, "identifiers", "phones");
    expect(matcher.compare(bare, bare)).toMatchObject({ grade: "certain", reasons: ["evidence-agrees"] });
  });

  it("took another surname: everything else agrees, a number included", () => {
    expect(grade(CHAN, named({ family: "Wong", given: ["Tai Man"] }))).toBe("certain");
  });
});

describe("who is never certainly one person", () => {
  it("has the same HKID and another name, birth date or sex", () => {
    expect(grade(CHAN, named({ family: "Wong", given: ["Siu Ling"] }))).not.toBe("certain");
    expect(grade(CHAN, { ...CHAN, birthDate: "1991-11-20" })).toBe("probable");
    expect(grade(CHAN, { ...CHAN, sex: "female" })).toBe("probable");
    expect(grade(CHAN, { ...CHAN, sex: "female", birthDate: "1991-11-20" })).toBe("possible");
  });

  it("has an HKID whose check digit is wrong, and nothing beside it but a name and a birth date", () => {
    const typed = { ...without(CHAN, "addresses", "phones"), identifiers: [{ system: "HKID", value: "A123456(7)" }] };
    expect(matcher.compare(typed, typed).reasons).not.toContain("trusted-number-agrees");
  });

  it("has another valid HKID, however alike the rest", () => {
    const other = { ...CHAN, identifiers: [{ system: "HKID", value: "G123456(A)" }] };
    expect(matcher.compare(CHAN, other)).toMatchObject({ grade: "possible", reasons: ["national-number-differs"] });
  });

  it("is a twin: surname, home and birth date are the same, the given name is another or nearly the same", () => {
    const twin = without(CHAN, "identifiers", "phones");
    for (const name of ["Tai Ming", "Tai Wai", "Siu Man", "Peter"]) {
      const match = matcher.compare(twin, { ...twin, names: [{ family: "Chan", given: [name] }] });
      expect(match.grade, name).not.toBe("certain");
      expect(match.reasons, name).toContain("may-be-twins");
    }
    const [john, joan] = ["John", "Joan"].map((name) => ({ ...twin, names: [{ family: "Smith", given: [name] }] }));
    expect(grade(john ?? twin, joan ?? twin)).toBe("probable");
  });

  it("is a twin who was given the other's number", () => {
    expect(grade(CHAN, named({ family: "Chan", given: ["Siu Wai"] }))).not.toBe("certain");
  });

  it("is a father or a son: another generation", () => {
    const [senior, junior] = ["Sr", "Jr"].map((suffix) => named({ family: "Nash", given: ["Paul"], suffix }));
    expect(matcher.compare(senior ?? CHAN, junior ?? CHAN).reasons).toContain("generation-differs");
  });

  it("died, and is said to live", () => {
    expect(grade({ ...CHAN, deceased: "2020-05-05" }, { ...CHAN, deceased: false })).toBe("probable");
    expect(grade({ ...CHAN, deceased: "2020-05-05" }, { ...CHAN, deceased: "2011-01-30" })).toBe("possible");
    expect(grade({ ...CHAN, deceased: true }, { ...CHAN, deceased: "2011-01-30" })).toBe("certain");
  });

  it("shares a common name and a birth date, and nothing else is known", () => {
    const bare = without(CHAN, "identifiers", "addresses", "phones");
    expect(grade(bare, bare)).not.toBe("certain");
  });

  it("shares a form's way of saying that there is no number", () => {
    const blank = (family: string): PersonRecord => ({
      names: [{ family, given: ["Ann"] }],
      identifiers: [{ system: "social-security", value: "999-99-9999" }],
    });
    expect(matcher.compare(blank("Brown"), blank("Jones")).fields.map(({ field }) => field)).not.toContain("number");
  });
});

describe("names", () => {
  const chan = (...words: readonly string[]): PersonName => ({ family: "Chan", given: words });

  it("are the same however the syllables are joined", () => {
    for (const other of ["Tai-man", "Taiman", "TAI MAN"])
      expect(given(chan("Tai Man"), chan(other)), other).toBe("same");
  });

  it("are a variant in another romanisation, with an English name, or as a nickname", () => {
    expect(given(chan("Wing Yee"), chan("Wing Yi"))).toBe("variant");
    expect(given(chan("Chi Keung"), { family: "Chen", given: ["Zhiqiang"] })).toBe("variant");
    expect(given(chan("Peter", "Tai", "Man"), chan("Tai Man"))).toBe("variant");
    expect(given(chan("Robert"), chan("Bobby"))).toBe("variant");
  });

  it("are other names when one syllable is another", () => {
    expect(given(chan("Ka Ho"), chan("Ka Hei"))).toBe("different");
    expect(given(chan("Wing Yan"), chan("Wing Yin"))).toBe("different");
  });

  it("in Chinese characters meet their romanisation, simplified or traditional", () => {
    const written = { text: "陳偉文" };
    expect(given(written, { family: "陈", given: ["伟文"] })).toBe("same");
    expect(given(written, chan("Wai Man"))).toBe("variant");
    expect(given(written, { family: "Chen", given: ["Weiwen"] })).toBe("variant");
    expect(given(written, chan("Siu Ling"))).toBe("different");
  });

  it("that sound the same and are written with other characters are at best close", () => {
    const both = (text: string): PersonRecord => named(chan("Wai Man"), { text });
    const match = matcher.compare(without(both("陳偉文"), "identifiers"), without(both("陳慧敏"), "identifiers"));
    expect(match.fields.find(({ field }) => field === "given")?.level).toBe("close");
    expect(match.grade).not.toBe("certain");
  });

  it("are found in the wrong order", () => {
    const match = matcher.compare(CHAN, named({ family: "Tai Man", given: ["Chan"] }));
    expect(match.isNameSwapped).toBe(true);
    expect(match.fields.find(({ field }) => field === "surname")?.level).toBe("same");
  });

  it("in one text are cut by comma, capitals, or what is a Chinese surname", () => {
    for (const text of ["Chan, Tai Man", "CHAN Tai Man", "Chan Tai Man", "Tai Man CHAN", "陳大文 Chan Tai Man"]) {
      expect(given(chan("Tai Man"), { text }), text).toBe("same");
    }
    expect(given({ text: "歐陽文" }, { family: "歐陽", given: ["文"] })).toBe("same");
  });
});

describe("a FHIR Patient", () => {
  it("is read with its names, numbers, address and telephone", () => {
    const patient = {
      resourceType: "Patient",
      name: [{ family: "Chan", given: ["Tai Man"] }, { text: "陳大文" }],
      gender: "male",
      birthDate: "1958-03-04",
      identifier: [{ system: "HKID", value: "A123456(3)" }],
      address: [{ line: ["Flat 12A, Nathan Road", "Fook House"], city: "Mong Kok" }],
      telecom: [{ system: "phone", value: "9123 4567" }],
      deceasedBoolean: false,
    };
    const match = matcher.compare(personFromPatient(patient), CHAN);
    expect(match.grade).toBe("certain");
    expect(match.fields.filter(({ level }) => level === "same").map(({ field }) => field)).toEqual(
      expect.arrayContaining(["surname", "birthDate", "sex", "national", "house", "street", "building", "phone"]),
    );
  });
});
