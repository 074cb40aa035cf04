import { err, type Failure, failure, ok, parseJson, type Result, utf8ToBytes } from "@caseroom/contract";
import { type FhirResource, isFhirResource } from "./fhir-value.ts";
import { jsonDepth } from "./json-text.ts";

/** Whose word a fragment is. Times in milliseconds since the epoch. */
export type Provenance = {
  readonly institutionId: string;
  /** As people read it. */
  readonly institution: string;
  /** The sending application. */
  readonly system: string;
  readonly receivedMs: number;
  readonly originalMediaType?: string;
};

/** One FHIR R4 resource from one source. `json` is the text as it was deposited; numbers in it keep their decimals. */
export type Fragment = {
  /** `<entry id>:<index>` */
  readonly id: string;
  readonly resourceType: string;
  readonly resource: FhirResource;
  readonly json: string;
  readonly provenance: Provenance;
};

export const MAX_FRAGMENT_BYTES = 1_048_576;
export const MAX_FRAGMENT_DEPTH = 64;

/** UTF-8 has at most three bytes for each unit of a string: only long texts need to be counted. */
function isTooLong(json: string): boolean {
  if (json.length > MAX_FRAGMENT_BYTES) return true;
  return json.length * 3 > MAX_FRAGMENT_BYTES && utf8ToBytes(json).length > MAX_FRAGMENT_BYTES;
}

/**
 * The one parser of fragments. TOO_LARGE above 1 MiB of UTF-8 or 64 levels of nesting, decided before anything is
 * parsed; SOURCE_UNREADABLE when it is not a JSON object with a `resourceType`.
 */
export function parseFragment(input: {
  readonly id: string;
  readonly json: string;
  readonly provenance: Provenance;
}): Result<Fragment, Failure<"SOURCE_UNREADABLE" | "TOO_LARGE">> {
  const { id, json, provenance } = input;
  if (isTooLong(json)) return err(failure("TOO_LARGE", "a resource exceeds its size limit"));
  if (jsonDepth(json) > MAX_FRAGMENT_DEPTH) return err(failure("TOO_LARGE", "a resource is nested too deeply"));
  const parsed = parseJson(json);
  if (!parsed.ok) return err(failure("SOURCE_UNREADABLE", "a resource is not valid JSON"));
  const resource = parsed.value;
  if (!isFhirResource(resource)) return err(failure("SOURCE_UNREADABLE", "a resource has no resourceType"));
  return ok({ id, resourceType: resource.resourceType, resource, json, provenance });
}
