import type { Json } from "@caseroom/clinical";
import { utf8ToBytes } from "@caseroom/contract";
import { type JsonMembers, timeMembers } from "./cda-time.ts";
import { concept, conceptJson, identifier, nameOf } from "./cda-value.ts";
import type { DocumentContext } from "./document-context.ts";
import { narrativeDiv } from "./narrative-xhtml.ts";
import { attachmentOf, authors } from "./note-entry.ts";
import type { Draft } from "./resource-draft.ts";
import { attribute, child, children, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

/** Bytes of narrative in one resource, so that it fits a sealed entry; what exceeds it becomes a document of its own. */
const MAX_NARRATIVE = 32_000;

/** FHIR R4 extension data-absent-reason: a loose section does not say when it was written. */
const UNKNOWN: Json = {
  url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
  valueCode: "unknown",
};

/** A section with what was found out about it. */
export type SectionReading = {
  readonly element: XmlElement;
  readonly code: string;
  readonly path: string;
  /** Statements in it, read or not. */
  readonly entries: number;
};

/**
 * The document as it was written: a Composition with each section's title, code and narrative, whether its entries were
 * understood or not. A section that says that it has no information says so there (`emptyReason`); a section that is
 * merely empty does not. Loose sections are a Composition too.
 */
export function compositionDrafts(
  root: XmlElement,
  sections: readonly SectionReading[],
  document: DocumentContext,
): readonly Draft[] {
  let room = MAX_NARRATIVE;
  const apart: Draft[] = [];
  const parts = sections.flatMap((section): Json[] => {
    const text = child(section.element, "text");
    const div = text === undefined || words(text) === undefined ? undefined : narrativeDiv(text);
    const size = div === undefined ? 0 : utf8ToBytes(div).length;
    const isTooLong = size > room;
    if (div !== undefined && isTooLong) apart.push(sectionDocument(section, div, document));
    if (div !== undefined && !isTooLong) room -= size;
    const reason = emptyReason(section);
    if (div === undefined && reason === undefined) return [];
    return [
      {
        title: words(child(section.element, "title")),
        code: conceptJson(concept(child(section.element, "code"), document)),
        text: div === undefined || isTooLong ? undefined : { status: "additional", div },
        emptyReason: reason,
      },
    ];
  });
  if (parts.length === 0) return apart;
  const body = {
    status: "final",
    ...heading(root, document),
    title: words(child(root, "title")) ?? "Clinical document",
    section: parts,
  };
  return [documentDraft("Composition", root, body), ...apart];
}

/** A document whose body is a file: PDF, RTF, picture or text (CDA R2 §4.3.1 nonXMLBody). */
export function unstructuredDrafts(root: XmlElement, document: DocumentContext): readonly Draft[] {
  const attachment = attachmentOf(child(root, "component", "nonXMLBody", "text"), document);
  if (attachment === undefined) return [];
  const { author, ...head } = heading(root, document);
  const title = words(child(root, "title"));
  const body = { status: "current", ...head, author, description: title, content: [{ attachment }] };
  return [documentDraft("DocumentReference", root, body)];
}

/** A FHIR R4 list-empty-reason where the section itself is null (CDA R2 §4.3.5 with C-CDA R2.1 §4.1.2, nullFlavor). */
function emptyReason({ element, entries }: SectionReading): Json | undefined {
  const flavour = attribute(element, "nullFlavor");
  if (entries > 0 || flavour === undefined) return undefined;
  const code = flavour === "NASK" ? "notasked" : flavour === "MSK" ? "withheld" : "unavailable";
  return { coding: [{ system: "http://terminology.hl7.org/CodeSystem/list-empty-reason", code }] };
}

/** Who keeps the document (C-CDA R2.1 §1.1.1, custodian). */
export function nameOfCustodian(root: XmlElement): string | undefined {
  return nameOf(child(root, "custodian", "assignedCustodian", "representedCustodianOrganization"));
}

function heading(root: XmlElement, document: DocumentContext): JsonMembers {
  const custodian = nameOfCustodian(root);
  const written = attribute(child(root, "effectiveTime"), "value");
  return {
    type: conceptJson(concept(child(root, "code"), document)) ?? { text: "Clinical document" },
    subject: document.subject,
    ...(written === undefined ? { _date: { extension: [UNKNOWN] } } : timeMembers("date", written, document.zone)),
    author: authors(root) ?? [{ display: custodian ?? "unknown" }],
    ...(custodian === undefined ? {} : { custodian: { display: custodian } }),
  };
}

function sectionDocument(section: SectionReading, div: string, document: DocumentContext): Draft {
  const html = `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>${div}</body></html>`;
  const body = {
    status: "current",
    type: conceptJson(concept(child(section.element, "code"), document)) ?? { text: "Section" },
    subject: document.subject,
    description: words(child(section.element, "title")),
    content: [
      {
        attachment: {
          contentType: "text/html; charset=utf-8",
          data: Buffer.from(html, "utf8").toString("base64"),
        },
      },
    ],
  };
  return {
    resourceType: "DocumentReference",
    body,
    identifiers: [],
    section: section.code,
    code: "text",
    path: section.path,
  };
}

/** Versions of one document share their setId, where they have one (CDA R2 §4.2.1.7). */
function documentDraft(resourceType: string, root: XmlElement, body: JsonMembers): Draft {
  const ids = [...children(root, "setId"), ...children(root, "id")]
    .map(identifier)
    .filter((each) => each !== undefined);
  return { resourceType, body, identifiers: ids.slice(0, 1), section: "", code: "", path: "document" };
}
