import type { Json } from "@caseroom/clinical";
import type { NarrativeIndex } from "./narrative-index.ts";
import type { XmlElement } from "./xml-tree.ts";

/** What entries of a document share. */
export type DocumentContext = {
  /** Root of the document's id, by which codes that only the sender knows are named. */
  readonly sender: string;
  /** Where in the world of versions the resources come from: `urn:hl7ii:<root>:<extension>`, or `urn:hl7ii:unknown`. */
  readonly source: string;
  readonly zone: string;
  /** The document's own time as a FHIR instant, when it has a time of day. */
  readonly instant: string | undefined;
  readonly timeMs: number | undefined;
  readonly subject: Json;
  readonly narrative: NarrativeIndex;
};

export type SkipReason =
  | "duplicate"
  | "entered-in-error"
  | "negated"
  | "no-information"
  | "unsupported-section"
  | "unsupported-entry"
  | "unsupported-part"
  | "invalid"
  | "too-large";

/** Something of the document that no resource says. `code` is its own code, else the name of its element. */
export type Skipped = { readonly section: string; readonly code: string; readonly reason: SkipReason };

/** Where an entry stands, and what the reader of it reports. */
export type Place = {
  readonly document: DocumentContext;
  readonly section: string;
  /** `section[2]/48765-2/entry[1]`: the number of the section, its code, and the number of the entry in it. */
  readonly path: string;
  /** Marks a statement as read: what is not marked in the end is counted as skipped. */
  take(statement: XmlElement): void;
  skip(statement: XmlElement, reason: SkipReason): void;
};
