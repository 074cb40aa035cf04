import { isFhirResource } from "@caseroom/clinical";
import { InvariantError } from "@caseroom/contract";
import { parseReference, type ReadResource, referencesOf, replaceReferences } from "@caseroom/fhir";
import type postgres from "postgres";
import { RefusedWrite, refusal } from "../refusal.ts";
import { findOwnBySearch } from "./conditional.ts";
import type { PlannedWrite } from "./write-request.ts";

/**
 * Resolves what a transaction's resources call each other (FHIR R4 §3.1.0.11.2): a fullUrl of another entry becomes that
 * entry's `Type/id`, and a conditional reference the one resource that it finds. Everything else of a text stays.
 */
export async function resolveReferences(
  sql: postgres.ISql,
  writes: readonly PlannedWrite[],
  /** Where a conditional create found its resource, by the id it would have had. */
  found: ReadonlyMap<string, string>,
  baseUrl: string,
): Promise<readonly PlannedWrite[]> {
  const targets = new Map<string, string>();
  for (const { method, type, id, fullUrl } of writes) {
    if (method !== "DELETE" && fullUrl !== undefined) targets.set(fullUrl, `${type}/${found.get(id) ?? id}`);
  }
  const resolved: PlannedWrite[] = [];
  for (const write of writes) {
    const { resource } = write;
    if (resource === undefined) {
      resolved.push(write);
      continue;
    }
    await addConditional(sql, resource, write, targets, baseUrl);
    resolved.push({ ...write, resource: rewrite(resource, targets, baseUrl) });
  }
  return resolved;
}

async function addConditional(
  sql: postgres.ISql,
  resource: ReadResource,
  { place, type }: PlannedWrite,
  targets: Map<string, string>,
  baseUrl: string,
): Promise<void> {
  for (const { path, reference } of referencesOf(resource.value)) {
    const at = `${place === "" ? type : place}.${path}.reference`;
    if (reference.startsWith("urn:") && !targets.has(reference))
      throw new RefusedWrite(refusal(422, "not-found", "no entry of the bundle has this fullUrl", at));
    const match = /^([A-Z][A-Za-z]+)\?(.+)$/.exec(reference);
    if (match?.[1] === undefined || match[2] === undefined || targets.has(reference)) continue;
    const ids = await findOwnBySearch(sql, match[1], match[2], baseUrl);
    const [id] = ids;
    if (id === undefined || ids.length > 1)
      throw new RefusedWrite(refusal(412, "not-found", "the conditional reference does not find exactly one", at));
    targets.set(reference, `${match[1]}/${id}`);
  }
}

function rewrite(resource: ReadResource, targets: ReadonlyMap<string, string>, baseUrl: string): ReadResource {
  let isChanged = false;
  const json = replaceReferences(resource.json, (reference) => {
    // An absolute address of this server means nothing at another institution.
    const own = reference.startsWith("http") ? parseReference(reference, baseUrl) : undefined;
    const target = targets.get(reference) ?? (own === undefined ? undefined : `${own.type}/${own.id}`);
    isChanged ||= target !== undefined;
    return target;
  });
  if (!isChanged) return resource;
  const value: unknown = JSON.parse(json);
  if (!isFhirResource(value)) throw new InvariantError("a resource with other references is a resource");
  return { ...resource, json, value };
}
