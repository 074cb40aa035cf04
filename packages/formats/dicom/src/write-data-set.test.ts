import { expectOk } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { readIdentifier } from "./identifier.ts";
import { EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from "./part10.ts";
import { writeDataSet } from "./write-data-set.ts";

const matches = {
  "00080020": { vr: "DA", Value: ["20260315"] },
  "00080061": { vr: "CS", Value: ["CT", "MR"] },
  "00100010": { vr: "PN", Value: [{ Alphabetic: "CHAN^TAI MAN", Ideographic: "陳^大文" }] },
  "00100020": { vr: "LO", Value: ["KD-1"] },
  "00081140": { vr: "SQ", Value: [{ "00081155": { vr: "UI", Value: ["1.2.3"] } }] },
  "00200013": { vr: "IS", Value: [7] },
  "00280010": { vr: "US", Value: [512] },
  "00280009": { vr: "AT", Value: ["00181063"] },
  "00281050": { vr: "DS", Value: [40.5, -600] },
  "00189073": { vr: "FD", Value: [0.25] },
  "0020000E": { vr: "UI" },
};

describe("an answer to a query", () => {
  it("says in bytes what it says in JSON, in both ways of writing", () => {
    for (const syntax of [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN]) {
      const read = expectOk(readIdentifier(writeDataSet(matches, syntax), syntax), "identifier");
      expect(JSON.parse(read.json)).toEqual({ ...matches, "00080005": { vr: "CS", Value: ["ISO_IR 192"] } });
    }
  });

  it("names a character set only where there is more than ASCII, and keeps to Latin-1 for who asked in it", () => {
    const named = (name: string, preferred?: "ISO_IR 100") => {
      const written = writeDataSet(
        { "00100010": { vr: "PN", Value: [{ Alphabetic: name }] } },
        EXPLICIT_LITTLE_ENDIAN,
        preferred,
      );
      const { json, characterSet } = expectOk(readIdentifier(written, EXPLICIT_LITTLE_ENDIAN), name);
      expect(JSON.parse(json)["00100010"].Value).toEqual([{ Alphabetic: name }]);
      return characterSet;
    };
    expect(named("CHAN^TAI MAN")).toEqual([]);
    expect(named("MÜLLER")).toEqual(["ISO_IR 192"]);
    expect(named("MÜLLER", "ISO_IR 100")).toEqual(["ISO_IR 100"]);
    expect(named("陳", "ISO_IR 100")).toEqual(["ISO_IR 192"]);
  });
});
