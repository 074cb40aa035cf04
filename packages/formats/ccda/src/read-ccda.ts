import { dateTimeToMs } from "@caseroom/clinical";
import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { documentZone, toFhirDateTime } from "./cda-time.ts";
import { compositionDrafts, type SectionReading, unstructuredDrafts } from "./composition.ts";
import type { DocumentContext, Place, Skipped, SkipReason } from "./document-context.ts";
import { indexNarrative } from "./narrative-index.ts";
import { originalDocument } from "./original-document.ts";
import { type CcdaPatient, patientBody, readPatient } from "./patient-record.ts";
import { type CcdaResource, codeOf, type Draft, finishDrafts } from "./resource-draft.ts";
import { entryReader, sectionReader } from "./section-kind.ts";
import { attribute, child, children, descend, everyElement } from "./xml-query.ts";
import { decodeXml } from "./xml-text.ts";
import { parseXml, type XmlElement } from "./xml-tree.ts";

export type CcdaReading = {
  /** `undefined` for a bare section or entry, which does not say whom it is about. */
  readonly patient: CcdaPatient | undefined;
  /** FHIR R4 resources as JSON text; the Patient first. */
  readonly resources: readonly CcdaResource[];
  /** The file itself as a DocumentReference. */
  readonly original: CcdaResource;
  /** What no resource says, one for each statement. */
  readonly skipped: readonly Skipped[];
};

export type CcdaProblem = Failure<"SOURCE_UNREADABLE" | "SOURCE_UNSUPPORTED" | "SOURCE_INCOMPLETE" | "TOO_LARGE">;

export const MAX_CCDA_BYTES = 8_388_608;

/** FHIR requires a subject; a bare section has one, whom only its receiver knows. */
const UNNAMED = { type: "Patient", display: "The patient of this document" };

const STATEMENTS = new Set([
  "act",
  "encounter",
  "observation",
  "observationMedia",
  "organizer",
  "procedure",
  "regionOfInterest",
  "substanceAdministration",
  "supply",
]);
const FRAGMENTS = new Set([...STATEMENTS, "section", "component", "entry", "structuredBody"]);

/**
 * One C-CDA document (R1.1 to R2.1, and C32 before it), section or entry as FHIR R4 resources. The same bytes give the
 * same reading. Fails when the bytes are not XML (SOURCE_UNREADABLE), are no clinical document or have a document type
 * declaration (SOURCE_UNSUPPORTED), are a document without a patient (SOURCE_INCOMPLETE), or exceed 8 MiB or a limit of
 * `parseXml` (TOO_LARGE). Never throws; single statements that are not understood are counted, not failures.
 */
export function readCcda(bytes: Uint8Array): Result<CcdaReading, CcdaProblem> {
  if (bytes.length > MAX_CCDA_BYTES) return err(failure("TOO_LARGE", "the document exceeds its size limit"));
  const text = decodeXml(bytes);
  if (text === undefined) return err(failure("SOURCE_UNREADABLE", "the text is not in its character set"));
  const parsed = parseXml(text);
  if (!parsed.ok) return parsed;
  const roots = parsed.value;
  const [root] = roots;
  if (root?.name === "ClinicalDocument" && roots.length === 1) return readDocument(root, bytes);
  if (!roots.every(({ name }) => FRAGMENTS.has(name)))
    return err(failure("SOURCE_UNSUPPORTED", "the document is not a clinical document"));
  return ok(readBody({ name: "fragment", attributes: new Map(), children: roots }, undefined, bytes));
}

function readDocument(root: XmlElement, bytes: Uint8Array): Result<CcdaReading, CcdaProblem> {
  const role = child(root, "recordTarget", "patientRole");
  if (role === undefined) return err(failure("SOURCE_INCOMPLETE", "recordTarget/patientRole is required"));
  if (children(root, "recordTarget").length > 1)
    return err(failure("SOURCE_UNSUPPORTED", "a document about several patients is not taken"));
  return ok(readBody(root, role, bytes));
}

function readBody(root: XmlElement, role: XmlElement | undefined, bytes: Uint8Array): CcdaReading {
  const patient = role === undefined ? undefined : readPatient(role);
  const document = contextOf(root, patient);
  const skipped: Skipped[] = [];
  const drafts: Draft[] = [];
  if (role !== undefined && patient !== undefined) drafts.push(patientDraft(role, patient, document));
  const sections = everyElement(root, "section").map((element, at) => {
    const code = attribute(child(element, "code"), "code") ?? "";
    const path = `section[${at + 1}]${code === "" ? "" : `/${encodeURIComponent(code.toWellFormed())}`}`;
    return { element, code, path, entries: statementsOf(element).length };
  });
  drafts.push(...unstructuredDrafts(root, document), ...compositionDrafts(root, sections, document));
  for (const section of sections) drafts.push(...readSection(section, document, skipped));
  if (sections.length === 0) drafts.push(...readLoose(root, document, skipped));
  skipped.push(...unreadFile(root, drafts));
  const finished = finishDrafts(drafts, document);
  return {
    patient,
    resources: finished.resources,
    original: originalDocument(bytes, root, document),
    skipped: [...skipped, ...finished.skipped],
  };
}

