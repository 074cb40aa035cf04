import { randomUUID } from "node:crypto";
import type { FhirResource } from "@caseroom/clinical";
import { err, ok, type Result } from "@caseroom/contract";
import { isFhirId, type OutcomeIssue, type ReadResource } from "@caseroom/fhir";
import { type FhirRefusal, refusal, refuse } from "../refusal.ts";
import type { R4Validator } from "../validation/r4-validator.ts";

/** One create, update or delete, alone or of a transaction. */
export type WriteRequest = {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly type: string;
  /** Of an update or delete. */
  readonly id: string | undefined;
  readonly resource: ReadResource | undefined;
  readonly fullUrl: string | undefined;
  readonly ifNoneExist: string | undefined;
  /** The version that an update or delete expects. */
  readonly ifMatch: number | undefined;
  /** The FHIRPath of the resource in what was sent; empty when it was sent alone. */
  readonly place: string;
};

/** A request that is valid by itself, with the id that its resource has or will have. */
export type PlannedWrite = Omit<WriteRequest, "id"> & { readonly id: string };

/** What became of a request. `json` is the resource as it is served. */
export type WriteDone = {
  readonly status: "200 OK" | "201 Created" | "204 No Content";
  readonly type: string;
  readonly id: string;
  readonly version: number | undefined;
  readonly lastUpdated: string | undefined;
};

/** A sealed entry holds this much; larger content belongs in a file beside the record. */
const MAX_RESOURCE_BYTES = 56_000;
/** A bundle is an envelope, an outcome an answer, and these others describe servers: nothing of a record. */
const NEVER_STORED = new Set(["Bundle", "Parameters", "OperationOutcome", "CapabilityStatement", "Binary"]);

/** Checks each request by itself and gives every new resource its id. Refuses with every issue that was found. */
export async function planWrites(
  validator: R4Validator,
  requests: readonly WriteRequest[],
): Promise<Result<readonly PlannedWrite[], FhirRefusal>> {
  const planned: PlannedWrite[] = [];
  for (const request of requests) {
    const one = planOne(request);
    if (!one.ok) return one;
    planned.push(one.value);
  }
  const names = planned.filter(({ method }) => method !== "POST").map(({ type, id }) => `${type}/${id}`);
  if (new Set(names).size < names.length)
    return refuse(400, "invalid", "two entries of the transaction change the same resource", "Bundle.entry");
  const urls = planned.flatMap(({ fullUrl, method }) =>
    fullUrl === undefined || method === "DELETE" ? [] : [fullUrl],
  );
  if (new Set(urls).size < urls.length) return refuse(400, "invalid", "two entries have one fullUrl", "Bundle.entry");
  const issues = await validateAll(validator, planned);
  return issues.length > 0 ? err({ status: 422, issues }) : ok(planned);
}

function planOne(request: WriteRequest): Result<PlannedWrite, FhirRefusal> {
  const { method, type, resource, place } = request;
  const at = place === "" ? type : place;
  if (NEVER_STORED.has(type)) return refuse(422, "not-supported", `${type} is not kept here`, at);
  if (method === "DELETE") return ok({ ...request, id: request.id ?? "" });
  if (resource === undefined) return refuse(400, "required", "a resource is needed", at);
  if (resource.resourceType !== type)
    return refuse(400, "invalid", "the resource is of another type than the address", `${at}.resourceType`);
  if (Buffer.byteLength(resource.json) > MAX_RESOURCE_BYTES)
    return refuse(413, "too-long", `a resource may have ${MAX_RESOURCE_BYTES} bytes`, at);
  if (method === "POST") return ok({ ...request, id: randomUUID() });
  const id = request.id ?? "";
  if (!isFhirId(id)) return refuse(400, "value", "the address has no id", at);
  if (resource.value.id !== id)
    return refuse(400, "invalid", "the resource has another id than the address", `${at}.id`);
  return ok({ ...request, id });
}

async function validateAll(validator: R4Validator, planned: readonly PlannedWrite[]): Promise<readonly OutcomeIssue[]> {
  const withResource = planned.flatMap(({ resource, place }) => (resource === undefined ? [] : [{ resource, place }]));
  if (withResource.length === 0) return [];
  const found = await validator.validate(withResource.map(({ resource }) => resource.json));
  return withResource
    .flatMap(({ resource, place }, i) => (found[i] ?? []).map((issue) => placeIssue(issue, resource.value, place)))
    .slice(0, 50);
}

/** The issue's element as it is called in what was sent. */
function placeIssue(issue: OutcomeIssue, { resourceType }: FhirResource, place: string): OutcomeIssue {
  const expression = issue.expression ?? resourceType;
  if (place === "") return { ...issue, expression };
  const below =
    expression === resourceType
      ? ""
      : expression.startsWith(`${resourceType}.`)
        ? expression.slice(resourceType.length)
        : `.${expression}`;
  return { ...issue, expression: `${place}${below}` };
}

/** The version of an `If-Match` header or `ifMatch` element, `W/"3"`; refuses what is none. */
export function parseIfMatch(text: string | undefined): Result<number | undefined, FhirRefusal> {
  if (text === undefined) return ok(undefined);
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(text.trim());
  return match === null ? err(refusal(412, "conflict", "If-Match is no version of this server")) : ok(Number(match[1]));
}
