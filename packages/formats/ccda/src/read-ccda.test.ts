import { createAssembler, type FhirResource, isFhirResource, parseFragment } from "@caseroom/clinical";
import { expectOk, parseJson, utf8ToBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import {
  allergyWith,
  documentWith,
  medicationWith,
  problemWith,
  resultWith,
  sectionWith,
} from "./document-for-testing.ts";
import { readCcda } from "./index.ts";
import { sample } from "./samples-for-testing.ts";

const PROVENANCE = { institutionId: "a", institution: "A", system: "ccda", receivedMs: 0 };
const ALLERGIES = "48765-2";
const PROBLEMS = "11450-4";
const MEDICATIONS = "10160-0";
const RESULTS = "30954-2";

function resourcesOf(bytes: Uint8Array, type: string): readonly FhirResource[] {
  return expectOk(readCcda(bytes), "the document")
    .resources.filter(({ resourceType }) => resourceType === type)
    .map(({ json }) => parseJson(json))
    .flatMap((parsed) => (parsed.ok && isFhirResource(parsed.value) ? [parsed.value] : []));
}

function only(bytes: Uint8Array, type: string): FhirResource {
  const [first, ...others] = resourcesOf(bytes, type);
  expect(others).toEqual([]);
  if (first === undefined) throw new Error(`no ${type}`);
  return first;
}

function picture(bytes: Uint8Array) {
  const assembler = createAssembler();
  for (const [at, { json }] of expectOk(readCcda(bytes), "the document").resources.entries())
    assembler.add([expectOk(parseFragment({ id: `e:${at}`, json, provenance: PROVENANCE }), "the fragment")]);
  return assembler.picture();
}

function reasons(bytes: Uint8Array): readonly string[] {
  return expectOk(readCcda(bytes), "the document").skipped.map(({ reason }) => reason);
}

describe("who a document is about", () => {
  it("claims every number of the patient with its root as urn:oid, and never a root alone", () => {
    expect(expectOk(readCcda(sample("emerge-124.xml")), "the document").patient).toEqual({
      identifiers: [
        { system: "urn:oid:2.16.840.1.113883.19.5.99999.2", value: "998991" },
        { system: "urn:oid:2.16.840.1.113883.4.1", value: "111-00-2330" },
      ],
      name: "Marsha Pope",
      birthDate: "1995-01-05",
      sex: "female",
    });
    const text = new TextDecoder().decode(documentWith("")).replace(' extension="A123"', "");
    expect(expectOk(readCcda(utf8ToBytes(text)), "the document").patient?.identifiers).toEqual([]);
  });

  it("claims nobody for a bare section", () => {
    expect(expectOk(readCcda(sample("fragment-allergy-to-egg.xml")), "the document").patient).toBeUndefined();
  });

  it("refuses a document without a patient, and one about two", () => {
    const text = new TextDecoder().decode(documentWith(""));
    const target = text.slice(text.indexOf("<recordTarget>"), text.indexOf("<component>"));
    expect(readCcda(utf8ToBytes(text.replace(target, "")))).toMatchObject({ error: { code: "SOURCE_INCOMPLETE" } });
    expect(readCcda(utf8ToBytes(text.replace(target, target + target)))).toMatchObject({
      error: { code: "SOURCE_UNSUPPORTED" },
    });
  });
});

describe("what is denied, unknown or taken back", () => {
  it("tells an asserted absence of allergies from a section that is merely empty or null", () => {
    expect(picture(sample("fragment-no-known-allergies.xml")).allergies.state).toBe("asserted-none");
    expect(picture(sample("allscripts-sunrise.xml")).allergies.state).toBe("asserted-none");
    expect(picture(documentWith(sectionWith(ALLERGIES, ""))).allergies.state).toBe("no-information");
    const synthea = sample("synthea-sample5.xml.gz");
    expect(picture(synthea).allergies.state).toBe("no-information");
    expect(expectOk(readCcda(synthea), "the document").skipped).toContainEqual({
      section: ALLERGIES,
      code: "section",
      reason: "no-information",
    });
  });

  it("keeps a denial to its kind: no known drug allergy speaks for drugs, no known food allergy for food only", () => {
    const drug = allergyWith({ kind: "416098002", negated: true });
    const food = allergyWith({ kind: "414285001", negated: true });
    expect(picture(documentWith(sectionWith(ALLERGIES, drug))).allergies.state).toBe("asserted-none");
    expect(picture(documentWith(sectionWith(ALLERGIES, food))).allergies.state).toBe("no-information");
  });

  it("does not list a substance to which an allergy was ruled out", () => {
    const ruledOut = allergyWith({ kind: "416098002", negated: true, substance: "70618" });
    const bytes = documentWith(sectionWith(ALLERGIES, ruledOut));
    expect(only(bytes, "AllergyIntolerance")).toMatchObject({ verificationStatus: { coding: [{ code: "refuted" }] } });
    expect(picture(bytes).allergies.items).toEqual([]);
  });

  it("keeps warning of an allergy whose concern is completed without an end", () => {
    const bytes = documentWith(
      sectionWith(ALLERGIES, allergyWith({ kind: "416098002", substance: "70618", act: "completed" })),
    );
    expect(only(bytes, "AllergyIntolerance")).toMatchObject({ clinicalStatus: { coding: [{ code: "active" }] } });
  });

  it("takes a nullified problem back", () => {
    const bytes = documentWith(sectionWith(PROBLEMS, problemWith({ act: "nullified" })));
    const condition = only(bytes, "Condition");
    expect(condition).toMatchObject({ verificationStatus: { coding: [{ code: "entered-in-error" }] } });
    expect(condition.clinicalStatus).toBeUndefined();
    expect(picture(bytes).problems.items).toEqual([]);
  });

  it("calls a problem resolved when it has an end, also one nobody knows, and inactive when its concern was aborted", () => {
    const status = (problem: string) => only(documentWith(sectionWith(PROBLEMS, problem)), "Condition").clinicalStatus;
    expect(status(problemWith({ times: '<low value="2015"/><high value="201602"/>' }))).toMatchObject({
      coding: [{ code: "resolved" }],
    });
    expect(status(problemWith({ times: '<high nullFlavor="UNK"/>' }))).toMatchObject({
      coding: [{ code: "resolved" }],
    });
    expect(status(problemWith({ act: "aborted" }))).toMatchObject({ coding: [{ code: "inactive" }] });
    expect(status(problemWith({}))).toMatchObject({ coding: [{ code: "active" }] });
  });

  it("reads a denied problem as none when it is any problem, as refuted when it is one", () => {
    const any = documentWith(
      sectionWith(PROBLEMS, problemWith({ code: "55607006", observation: 'negationInd="true"' })),
    );
    expect(picture(any).problems.state).toBe("asserted-none");
    const one = documentWith(sectionWith(PROBLEMS, problemWith({ observation: 'negationInd="true"' })));
    expect(picture(one).problems.items).toEqual([]);
    expect(picture(one).problems.state).not.toBe("asserted-none");
  });

  it("does not take 'completed' on a medication list for stopped unless it has ended", () => {
    const status = (input: Parameters<typeof medicationWith>[0]) =>
      only(documentWith(sectionWith(MEDICATIONS, medicationWith(input))), "MedicationStatement").status;
    expect(status({ status: "completed" })).toBe("unknown");
    expect(status({ status: "completed", times: '<high value="20200101"/>' })).toBe("completed");
    expect(status({ status: "active", times: '<high value="20210101"/>' })).toBe("active");
    expect(status({ status: "aborted" })).toBe("stopped");
    expect(status({ status: "nullified" })).toBe("entered-in-error");
  });

  it("says that no medication is taken only where the source says so", () => {
    const none = medicationWith({
      attributes: 'moodCode="EVN" negationInd="true"',
      material: '<code nullFlavor="NA"/>',
    });
    expect(picture(documentWith(sectionWith(MEDICATIONS, none))).medications.state).toBe("asserted-none");
    const notGiven = documentWith(sectionWith("29549-3", none));
    expect(picture(notGiven).medications.state).toBe("no-information");
    expect(reasons(notGiven)).toContain("negated");
  });

  it("keeps a refused vaccination as not done, with the reason", () => {
    expect(only(sample("fragment-immunization-refused.xml"), "Immunization")).toMatchObject({
      status: "not-done",
      statusReason: { coding: [{ code: "PATOBJ" }] },
      occurrenceDateTime: "2015-11-15",
    });
  });

  it("never shows a denied observation as a finding", () => {
    const denied =
      '<entry><observation negationInd="true"><code code="8302-2"/><value xsi:type="ST">x</value></observation></entry>';
    const bytes = documentWith(sectionWith("29762-2", denied));
    expect(resourcesOf(bytes, "Observation")).toEqual([]);
    expect(reasons(bytes)).toEqual(["negated"]);
  });
});

describe("what senders write where they have nothing", () => {
  const allergy = (code: string, text = "") =>
    documentWith(
      sectionWith(
        ALLERGIES,
        allergyWith({ kind: "419199007", substance: "1" }).replace(
          '<code code="1" codeSystem="2.16.840.1.113883.6.88"/>',
          code,
        ),
        text,
      ),
    );

  it("does not list 'no data', nor take it for none", () => {
    const bytes = allergy('<code nullFlavor="UNK"><originalText>No allergy data is applicable</originalText></code>');
    expect(picture(bytes).allergies.state).toBe("no-information");
    expect(reasons(bytes)).toEqual(["no-information"]);
    expect(picture(sample("emerge-124.xml")).medications.state).toBe("no-information");
  });

  it("keeps two allergies apart whose code is 'Unknown'", () => {
    const entry = (name: string) =>
      allergyWith({ kind: "419199007", substance: "Unknown" }).replace(
        'code="Unknown"',
        `code="Unknown" displayName="${name}"`,
      );
    const bytes = documentWith(sectionWith(ALLERGIES, entry("Latex") + entry("Ragweed")));
    expect(
      picture(bytes)
        .allergies.items.map(({ title }) => title)
        .sort(),
    ).toEqual(["Latex", "Ragweed"]);
  });

  it("never lets a wrong reference hide the substance", () => {
    const code = `<code code="70618" displayName="Penicillin" codeSystem="2.16.840.1.113883.6.88"><originalText><reference value="#r"/></originalText></code>`;
    const [item] = picture(allergy(code, '<text><content ID="r">Hives</content></text>')).allergies.items;
    expect(item?.title).toBe("Penicillin (Hives)");
  });
});

describe("values as they were written", () => {
  const observation = (value: string, more = "") =>
    expectOk(readCcda(documentWith(sectionWith(RESULTS, resultWith(value, more)))), "the document").resources.find(
      ({ resourceType }) => resourceType === "Observation",
    )?.json ?? "";

  it("keeps decimals, and a unit that is none of UCUM as words", () => {
    expect(observation('<value xsi:type="PQ" value="6.50" unit="mmol/L"/>')).toContain(
      '"valueQuantity":{"value":6.50,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}',
    );
    expect(observation('<value xsi:type="PQ" value="72" unit="bpm"/>')).toContain(
      '"valueQuantity":{"value":72,"unit":"bpm"}',
    );
    expect(only(sample("fragment-unit-not-ucum.xml"), "Observation")).toHaveProperty("valueQuantity.unit");
  });

  it("reads a result beyond the scale as greater than, with its range", () => {
    expect(only(sample("fragment-greater-than.xml"), "Observation")).toMatchObject({
      valueQuantity: { value: 500, comparator: ">", unit: "mg/dL" },
      referenceRange: [{ low: { value: 80 }, high: { value: 140 } }, { type: { coding: [{ code: "H" }] } }],
    });
  });

  it("keeps the precision of a time, takes the document's zone where none is written, and keeps what is no time", () => {
    const time = (value: string) => {
      const text = resultWith('<value xsi:type="ST">a</value>').replace('value="20200430"', `value="${value}"`);
      return only(documentWith(sectionWith(RESULTS, text)), "Observation");
    };
    expect(time("202004").effectiveDateTime).toBe("2020-04");
    expect(time("20200430101112.5").effectiveDateTime).toBe("2020-04-30T10:11:12.5-04:00");
    expect(time("2020043010+0800")).toMatchObject({
      effectiveDateTime: "2020-04-30T10:00:00+08:00",
      _effectiveDateTime: { extension: [{ valueString: "2020043010+0800" }] },
    });
    expect(time("20201399").effectiveDateTime).toBeUndefined();
    expect(time("20201399")).toHaveProperty("_effectiveDateTime");
    expect(time("00010101000000").effectiveDateTime).toBeUndefined();
  });

  it("keeps a local code with its own system, a null code's translation, and the original words", () => {
    const value = `<value xsi:type="CD" nullFlavor="OTH"><originalText>as seen</originalText>
      <translation code="X1" codeSystem="2.999.9" displayName="local"/></value>`;
    expect(observation(value)).toContain(
      '"valueCodeableConcept":{"coding":[{"system":"urn:oid:2.999.9","code":"X1","display":"local"}],"text":"as seen"}',
    );
  });

  it("says why a value is lacking instead of making one up", () => {
    expect(observation('<value xsi:type="PQ" nullFlavor="MSK"/>')).toContain('"code":"masked"');
  });

  it("finds words where an entry refers to its section's narrative", () => {
    expect(only(sample("fragment-free-text-sig.xml"), "MedicationStatement")).toHaveProperty("dosage.0.text");
  });
});

describe("documents as wholes", () => {
  it("keeps an embedded PDF byte for byte", () => {
    const document = only(sample("hl7-embedded-pdf.xml"), "DocumentReference");
    const [content] = Array.isArray(document.content) ? document.content : [];
    expect(content.attachment.contentType).toBe("application/pdf");
    expect(Buffer.from(content.attachment.data, "base64").subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("keeps the narrative of every section, and nothing active in it", () => {
    const text = `<text><table onclick="x()"><tr><td colspan="2" style="y">1 &lt; 2</td></tr></table>
      <script>z()</script><content styleCode="Bold">b</content></text>`;
    const { section } = only(documentWith(sectionWith("99999-9", "", text)), "Composition");
    const div = JSON.stringify(section);
    expect(div).toContain('<td colspan=\\"2\\">1 &lt; 2</td>');
    expect(div).toContain("<b>b</b>");
    expect(div).not.toMatch(/onclick|style=|<script/);
    const sections = only(sample("hl7-discharge-summary.xml"), "Composition").section;
    expect(Array.isArray(sections) && sections.length).toBe(21);
  });

  it("counts what it does not understand", () => {
    const { skipped } = expectOk(readCcda(sample("hl7-diagnostic-imaging-report.xml")), "the document");
    expect(skipped.map(({ reason }) => reason)).toEqual(Array.from({ length: 5 }, () => "unsupported-section"));
  });

  it("gives the same bytes the same ids, and two statements never the same", () => {
    for (const name of ["hl7-ccd.xml", "emerge-124.xml", "synthea-sample5.xml.gz", "allscripts-sunrise.xml"]) {
      const first = expectOk(readCcda(sample(name)), "the document");
      expect(expectOk(readCcda(sample(name)), "the document")).toEqual(first);
      const ids = first.resources.map(({ json }) => /"id":"([0-9a-f]{40})"/.exec(json)?.[1]);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it("does not let an id that a sender gives to everything hide a result", () => {
    const id = '<id root="2.999.7" extension="1"/>';
    const glucose = resultWith(`${id}<value xsi:type="PQ" value="5" unit="mmol/L"/>`);
    const other = resultWith(`${id}<value xsi:type="PQ" value="9" unit="mmol/L"/>`);
    const bytes = documentWith(sectionWith(RESULTS, glucose + other));
    expect(
      picture(bytes)
        .series.flatMap(({ points }) => points.map(({ text }) => text))
        .sort(),
    ).toEqual(["5", "9"]);
    expect(reasons(documentWith(sectionWith(RESULTS, glucose + glucose)))).toContain("duplicate");
  });

  it("names the place of every resource", () => {
    for (const { json } of expectOk(readCcda(sample("hl7-ccd.xml")), "the document").resources)
      expect(json).toMatch(
        /"source":"urn:hl7ii:2\.16\.840\.1\.113883\.19\.5\.99999\.1:TT988#(document|recordTarget|section\[\d+\])/,
      );
  });
});
