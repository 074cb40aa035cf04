import { replaceStrings, spanMembers } from "@caseroom/clinical";

/** What a server says about a version (FHIR R4 §2.27 Resource.id, Meta.versionId, Meta.lastUpdated). */
export type ResourceVersion = { readonly id: string; readonly versionId: string; readonly lastUpdated: string };

/**
 * The resource's text with its logical id, version and time set. Every other byte stays as it was: `id` and the two
 * members of `meta` are replaced where they stand, or inserted after the opening brace. `json` is an object that parsed.
 */
export function setVersion(json: string, { id, versionId, lastUpdated }: ResourceVersion): string {
  const text = json.trim();
  const span = spanMembers(text).get("meta");
  const found = span === undefined ? "" : text.slice(span.start, span.end);
  const meta = setMember(
    setMember(found.startsWith("{") ? found : "{}", "lastUpdated", JSON.stringify(lastUpdated)),
    "versionId",
    JSON.stringify(versionId),
  );
  return setMember(setMember(text, "meta", meta), "id", JSON.stringify(id));
}

/** The object's text with one member set to the value's text; a new member comes first, or after `resourceType`. */
export function setMember(object: string, name: string, value: string): string {
  const members = spanMembers(object);
  const span = members.get(name);
  if (span !== undefined) return object.slice(0, span.start) + value + object.slice(span.end);
  const member = `${JSON.stringify(name)}:${value}`;
  const type = members.get("resourceType");
  if (type !== undefined) return `${object.slice(0, type.end)},${member}${object.slice(type.end)}`;
  return `{${member}${members.size === 0 ? "" : ","}${object.slice(1)}`;
}

/** The text with the value of every `reference` (and `url`) for which `replace` has another; all else byte for byte. */
export function replaceReferences(json: string, replace: (reference: string) => string | undefined): string {
  return replaceStrings(json, (name, value) => (name === "reference" || name === "url" ? replace(value) : undefined));
}
