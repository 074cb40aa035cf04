import { parseJson } from "@caseroom/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBundleRequests, readResource } from "./bundle-request.ts";
import { parseDateSearch, parsePeriod } from "./fhir-period.ts";
import { parseReference, referencesOf } from "./reference.ts";
import { replaceReferences, setVersion } from "./resource-text.ts";

const VERSION = { id: "o-1", versionId: "2", lastUpdated: "2026-11-25T05:00:00.000Z" };
const LAB = `{"resourceType" : "Observation",
  "meta": {"profile":["http://x"], "versionId":"77"},
  "extension":[{"url":"http://unknown","valueDecimal": 6.50}], "valueQuantity": {"value": 1.0e2},
  "subject":{"reference":"urn:uuid:1"},"note":[{"text":"\\"reference\\":\\"urn:uuid:1\\""}]}`;

describe("a resource's text", () => {
  it("gets id and version while every other byte stays", () => {
    expect(setVersion(LAB, VERSION)).toBe(
      LAB.replace('"Observation",', '"Observation","id":"o-1",')
        .replace('"versionId":"77"}', '"versionId":"2"}')
        .replace('"meta": {', '"meta": {"lastUpdated":"2026-11-25T05:00:00.000Z",'),
    );
    expect(setVersion("{}", VERSION)).toBe(
      '{"id":"o-1","meta":{"versionId":"2","lastUpdated":"2026-11-25T05:00:00.000Z"}}',
    );
  });

  it("says the same as before in whatever members it has", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1), (members, indent) => {
        const text = JSON.stringify(
          { resourceType: "Basic", ...members, id: "x", meta: { tag: [] } },
          undefined,
          indent,
        );
        const read = parseJson(setVersion(text, VERSION));
        expect(read).toEqual({
          ok: true,
          value: {
            ...JSON.parse(text),
            id: "o-1",
            meta: { tag: [], versionId: "2", lastUpdated: VERSION.lastUpdated },
          },
        });
      }),
    );
  });

  it("has its references replaced, and nothing that only looks like one", () => {
    const replaced = replaceReferences(LAB, (reference) => (reference === "urn:uuid:1" ? "Patient/p" : undefined));
    expect(replaced).toBe(LAB.replace('"reference":"urn:uuid:1"', '"reference":"Patient/p"'));
    expect(referencesOf(JSON.parse(replaced))).toEqual([{ path: "subject", reference: "Patient/p" }]);
  });
});

describe("a transaction", () => {
  it("is read entry by entry, each resource as it was written", () => {
    const body = `{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:2","resource": ${LAB} ,"request":{"method":"POST","url":"Observation"}},{"request":{"method":"DELETE","url":"Patient/1"}}]}`;
    const bundle = readResource(body);
    const requests = bundle.ok ? readBundleRequests(bundle.value) : bundle;
    expect(requests).toMatchObject({
      value: [
        { method: "POST", resource: { json: LAB, resourceType: "Observation" } },
        { method: "DELETE", url: "Patient/1" },
      ],
    });
  });

  it("with an entry that asks for nothing is refused with the element's name", () => {
    const bundle = readResource('{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic"}}]}');
    expect(bundle.ok && readBundleRequests(bundle.value)).toMatchObject({
      error: { issue: { expression: "Bundle.entry[0].request" } },
    });
  });
});

describe("a date", () => {
  it("stands for the whole of its period", () => {
    expect(parsePeriod("2024-02")).toEqual({ fromMs: Date.UTC(2024, 1, 1), untilMs: Date.UTC(2024, 2, 1) });
    expect(parsePeriod("2024-02-30")).toBeUndefined();
    expect(parseDateSearch("ge2024-02-01T10:00:00 08:00")).toEqual({
      comparator: "ge",
      fromMs: Date.UTC(2024, 1, 1, 2),
      untilMs: Date.UTC(2024, 1, 1, 2) + 1000,
    });
    expect(parseDateSearch("soon")).toBeUndefined();
  });
});

describe("a reference", () => {
  it("is this server's when it is relative or below its address", () => {
    expect(parseReference("http://a/fhir/Patient/1", "http://a/fhir")).toEqual({ type: "Patient", id: "1" });
    expect(parseReference("http://b/fhir/Patient/1", "http://a/fhir")).toBeUndefined();
    expect(parseReference("Patient/1/_history/2")).toEqual({ type: "Patient", id: "1" });
    expect(parseReference("#contained")).toBeUndefined();
  });
});
