import { type Json, NumberText } from "@caseroom/clinical";
import { codeSystem, isOid, isUcum } from "./code-system.ts";
import type { DocumentContext } from "./document-context.ts";
import { attribute, child, children, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

export type CdaIdentifier = { readonly system: string; readonly value: string };
export type CdaCoding = { readonly system: string; readonly code: string; readonly display: string | undefined };
export type CdaConcept = { readonly coding: readonly CdaCoding[]; readonly text: string | undefined };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * An II (HL7 v3 data types): an extension in the namespace of its root, or a UUID alone. A bare object identifier names
 * an organisation more often than a thing in the documents that are sent, and is no identifier here.
 */
export function identifier(id: XmlElement): CdaIdentifier | undefined {
  const root = attribute(id, "root");
  const extension = attribute(id, "extension");
  if (attribute(id, "nullFlavor") !== undefined || root === undefined) return undefined;
  if (UUID.test(root)) {
    const uuid = `urn:uuid:${root.toLowerCase()}`;
    return extension === undefined ? { system: "urn:ietf:rfc3986", value: uuid } : { system: uuid, value: extension };
  }
  if (extension === undefined) return undefined;
  return { system: isOid(root) ? `urn:oid:${root}` : `urn:caseroom:local:${root}`, value: extension };
}

/** The usable ids of a statement, in order, each once. */
export function identifiers(statement: XmlElement): readonly CdaIdentifier[] {
  const found = children(statement, "id")
    .map(identifier)
    .filter((each) => each !== undefined);
  return [...new Map(found.map((each) => [`${each.system}|${each.value}`, each])).values()];
}

/** Text given in place, or where its reference points to in the section's narrative (CDA R2 §4.3.5.1). */
export function referredText(text: XmlElement | undefined, document: DocumentContext): string | undefined {
  if (text === undefined) return undefined;
  const target = attribute(child(text, "reference"), "value");
  const referred = target?.startsWith("#") === true ? document.narrative.wordsOf(target.slice(1)) : undefined;
  return words(text) ?? referred;
}

/** What senders write for a code they do not have; taken for codes, all of them would be the same thing. */
const NO_CODE = /^(unk|unknown|none|null|na|n\/a|ni|oth|other|nav|no ?code)$/i;

/** Sentences that stand in an entry because the template wants one, though there is nothing to say. */
const NO_DATA =
  /^((no|nil|there (is|are) no)\s(\S+\s){0,4}(data|information|entries|records?)\b.*|not (recorded|documented|available)|unknown|n\/a)\.?$/i;

/** More than this is a row or a paragraph, not a name. */
const MAX_NAME = 200;

/**
 * The words that the author saw. Where they are only referred to and have nothing in common with the name of the code,
 * either may be the wrong one (references to a reaction where the substance is meant are common): both are kept.
 */
function originalText(
  element: XmlElement | undefined,
  display: string | undefined,
  document: DocumentContext,
): string | undefined {
  const text = referredText(element, document);
  if (text === undefined || display === undefined || words(element) !== undefined) return text;
  const [said, named] = [text.toLowerCase(), display.toLowerCase()];
  if (said.includes(named) || named.includes(said)) return text.length > MAX_NAME ? display : text;
  return text.length > MAX_NAME ? display : `${display} (${text})`;
}

/**
 * Whether a statement only fills a place: it is null as a whole (HL7 v3 nullFlavor), or its subject has no code and its
 * words are that there are no data. That is not an assertion that there is nothing.
 */
export function saysNothing(statement: XmlElement, about: CdaConcept | undefined): boolean {
  if (attribute(statement, "nullFlavor") !== undefined) return true;
  return about !== undefined && about.coding.length === 0 && NO_DATA.test(about.text ?? "");
}

/** A CD, CE or CV with its translations; `undefined` when it has neither a code nor words. */
export function concept(element: XmlElement | undefined, document: DocumentContext): CdaConcept | undefined {
  if (element === undefined) return undefined;
  const all = [element, ...children(element, "translation")];
  const codings = new Map<string, CdaCoding>();
  for (const each of all) {
    const code = attribute(each, "code")?.replace(/\s+/g, " ");
    if (code === undefined || NO_CODE.test(code) || attribute(each, "nullFlavor") !== undefined) continue;
    const system = codeSystem(attribute(each, "codeSystem"), attribute(each, "codeSystemName"), document.sender);
    const key = `${system}|${code}`;
    if (!codings.has(key)) codings.set(key, { system, code, display: attribute(each, "displayName") });
  }
  const display = all
    .map((each) => attribute(each, "displayName"))
    .find((name) => name !== undefined && !NO_CODE.test(name));
  const coding = [...codings.values()];
  const text = originalText(child(element, "originalText"), display, document) ?? display ?? coding[0]?.code;
  return text === undefined ? undefined : { coding, text };
}

/** As a FHIR CodeableConcept. */
export function conceptJson(value: CdaConcept | undefined): Json | undefined {
  if (value === undefined) return undefined;
  const { coding, text } = value;
  return { coding: coding.length === 0 ? undefined : coding, text };
}

/** A FHIR CodeableConcept made of one code of a known system. */
export function codedAs(system: string, code: string, display?: string): Json {
  return { coding: [{ system, code, display }] };
}

/** A PQ as a FHIR Quantity with its decimals; its translation where the sender's own unit is only there. */
export function quantity(element: XmlElement | undefined): { readonly [name: string]: Json | undefined } | undefined {
  if (element === undefined) return undefined;
  const translation = child(element, "translation");
  const given = attribute(element, "value") === undefined ? translation : element;
  const value = NumberText.parse(attribute(given, "value") ?? "");
  if (given === undefined || value === undefined) return undefined;
  const unit =
    attribute(given, "unit") ??
    words(child(given, "originalText")) ??
    attribute(given, "displayName") ??
    attribute(given, "code");
  if (unit === undefined || unit === "1") return { value };
  return isUcum(unit) ? { value, unit, system: "http://unitsofmeasure.org", code: unit } : { value, unit };
}

/** The people and places of a statement as one display text. */
export function nameOf(element: XmlElement | undefined): string | undefined {
  const name = children(element, "name").find((each) => words(each) !== undefined);
  if (name === undefined) return undefined;
  const parts = ["prefix", "given", "family", "suffix"]
    .flatMap((part) => children(name, part).map((each) => words(each)))
    .filter((part) => part !== undefined);
  return parts.length === 0 ? words(name) : parts.join(" ");
}
