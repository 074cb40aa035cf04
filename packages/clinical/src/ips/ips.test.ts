import { describe, expect, it } from "vitest";
import { isFhirObject, objectOf, objectsOf, textOf } from "../fhir-value.ts";
import type { Fragment } from "../fragment.ts";
import {
  allergyForTesting as allergy,
  fragmentForTesting as fragment,
  observationForTesting as observation,
  pictureForTesting as picture,
} from "../picture-for-testing.ts";
import { buildIps } from "./ips.ts";
import { ENGLISH_IPS_WORDS, type IpsWords } from "./ips-words.ts";

const PATIENT = fragment("p", "hgh", {
  resourceType: "Patient",
  id: "77",
  name: [{ text: "Chan Tai Man" }],
  birthDate: "1957-03-14",
});

function summaryOf(fragments: readonly Fragment[], words: IpsWords = ENGLISH_IPS_WORDS) {
  let count = 0;
  const text = buildIps({
    picture: picture(...fragments),
    fragmentOf: (id) => fragments.find((each) => each.id === id),
    words,
    nowMs: Date.parse("2026-11-25T03:00:00Z"),
    newId: () => {
      count += 1;
      return `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
    },
    institution: "Harbour General",
  });
  const bundle: unknown = JSON.parse(text ?? "null");
  const entries = isFhirObject(bundle) ? objectsOf(bundle.entry) : [];
  const sections = objectsOf(objectOf(entries[0]?.resource)?.section);
  const section = (loinc: string) =>
    sections.find((each) => textOf(objectsOf(objectOf(each.code)?.coding)[0]?.code) === loinc);
  return { text, entries, sections, section };
}
const div = (section: unknown) => textOf(objectOf(objectOf(section)?.text)?.div) ?? "";

describe("a patient summary", () => {
  it("has the three required sections with the reason why they are empty, and none that nobody filled", () => {
    const { sections, section, entries } = summaryOf([PATIENT, fragment("1", "chc", allergy("No known allergies"))]);
    expect(sections.map(({ title }) => title)).toEqual(["Active problems", "Allergies and intolerances", "Medication"]);
    const reason = (loinc: string) => objectsOf(objectOf(section(loinc)?.emptyReason)?.coding)[0]?.code;
    expect(["11450-4", "48765-2", "10160-0"].map(reason)).toEqual(["unavailable", "nilknown", "unavailable"]);
    expect(div(section("48765-2"))).toContain("None known, as a source states.");
    expect(div(section("48765-2"))).toContain("Said nothing about this: Harbour General");
    expect(entries.map(({ resource }) => objectOf(resource)?.resourceType)).toEqual([
      "Composition",
      "Patient",
      "Organization",
    ]);
  });

  it("carries the resources as deposited, about one patient, with every digit and no way out of the document", () => {
    const result = observation({ value: "6.50", identifier: "R1" }).replace(
      '"status"',
      '"id":"9","meta":{"profile":["x"]},"subject":{"reference":"Patient/12"},"performer":[{"reference":"Practitioner/3"}],"status"',
    );
    const { text, entries, section } = summaryOf([PATIENT, fragment("1", "kdc", result)]);
    expect(text).toContain('"value":6.50');
    const urls = entries.map(({ fullUrl }) => fullUrl);
    expect(objectsOf(section("30954-2")?.entry).map(({ reference }) => urls.includes(reference))).toEqual([true]);
    const observed = objectOf(entries.at(-1)?.resource);
    expect(observed).toMatchObject({ subject: { reference: urls[1] }, performer: [{ display: "Practitioner/3" }] });
    expect(observed).not.toHaveProperty("meta");
    for (const reference of text?.matchAll(/"reference":"([^"]+)"/g) ?? []) expect(urls).toContain(reference[1]);
  });

  it("says what contradicts itself, in the language of the reader, and lets nobody write into the page", () => {
    const words: IpsWords = {
      ...ENGLISH_IPS_WORDS,
      language: "ar",
      direction: "rtl",
      contradiction: "المصادر متعارضة:",
    };
    const { section } = summaryOf(
      [
        PATIENT,
        fragment("1", "hgh", allergy("Peni<script>cillin")),
        fragment("2", "chc", allergy("No known allergies")),
      ],
      words,
    );
    const allergies = div(section("48765-2"));
    expect(allergies).toContain('xml:lang="ar" lang="ar" dir="rtl"');
    expect(allergies).toContain("المصادر متعارضة:");
    expect(allergies).toContain("Peni&lt;script&gt;cillin (Harbour General)");
    expect(allergies).toContain("No known allergies (Central Heart Clinic)");
  });

  it("is not made of nobody", () => {
    expect(summaryOf([fragment("1", "hgh", allergy("Latex"))]).text).toBeUndefined();
  });
});
