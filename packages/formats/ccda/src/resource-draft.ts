import { createHash } from "node:crypto";
import { type Json, MAX_FRAGMENT_BYTES, writeJson } from "@caseroom/clinical";
import { utf8ToBytes } from "@caseroom/contract";
import type { JsonMembers } from "./cda-time.ts";
import { type CdaIdentifier, identifiers } from "./cda-value.ts";
import type { DocumentContext, Place, Skipped } from "./document-context.ts";
import { attribute, child } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

/** A resource before it is known which others of the document claim the same id. */
export type Draft = {
  readonly resourceType: string;
  readonly body: JsonMembers;
  readonly identifiers: readonly CdaIdentifier[];
  /** The element that refers to other drafts, and those. */
  readonly refers?: { readonly element: string; readonly to: readonly Draft[] };
  readonly section: string;
  readonly code: string;
  readonly path: string;
};

export type CcdaResource = { readonly resourceType: string; readonly json: string };

/** A draft of what a statement says. */
export function draft(resourceType: string, statement: XmlElement, place: Place, body: JsonMembers): Draft {
  place.take(statement);
  return {
    resourceType,
    body,
    identifiers: identifiers(statement),
    section: place.section,
    code: codeOf(statement),
    path: place.path,
  };
}

/** What a skipped statement is known by. */
export function codeOf(statement: XmlElement): string {
  return attribute(child(statement, "code"), "code") ?? statement.name;
}

/**
 * The resources as JSON text with ids that the same content always gets. An identifier that several different statements
 * of one kind claim, as many senders write, identifies none of them; statements that say the same under the same
 * identifier are one. Each resource names the place it was read from in `meta.source`.
 */
export function finishDrafts(
  drafts: readonly Draft[],
  document: DocumentContext,
): { readonly resources: readonly CcdaResource[]; readonly skipped: readonly Skipped[] } {
  const claims = countClaims(drafts);
  const idByDraft = new Map<Draft, string>();
  const kept: Draft[] = [];
  const skipped: Skipped[] = [];
  const seen = new Set<string>();
  const occurrences = new Map<string, number>();
  for (const each of drafts) {
    const own = ownIdentifiers(each, claims);
    const content = contentOf(each);
    const base = JSON.stringify([each.resourceType, own, own.length === 0 ? content : each.code]);
    const isRepeat = each.identifiers.length > 0 && seen.has(content);
    seen.add(content);
    const occurrence = isRepeat ? 0 : (occurrences.get(base) ?? 0);
    occurrences.set(base, occurrence + 1);
    idByDraft.set(each, hash(`${base}#${occurrence}`));
    if (isRepeat) skipped.push({ section: each.section, code: each.code, reason: "duplicate" });
    else kept.push(each);
  }
  const resources: CcdaResource[] = [];
  for (const each of kept) {
    const json = writeJson(resourceOf(each, idByDraft, ownIdentifiers(each, claims), document));
    if (json.length <= MAX_FRAGMENT_BYTES && utf8ToBytes(json).length <= MAX_FRAGMENT_BYTES)
      resources.push({ resourceType: each.resourceType, json });
    else skipped.push({ section: each.section, code: each.code, reason: "too-large" });
  }
  return { resources, skipped };
}

function resourceOf(
  from: Draft,
  idByDraft: ReadonlyMap<Draft, string>,
  own: readonly CdaIdentifier[],
  document: DocumentContext,
): Json {
  const references = (from.refers?.to ?? []).map((to) => ({
    reference: `${to.resourceType}/${idByDraft.get(to) ?? ""}`,
  }));
  return {
    resourceType: from.resourceType,
    id: idByDraft.get(from),
    meta: { lastUpdated: document.instant, source: `${document.source}#${from.path}` },
    identifier: own.length === 0 ? undefined : identifierJson(from.resourceType, own),
    ...from.body,
    ...(from.refers === undefined || references.length === 0 ? {} : { [from.refers.element]: references }),
  };
}

/** FHIR R4: a Composition has one identifier, everything else a list. */
function identifierJson(resourceType: string, own: readonly CdaIdentifier[]): Json | undefined {
  return resourceType === "Composition" ? own[0] : own;
}

/** Which contents claim an identifier for a type. */
function countClaims(drafts: readonly Draft[]): ReadonlyMap<string, ReadonlySet<string>> {
  const claims = new Map<string, Set<string>>();
  for (const each of drafts) {
    for (const identifier of each.identifiers) {
      const key = claimKey(each, identifier);
      claims.set(key, (claims.get(key) ?? new Set()).add(contentOf(each)));
    }
  }
  return claims;
}

function ownIdentifiers(each: Draft, claims: ReadonlyMap<string, ReadonlySet<string>>): readonly CdaIdentifier[] {
  return each.identifiers.filter((identifier) => (claims.get(claimKey(each, identifier))?.size ?? 0) === 1);
}

function claimKey({ resourceType }: Draft, { system, value }: CdaIdentifier): string {
  return JSON.stringify([resourceType, system, value]);
}

const contents = new WeakMap<Draft, string>();

function contentOf(each: Draft): string {
  const known = contents.get(each);
  if (known !== undefined) return known;
  const members = (each.refers?.to ?? []).map(contentOf);
  const content = hash(JSON.stringify([each.resourceType, each.identifiers, writeJson(each.body), members]));
  contents.set(each, content);
  return content;
}

/** FHIR ids have up to 64 characters of letters, digits, hyphen and dot. */
function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
