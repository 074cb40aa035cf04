import { hash } from "node:crypto";
import { codingsOf, type FhirObject, type FhirResource, identifiersOf, isFhirObject, textOf } from "@caseroom/clinical";
import { type FhirPeriod, PERIOD_OPEN_FROM, PERIOD_OPEN_UNTIL, parsePeriod, parseReference } from "@caseroom/fhir";
import { searchedType } from "./searched-types.ts";

/** Of a resource whose type's date parameter finds nothing in it: before every date that can be searched. */
export const NO_DATE: FhirPeriod = { fromMs: -9_000_000_000_000_000, untilMs: -9_000_000_000_000_000 };

/** The key of `Type?parameter=value` in `fhir_resource.keys`: a signed 64-bit number in decimal. */
export function searchKey(type: string, parameter: string, value: string): string {
  return hash("sha256", `${type}?${parameter}=${value}`, "buffer").readBigInt64BE(0).toString();
}

/**
 * Every key by which a resource is found (FHIR R4 §3.1.1.4.10): a code as `code`, as `system|code` and as `system|`; a
 * reference as `Type/id`, as its source wrote it.
 */
export function keysOf(resource: FhirResource): readonly string[] {
  const { resourceType } = resource;
  const { tokens, references } = searchedType(resourceType);
  const found = new Set<string>();
  const addToken = (parameter: string, system: string, value: string) => {
    found.add(searchKey(resourceType, parameter, value));
    found.add(searchKey(resourceType, parameter, `${system}|${value}`));
    if (system !== "") found.add(searchKey(resourceType, parameter, `${system}|`));
  };
  for (const { system, value } of identifiersOf(resource)) addToken("identifier", system, value);
  for (const [parameter, path] of Object.entries(tokens)) {
    for (const value of valuesAt(resource, path)) {
      for (const { system, code } of tokensOf(value)) addToken(parameter, system, code);
    }
  }
  for (const [parameter, path] of Object.entries(references)) {
    for (const value of valuesAt(resource, path)) {
      const reference = isFhirObject(value) ? parseReference(textOf(value.reference) ?? "") : undefined;
      if (reference !== undefined) found.add(searchKey(resourceType, parameter, `${reference.type}/${reference.id}`));
    }
  }
  return [...found];
}

/** The period of the type's date parameter. */
export function datePeriodOf(resource: FhirResource): FhirPeriod {
  for (const element of searchedType(resource.resourceType).date?.elements ?? []) {
    const value = resource[element];
    if (isFhirObject(value)) {
      const start = parsePeriod(textOf(value.start) ?? "");
      const end = parsePeriod(textOf(value.end) ?? "");
      if (start === undefined && end === undefined) continue;
      return { fromMs: start?.fromMs ?? PERIOD_OPEN_FROM, untilMs: end?.untilMs ?? PERIOD_OPEN_UNTIL };
    }
    const period = parsePeriod(textOf(value) ?? "");
    if (period !== undefined) return period;
  }
  return NO_DATE;
}

/** The values at a path of member names, through every list. */
export function valuesAt(resource: FhirObject, path: string): readonly unknown[] {
  let values: readonly unknown[] = [resource];
  for (const name of path.split(".")) {
    values = values.flatMap((value) => (isFhirObject(value) ? asList(value[name]) : []));
  }
  return values;
}

function asList(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function tokensOf(value: unknown): readonly { readonly system: string; readonly code: string }[] {
  if (typeof value === "boolean") return [{ system: "", code: String(value) }];
  const text = textOf(value);
  if (text !== undefined) return [{ system: "", code: text }];
  if (!isFhirObject(value)) return [];
  const code = textOf(value.code);
  return code === undefined ? codingsOf(value) : [{ system: textOf(value.system) ?? "", code }];
}
