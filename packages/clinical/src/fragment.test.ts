import { describe, expect, it } from "vitest";
import { MAX_FRAGMENT_BYTES, parseFragment } from "./fragment.ts";
import { sliceJson } from "./json-text.ts";
import { routeFragment } from "./routing.ts";

const provenance = { institutionId: "hgh", institution: "Harbour General", system: "HIS", receivedMs: 1 };
const parse = (json: string) => parseFragment({ id: "e:0", json, provenance });

describe("a fragment", () => {
  it("is refused when it is too large or nested too deeply, before it is parsed", () => {
    expect(parse(`"${"a".repeat(MAX_FRAGMENT_BYTES)}"`)).toMatchObject({ error: { code: "TOO_LARGE" } });
    expect(parse(`"${"陳".repeat(MAX_FRAGMENT_BYTES / 2)}"`)).toMatchObject({ error: { code: "TOO_LARGE" } });
    expect(parse("[".repeat(100_000))).toMatchObject({ error: { code: "TOO_LARGE" } });
  });

  it("is refused unless it is an object with a resourceType", () => {
    for (const json of ["", "{", "[]", "null", "{}", '{"resourceType":1}', '{"resourceType":""}', '"Patient"'])
      expect(parse(json), json).toMatchObject({ error: { code: "SOURCE_UNREADABLE" } });
  });

  it("keeps the decimals that its source wrote", () => {
    const json =
      '{ "resourceType" : "Observation", "note":[{"text":"a \\"}] , 9.9"}], "valueQuantity" : {"value": 6.50 } }';
    expect(parse(json)).toMatchObject({ ok: true, value: { json } });
    expect(sliceJson(json, ["valueQuantity", "value"])).toBe("6.50");
    expect(sliceJson(json, ["note", 0, "text"])).toBe('"a \\"}] , 9.9"');
    expect(sliceJson(json, ["valueQuantity", "unit"])).toBeUndefined();
  });

  it("goes to the emergency compartment when an unconscious patient needs it", () => {
    const category = (code: string) => [{ coding: [{ code }] }];
    expect(routeFragment({ resourceType: "AllergyIntolerance" })).toBe("emergency");
    expect(routeFragment({ resourceType: "Device" })).toBe("emergency");
    expect(routeFragment({ resourceType: "Observation" })).toBe("clinical");
    expect(routeFragment({ resourceType: "Condition", category: category("problem-list-item") })).toBe("emergency");
    expect(routeFragment({ resourceType: "Condition", category: category("encounter-diagnosis") })).toBe("clinical");
  });
});
