import type { Json } from "@caseroom/clinical";
import { timeMembers } from "./cda-time.ts";
import { concept, conceptJson, nameOf, referredText } from "./cda-value.ts";
import type { DocumentContext, Place } from "./document-context.ts";
import { isNullified } from "./entry-status.ts";
import { type Draft, draft } from "./resource-draft.ts";
import { attribute, child, descend, hasTemplate, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

const COMMENT = "2.16.840.1.113883.10.20.22.4.64";
const COMMENT_OF_CCD = "2.16.840.1.113883.10.20.1.40";

export type Notes = readonly { readonly text: string }[];

/** The Comment Activities of a statement (C-CDA R2.1 §3.19, LOINC 48767-8) as annotations. */
export function comments(statement: XmlElement, place: Place): Notes {
  return descend(statement, "entryRelationship", "act")
    .filter((act) => hasTemplate(act, COMMENT, COMMENT_OF_CCD) || attribute(child(act, "code"), "code") === "48767-8")
    .flatMap((act) => {
      const text = referredText(child(act, "text"), place.document);
      if (text === undefined) return [];
      place.take(act);
      return [{ text }];
    });
}

/** The same as an element, which FHIR has no empty lists for. */
export function noteElement(statement: XmlElement, place: Place): Json | undefined {
  const notes = comments(statement, place);
  return notes.length === 0 ? undefined : notes;
}

/** A Note Activity (C-CDA R2.1 companion guide, 2.16.840.1.113883.10.20.22.4.202) as a document with its text. */
export function readNote(act: XmlElement, place: Place): readonly Draft[] {
  const { document } = place;
  const attachment = attachmentOf(child(act, "text"), document);
  if (attachment === undefined) return [];
  const body = {
    status: isNullified(act) ? "entered-in-error" : "current",
    type: conceptJson(concept(child(act, "code"), document)),
    subject: document.subject,
    ...timeMembers("date", attribute(child(act, "author", "time"), "value"), document.zone),
    author: authors(act),
    content: [{ attachment }],
  };
  return [draft("DocumentReference", act, place, body)];
}

/** A picture or other media of an entry (CDA R2 §4.3.6.6 observationMedia), where its data are embedded. */
export function readMedia(media: XmlElement, place: Place): readonly Draft[] {
  const { document } = place;
  const attachment = attachmentOf(child(media, "value"), document);
  if (attachment === undefined) return [];
  const body = {
    status: "current",
    type: { text: "Picture" },
    subject: document.subject,
    content: [{ attachment }],
  };
  return [draft("DocumentReference", media, place, body)];
}

/**
 * An ED (HL7 v3 data types) as a FHIR Attachment: base64 as it was embedded, words as UTF-8 text. `undefined` when it is
 * empty, is not base64 although it says so, or is only referred to.
 */
export function attachmentOf(data: XmlElement | undefined, document: DocumentContext): Json | undefined {
  if (data === undefined) return undefined;
  const mediaType = attribute(data, "mediaType")?.toLowerCase();
  if (attribute(data, "representation")?.toUpperCase() === "B64") {
    if (attribute(data, "compression") !== undefined) return undefined;
    const base64 = (words(data) ?? "").replace(/\s+/g, "");
    if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
    const isMediaType = mediaType !== undefined && /^[a-z]+\/[a-z0-9.+-]+$/.test(mediaType);
    return { contentType: isMediaType ? mediaType : "application/octet-stream", data: base64 };
  }
  const text = referredText(data, document);
  if (text === undefined) return undefined;
  return { contentType: "text/plain; charset=utf-8", data: Buffer.from(text, "utf8").toString("base64") };
}

/** Who wrote a statement, by name. */
export function authors(statement: XmlElement): Json | undefined {
  const names = descend(statement, "author", "assignedAuthor").flatMap((author) => {
    const display =
      nameOf(child(author, "assignedPerson")) ??
      nameOf(child(author, "representedOrganization")) ??
      words(child(author, "assignedAuthoringDevice", "softwareName"));
    return display === undefined ? [] : [{ display }];
  });
  return names.length === 0 ? undefined : names;
}
