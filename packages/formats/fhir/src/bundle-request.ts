import { isFhirObject, isFhirResource, jsonDepth, sliceElements, sliceMembers, textOf } from "@caseroom/clinical";
import { err, ok, parseJson, type Result, utf8ToBytes } from "@caseroom/contract";
import type { OutcomeIssue } from "./operation-outcome.ts";
import { MAX_FHIR_BYTES, MAX_FHIR_DEPTH } from "./read-fhir.ts";

/** A resource as it came: its text, and what was parsed of it. */
export type ReadResource = {
  readonly resourceType: string;
  readonly json: string;
  readonly value: { readonly resourceType: string; readonly [name: string]: unknown };
};

/** One entry of a transaction or batch (FHIR R4 §2.36, Bundle.entry.request). */
export type BundleRequest = {
  readonly method: string;
  readonly url: string;
  readonly fullUrl: string | undefined;
  readonly ifNoneExist: string | undefined;
  readonly ifMatch: string | undefined;
  readonly resource: ReadResource | undefined;
};

export type BodyRefusal = { readonly tooLarge: boolean; readonly issue: OutcomeIssue };

/** More entries than this are refused before any of them is looked at. */
export const MAX_BUNDLE_ENTRIES = 10_000;

/** A body as one resource. Refuses, with an issue to answer, what is too large or deep, no JSON, or no resource. */
export function readResource(body: string): Result<ReadResource, BodyRefusal> {
  if (body.length > MAX_FHIR_BYTES || utf8ToBytes(body).length > MAX_FHIR_BYTES)
    return refuse("too-long", "the body exceeds its size limit", true);
  if (jsonDepth(body) > MAX_FHIR_DEPTH) return refuse("too-long", "the body is nested too deeply", true);
  const json = body.replace(/^\uFEFF/, "").trim();
  const parsed = parseJson(json);
  if (!parsed.ok) return refuse("invalid", "the body is not valid JSON");
  if (!isFhirResource(parsed.value))
    return refuse("structure", "the body is not a FHIR resource", false, "resourceType");
  return ok({ resourceType: parsed.value.resourceType, json, value: parsed.value });
}

/** The entries of a transaction or batch that was read by `readResource`, each resource as a slice of the text. */
export function readBundleRequests(bundle: ReadResource): Result<readonly BundleRequest[], BodyRefusal> {
  const entries = bundle.value.entry ?? [];
  if (!Array.isArray(entries)) return refuse("structure", "Bundle.entry is not a list", false, "Bundle.entry");
  if (entries.length > MAX_BUNDLE_ENTRIES)
    return refuse("too-costly", "the bundle has too many entries", true, "Bundle.entry");
  const slices = sliceElements(sliceMembers(bundle.json).get("entry") ?? "");
  const requests: BundleRequest[] = [];
  for (const [at, entry] of entries.entries()) {
    const read = readEntry(entry, slices[at] ?? "", `Bundle.entry[${at}]`);
    if (!read.ok) return read;
    requests.push(read.value);
  }
  return ok(requests);
}

function readEntry(entry: unknown, slice: string, place: string): Result<BundleRequest, BodyRefusal> {
  const request = isFhirObject(entry) && isFhirObject(entry.request) ? entry.request : undefined;
  const method = textOf(request?.method);
  const url = textOf(request?.url);
  if (!isFhirObject(entry) || method === undefined || url === undefined)
    return refuse("required", "an entry needs request.method and request.url", false, `${place}.request`);
  const { resource } = entry;
  const json = resource === undefined ? undefined : sliceMembers(slice).get("resource");
  if (resource !== undefined && (!isFhirResource(resource) || json === undefined))
    return refuse("structure", "the entry holds something that is not a resource", false, `${place}.resource`);
  return ok({
    method,
    url,
    fullUrl: textOf(entry.fullUrl),
    ifNoneExist: textOf(request?.ifNoneExist),
    ifMatch: textOf(request?.ifMatch),
    resource:
      json === undefined || !isFhirResource(resource)
        ? undefined
        : { resourceType: resource.resourceType, json, value: resource },
  });
}

function refuse(code: string, diagnostics: string, tooLarge = false, expression?: string): Result<never, BodyRefusal> {
  const issue: OutcomeIssue = {
    severity: "error",
    code,
    diagnostics,
    ...(expression === undefined ? {} : { expression }),
  };
  return err({ tooLarge, issue });
}
