import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { operationOutcome } from "./operation-outcome.ts";
import { MAX_FHIR_BYTES, readFhir } from "./read-fhir.ts";
import { toSearchBundle } from "./search-bundle.ts";

const OBSERVATION = '{"resourceType":"Observation","id":"o1", "valueQuantity" : {"value": 6.50}}';

describe("a FHIR body", () => {
  it("is split into its resources, every one as the text that was sent", () => {
    const bundle = `\uFEFF {"resourceType":"Bundle","entry":[{"fullUrl":"x","resource": ${OBSERVATION} },{"request":{"method":"DELETE"}}]} `;
    expect(readFhir(bundle)).toEqual({ ok: true, value: [{ resourceType: "Observation", json: OBSERVATION }] });
    expect(readFhir(` ${OBSERVATION}\n`)).toEqual({
      ok: true,
      value: [{ resourceType: "Observation", json: OBSERVATION }],
    });
    expect(readFhir('{"resourceType":"Bundle"}')).toEqual({ ok: true, value: [] });
  });

  it("is refused with the reason when it is no JSON, no FHIR or beyond a limit", () => {
    expect(readFhir("{")).toMatchObject({ error: { code: "SOURCE_UNREADABLE" } });
    for (const json of [
      "[]",
      "{}",
      '{"resourceType":"Bundle","entry":{}}',
      '{"resourceType":"Bundle","entry":[{"resource":1}]}',
    ])
      expect(readFhir(json), json).toMatchObject({ error: { code: "SOURCE_UNSUPPORTED" } });
    expect(readFhir("[".repeat(65))).toMatchObject({ error: { code: "TOO_LARGE" } });
    expect(readFhir(" ".repeat(MAX_FHIR_BYTES + 1))).toMatchObject({ error: { code: "TOO_LARGE" } });
  });

  it("holds what a search answered, whatever is in the resources", () => {
    const resource = fc.dictionary(fc.string(), fc.jsonValue()).map((members) => {
      const { id: _id, ...rest } = members;
      return JSON.stringify({ ...rest, resourceType: "Basic", id: "b" }, undefined, 1);
    });
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 5 }), (resources) => {
        const answer = toSearchBundle({
          entries: resources.map((json) => ({ fullUrl: "https://gw/fhir/Basic/b", json, mode: "match" as const })),
          total: 9,
          links: [{ relation: "self", url: "https://gw/fhir/Basic?a=b" }],
        });
        expect(JSON.parse(answer)).toMatchObject({ type: "searchset", total: 9, link: [{ relation: "self" }] });
        expect(readFhir(answer)).toEqual({
          ok: true,
          value: resources.map((json) => ({ resourceType: "Basic", json })),
        });
      }),
    );
  });
});

describe("an operation outcome", () => {
  it("names one issue", () => {
    const issue = { severity: "error", code: "invalid", diagnostics: "the body is not valid JSON" } as const;
    expect(JSON.parse(operationOutcome(issue))).toEqual({ resourceType: "OperationOutcome", issue: [issue] });
  });
});
