import { parseFragment } from "@caseroom/clinical";
import { bytesToUtf8, utf8ToBytes } from "@caseroom/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentWith } from "./document-for-testing.ts";
import { MAX_CCDA_BYTES, readCcda } from "./index.ts";
import { sample } from "./samples-for-testing.ts";

const PROVENANCE = { institutionId: "a", institution: "A", system: "ccda", receivedMs: 0 };
const CORPUS = [
  "fragment-allergy-to-egg.xml",
  "fragment-drug-mixture.xml",
  "fragment-greater-than.xml",
  "fragment-immunization-refused.xml",
  "mtuitive-operation-note.xml",
  "kareo.ccd",
  "allscripts-sunrise.xml",
].map((name) => bytesToUtf8(sample(name)) ?? "");

function codeOf(text: string): string | undefined {
  const result = readCcda(utf8ToBytes(text));
  return result.ok ? undefined : result.error.code;
}

describe("XML that is meant to harm is refused before it does", () => {
  it("takes no document type, and so expands no entity", () => {
    const laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><ClinicalDocument>&c;</ClinicalDocument>';
    expect(codeOf(laughs)).toBe("SOURCE_UNSUPPORTED");
    expect(codeOf('<!DOCTYPE a SYSTEM "file:///etc/passwd"><ClinicalDocument/>')).toBe("SOURCE_UNSUPPORTED");
    expect(codeOf("<section><title>&undeclared;</title></section>")).toBe("SOURCE_UNREADABLE");
  });

  it("takes no depth, no number of elements and attributes, and no size beyond its limits", () => {
    expect(codeOf("<section>".repeat(101))).toBe("TOO_LARGE");
    expect(codeOf(`<section>${"<a/>".repeat(250_000)}</section>`)).toBe("TOO_LARGE");
    const attributes = Array.from({ length: 65 }, (_, at) => `a${at}="1"`).join(" ");
    expect(codeOf(`<section ${attributes}/>`)).toBe("TOO_LARGE");
    expect(codeOf(" ".repeat(MAX_CCDA_BYTES + 1))).toBe("TOO_LARGE");
  });

  it("refuses what is no XML, not in its encoding, or no clinical document", () => {
    expect(codeOf("")).toBe("SOURCE_UNREADABLE");
    expect(codeOf("MSH|^~\\&|")).toBe("SOURCE_UNREADABLE");
    expect(codeOf("<html/>")).toBe("SOURCE_UNSUPPORTED");
    expect(codeOf('<?xml version="1.0" encoding="EBCDIC-CP-US"?><section/>')).toBe("SOURCE_UNREADABLE");
    expect(readCcda(new Uint8Array([0x3c, 0xff, 0xfe]))).toMatchObject({ error: { code: "SOURCE_UNREADABLE" } });
  });

  it("skips a file that is too large for one resource, and says so", () => {
    const body = `<nonXMLBody><text mediaType="application/pdf" representation="B64">${"A".repeat(1_200_000)}</text></nonXMLBody>`;
    const text = (bytesToUtf8(documentWith("")) ?? "").replace("<structuredBody></structuredBody>", body);
    expect(readCcda(utf8ToBytes(text))).toMatchObject({ ok: true, value: { skipped: [{ reason: "too-large" }] } });
  });
});

type Change = { readonly kind: number; readonly at: number; readonly length: number; readonly text: string };

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.nat(3),
  at: fc.nat(1_000_000),
  length: fc.nat(200),
  text: fc.oneof(
    fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "</act>",
      "<observation>",
      ' nullFlavor="UNK"',
      "-",
      "\u0000",
      "\ud800",
      "&#x0;",
    ),
    fc.string({ maxLength: 12, unit: "binary" }),
  ),
});

function mutate(text: string, { kind, at, length, text: other }: Change): string {
  const from = at % (text.length + 1);
  if (kind === 0) return text.slice(0, from) + text.slice(from + length);
  if (kind === 1) return text.slice(0, from) + other + text.slice(from);
  if (kind === 2) return text.slice(0, from) + text.slice(from, from + length).repeat(3) + text.slice(from + length);
  return text.slice(0, from) + other + text.slice(from + other.length);
}

/** Only attribute values: what stays well-formed gets further than what does not. */
function mutateValue(text: string, { at, text: other }: Change): string {
  const values = [...text.matchAll(/="([^"<&]*)"/g)];
  const chosen = values[at % Math.max(values.length, 1)];
  if (chosen === undefined) return text;
  const plain = other.replace(/[^\x20-\x7e]|[<&"]/g, "9");
  return `${text.slice(0, chosen.index)}="${plain}"${text.slice(chosen.index + chosen[0].length)}`;
}

describe("whatever is done to a document, it is read or refused, and what is read holds", () => {
  it.each([mutate, mutateValue])("%o", (apply) => {
    fc.assert(
      fc.property(fc.nat(CORPUS.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }), (which, changes) => {
        const result = readCcda(utf8ToBytes(changes.reduce(apply, CORPUS[which] ?? "")));
        if (!result.ok) return;
        for (const { json } of result.value.resources)
          expect(parseFragment({ id: "e:0", json, provenance: PROVENANCE }).ok).toBe(true);
      }),
      { numRuns: 250 },
    );
  });

  it("reads or refuses any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readCcda(bytes)));
  });
});