/** A file in the body that could not be taken over. */
function unreadFile(root: XmlElement, drafts: readonly Draft[]): readonly Skipped[] {
  const hasFile = child(root, "component", "nonXMLBody") !== undefined;
  const isRead = drafts.some(({ resourceType, path }) => resourceType === "DocumentReference" && path === "document");
  return hasFile && !isRead ? [{ section: "", code: "nonXMLBody", reason: "invalid" }] : [];
}

function readSection(section: SectionReading, document: DocumentContext, skipped: Skipped[]): readonly Draft[] {
  const ofSection = sectionReader(section.element);
  const found = statementsOf(section.element);
  if (found.length === 0 && attribute(section.element, "nullFlavor") !== undefined)
    skipped.push({ section: section.code, code: "section", reason: "no-information" });
  return found.flatMap((statement, at) => {
    const reader = entryReader(statement, ofSection);
    const input = { section: section.code, path: `${section.path}/entry[${at + 1}]`, document, skipped };
    return readStatement(
      statement,
      reader,
      ofSection === undefined ? "unsupported-section" : "unsupported-entry",
      input,
    );
  });
}

/** Entries and statements that stand in no section. */
function readLoose(root: XmlElement, document: DocumentContext, skipped: Skipped[]): readonly Draft[] {
  if (root.name !== "fragment") return [];
  const found = [...statementsOf(root), ...children(root).filter(({ name }) => STATEMENTS.has(name))];
  return found.flatMap((statement, at) => {
    const reader = entryReader(statement, undefined);
    const input = { section: "", path: `entry[${at + 1}]`, document, skipped };
    return readStatement(statement, reader, "unsupported-entry", input);
  });
}

function readStatement(
  statement: XmlElement,
  reader: ReturnType<typeof entryReader>,
  unread: SkipReason,
  input: {
    readonly section: string;
    readonly path: string;
    readonly document: DocumentContext;
    readonly skipped: Skipped[];
  },
): readonly Draft[] {
  const { section, path, document, skipped } = input;
  const taken = new Set<XmlElement>();
  const place: Place = {
    document,
    section,
    path,
    take: (each) => taken.add(each),
    skip: (each, reason) => skipped.push({ section, code: codeOf(each), reason }),
  };
  const drafts = reader?.(statement, place) ?? [];
  if (!taken.has(statement)) {
    skipped.push({ section, code: codeOf(statement), reason: unread });
    return drafts;
  }
  for (const part of untaken(statement, taken))
    skipped.push({ section, code: codeOf(part), reason: "unsupported-part" });
  return drafts;
}

/** The outermost statements within a statement that were not read. */
function untaken(statement: XmlElement, taken: ReadonlySet<XmlElement>): readonly XmlElement[] {
  return children(statement).flatMap((each) => {
    if (!STATEMENTS.has(each.name) || taken.has(each)) return untaken(each, taken);
    return [each];
  });
}

/** The statements of a section's entries, not those of its inner sections. */
function statementsOf(section: XmlElement): readonly XmlElement[] {
  return descend(section, "entry").flatMap((entry) => children(entry).filter(({ name }) => STATEMENTS.has(name)));
}

function patientDraft(role: XmlElement, patient: CcdaPatient, document: DocumentContext): Draft {
  return {
    resourceType: "Patient",
    body: patientBody(role, patient, document.zone),
    identifiers: patient.identifiers,
    section: "",
    code: "",
    path: "recordTarget",
  };
}

function contextOf(root: XmlElement, patient: CcdaPatient | undefined): DocumentContext {
  const id = child(root, "id");
  const parts = [attribute(id, "root"), attribute(id, "extension")].filter((part) => part !== undefined);
  const written = attribute(child(root, "effectiveTime"), "value");
  const zone = documentZone(written);
  const instant = toFhirDateTime(written, zone);
  const [first] = patient?.identifiers ?? [];
  return {
    sender: attribute(id, "root") ?? "unknown",
    source: `urn:hl7ii:${parts.length === 0 ? "unknown" : parts.map((part) => encodeURIComponent(part.toWellFormed())).join(":")}`,
    zone,
    instant: instant?.includes("T") === true ? instant : undefined,
    timeMs: dateTimeToMs(instant),
    subject: first === undefined ? UNNAMED : { type: "Patient", identifier: { ...first } },
    narrative: indexNarrative(root),
  };
}
