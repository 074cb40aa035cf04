import { isFhirObject, isFhirResource, jsonDepth, sliceElements, sliceMembers } from "@caseroom/clinical";
import { err, type Failure, failure, ok, parseJson, type Result, utf8ToBytes } from "@caseroom/contract";

export const MAX_FHIR_BYTES = 5_242_880;
export const MAX_FHIR_DEPTH = 64;

/** One resource as the text that it was sent in. */
export type FhirText = { readonly resourceType: string; readonly json: string };

/**
 * The resources of a Bundle of any type, or the one resource, as slices of the text: nothing is written anew, so every
 * decimal stays (FHIR R4 §2.24.0.1). Entries that carry no resource, such as deletions, are skipped; a Bundle within a
 * Bundle stays one resource. TOO_LARGE above 5 MiB or 64 levels; SOURCE_UNREADABLE when it is not JSON; SOURCE_UNSUPPORTED
 * when it is not FHIR.
 */
export function readFhir(
  json: string,
): Result<readonly FhirText[], Failure<"TOO_LARGE" | "SOURCE_UNREADABLE" | "SOURCE_UNSUPPORTED">> {
  if (json.length > MAX_FHIR_BYTES || utf8ToBytes(json).length > MAX_FHIR_BYTES)
    return err(failure("TOO_LARGE", "the body exceeds its size limit"));
  if (jsonDepth(json) > MAX_FHIR_DEPTH) return err(failure("TOO_LARGE", "the body is nested too deeply"));
  const text = json.replace(/^\uFEFF/, "").trim();
  const parsed = parseJson(text);
  if (!parsed.ok) return err(failure("SOURCE_UNREADABLE", "the body is not valid JSON"));
  if (!isFhirResource(parsed.value)) return err(failure("SOURCE_UNSUPPORTED", "the body is not a FHIR resource"));
  if (parsed.value.resourceType !== "Bundle") return ok([{ resourceType: parsed.value.resourceType, json: text }]);
  return readEntries(parsed.value.entry, sliceMembers(text).get("entry"));
}

function readEntries(
  entries: unknown,
  slice: string | undefined,
): Result<readonly FhirText[], Failure<"SOURCE_UNSUPPORTED">> {
  if (entries === undefined) return ok([]);
  if (!Array.isArray(entries)) return err(failure("SOURCE_UNSUPPORTED", "Bundle.entry is not a list"));
  const slices = sliceElements(slice ?? "");
  const resources: FhirText[] = [];
  for (const [at, entry] of entries.entries()) {
    const resource: unknown = isFhirObject(entry) ? entry.resource : undefined;
    if (resource === undefined) continue;
    const json = sliceMembers(slices[at] ?? "").get("resource");
    if (!isFhirResource(resource) || json === undefined)
      return err(failure("SOURCE_UNSUPPORTED", "a Bundle entry holds something that is not a resource"));
    resources.push({ resourceType: resource.resourceType, json });
  }
  return ok(resources);
}
