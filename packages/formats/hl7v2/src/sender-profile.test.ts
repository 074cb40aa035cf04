import { expectOk, utf8ToBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { readHl7 } from "./read-hl7.ts";
import { parseProfiles } from "./sender-profile.ts";

const PROFILES = [
  {
    application: "LIS",
    facility: "NYC",
    charset: "BIG-5",
    zone: "America/New_York",
    codes: [{ code: "K", table: "L", to: { system: "http://loinc.org", code: "2823-3", display: "Potassium" } }],
    zSegments: [
      {
        segment: "ZBM",
        field: 2,
        code: { system: "http://loinc.org", code: "39156-5", display: "BMI" },
        unit: "kg/m2",
      },
    ],
  },
  { facility: "NYC", zone: "-03:00" },
];
const profiles = expectOk(parseProfiles(PROFILES), "the profiles of a test");

function read(application: string, ...segments: readonly string[]) {
  const text = [
    `MSH|^~\\&|${application}|NYC|||20260115120000||ORU^R01|1|P|2.5`,
    "PID|1||1",
    "OBR|1",
    ...segments,
  ].join("\r");
  return expectOk(readHl7(utf8ToBytes(text), profiles), "a message of a test");
}
const results = (reading: ReturnType<typeof read>) =>
  reading.fragments.filter(({ resourceType }) => resourceType === "Observation").map(({ json }) => JSON.parse(json));

describe("a sender of whom something particular is known", () => {
  it("has its own clock, summer and winter; another application of the same house has another", () => {
    const at = (time: string) => results(read("LIS", `OBX|1|NM|1^X^L||1|||||||||${time}`))[0].effectiveDateTime;
    expect(at("20260115120000")).toBe("2026-01-15T12:00:00-05:00");
    expect(at("20260715120000")).toBe("2026-07-15T12:00:00-04:00");
    expect(at("20260715120000+0100")).toBe("2026-07-15T12:00:00+01:00");
    expect(results(read("RIS", "OBX|1|NM|1^X^L||1|||||||||20260715120000"))[0].effectiveDateTime).toBe(
      "2026-07-15T12:00:00-03:00",
    );
  });

  it("uses codes that are read as what others call them, and stay what they were", () => {
    expect(results(read("LIS", "OBX|1|NM|K^Kalium^L||4.10"))[0].code).toEqual({
      coding: [
        { system: "urn:caseroom:local:NYC", code: "K", display: "Kalium" },
        { system: "http://loinc.org", code: "2823-3", display: "Potassium" },
      ],
      text: "Kalium",
    });
    expect(results(read("LIS", "OBX|1|NM|K^Other^M||4.10"))[0].code.coding).toHaveLength(1);
    expect(results(read("RIS", "OBX|1|NM|K^Kalium^L||4.10"))[0].code.coding).toHaveLength(1);
  });

  it("has segments of its own, whose numbers keep their decimals", () => {
    const reading = read("LIS", "ZBM|1|24.50");
    expect(reading.fragments.at(-1)?.json).toContain('"valueQuantity":{"value":24.50,"unit":"kg/m2"}');
    expect(results(read("RIS", "ZBM|1|24.50"))).toEqual([]);
  });

  it("writes in a character set that it does not name", () => {
    const bytes = (charset: string) =>
      new Uint8Array([
        ...utf8ToBytes(`MSH|^~\\&|LIS|NYC|||2026||ADT^A04|1|P|2.5||||||${charset}\rPID|1||1||`),
        ...[0xb3, 0xaf],
      ]);
    expect(expectOk(readHl7(bytes(""), profiles), "the message").patient.name).toBe("陳");
    expect(expectOk(readHl7(bytes("8859/1"), profiles), "the message").patient.name).toBe("³¯");
  });
});

describe("a profile that somebody wrote down", () => {
  it("is refused with its number and what is wrong", () => {
    const wrong = (profile: unknown) => parseProfiles([{}, profile]);
    for (const profile of [
      "LIS",
      { zone: "Mars/Olympus" },
      { charset: "EBCDIC" },
      { codes: [{ code: "K" }] },
      { zSegments: [{ segment: "OBX", field: 1, code: { system: "s", code: "c" } }] },
    ])
      expect(wrong(profile)).toMatchObject({
        error: { code: "BAD_REQUEST", detail: expect.stringMatching(/^profile 2: /) },
      });
    expect(parseProfiles({})).toMatchObject({ error: { code: "BAD_REQUEST" } });
  });
});
