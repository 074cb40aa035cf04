import { isFhirObject, objectsOf, textOf } from "@caseroom/clinical";
import type { InternalSchemaElement, InternalTypeSchema } from "@medplum/core";
import { z } from "zod";

/** A code outside a value set that its element must take its code from. */
export type BindingProblem = { readonly path: string; readonly valueSet: string };

/** Both forms in which a code may be given: alone, and with its system. */
type CodeList = { readonly codes: ReadonlySet<string>; readonly systemCodes: ReadonlySet<string> };

export type BindingChecker = (resource: { readonly resourceType: string }) => readonly BindingProblem[];

type Json = Readonly<Record<string, unknown>>;
const bundleShape = z.object({ entry: z.array(z.object({ resource: z.record(z.string(), z.unknown()) })) });

/**
 * Checks the required bindings (FHIR R4 §4.1.5.1) whose value sets the definitions list code by code. `bundles` are the
 * definitions' value sets and code systems; value sets that cannot be listed (languages, media types, filters) are not checked.
 */
export function createBindingChecker(
  bundles: readonly unknown[],
  schemaOf: (type: string) => InternalTypeSchema | undefined,
): BindingChecker {
  const definitions = new Map<string, Json>();
  for (const bundle of bundles) {
    for (const { resource } of bundleShape.parse(bundle).entry) {
      const url = textOf(resource.url);
      // A value set and its code system may share a URL.
      if (url !== undefined) definitions.set(`${textOf(resource.resourceType)}/${url}`, resource);
    }
  }
  const lists = new Map<string, CodeList | undefined>();
  const listOf = (url: string): CodeList | undefined => {
    if (!lists.has(url)) lists.set(url, toCodeList(expandValueSet(definitions, url, new Set())));
    return lists.get(url);
  };
  return (resource) => {
    const problems: BindingProblem[] = [];
    walk({ schemaOf, listOf, problems }, resource, resource.resourceType, resource.resourceType);
    return problems;
  };
}

type Walk = {
  readonly schemaOf: (type: string) => InternalTypeSchema | undefined;
  readonly listOf: (url: string) => CodeList | undefined;
  readonly problems: BindingProblem[];
};

function walk(state: Walk, value: unknown, type: string, path: string): void {
  if (!isFhirObject(value)) return;
  const actual = type === "Resource" ? (textOf(value.resourceType) ?? type) : type;
  for (const [name, element] of Object.entries(state.schemaOf(actual)?.elements ?? {})) {
    for (const { code } of element.type) {
      const member = name.endsWith("[x]") ? name.slice(0, -3) + capitalise(code) : name;
      for (const [item, place] of itemsOf(value[member], `${path}.${member}`)) {
        checkElement(state, item, element, code, place);
        walk(state, item, code, place);
      }
    }
  }
}

function itemsOf(found: unknown, path: string): readonly (readonly [unknown, string])[] {
  if (found === undefined) return [];
  return Array.isArray(found) ? found.map((item, i): [unknown, string] => [item, `${path}[${i}]`]) : [[found, path]];
}

function checkElement(state: Walk, value: unknown, element: InternalSchemaElement, type: string, path: string): void {
  const valueSet = element.binding?.strength === "required" ? element.binding.valueSet?.split("|")[0] : undefined;
  const list = valueSet === undefined ? undefined : state.listOf(valueSet);
  if (valueSet === undefined || list === undefined || isWithin(list, value, type)) return;
  state.problems.push({ path, valueSet });
}

function isWithin(list: CodeList, value: unknown, type: string): boolean {
  if (type === "code" || type === "string" || type === "uri") {
    // A primitive that has only extensions has no code to check.
    return typeof value !== "string" || list.codes.has(value);
  }
  if (type === "Coding" || type === "Quantity") return !isFhirObject(value) || hasCode(list, value);
  if (type === "CodeableConcept")
    return (
      !isFhirObject(value) || value.extension !== undefined || objectsOf(value.coding).some((one) => hasCode(list, one))
    );
  return true;
}

function hasCode(list: CodeList, coding: Json): boolean {
  const code = textOf(coding.code);
  if (code === undefined) return coding.extension !== undefined;
  const system = textOf(coding.system);
  return system === undefined ? list.codes.has(code) : list.systemCodes.has(`${system}|${code}`);
}

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function toCodeList(systemCodes: ReadonlySet<string> | undefined): CodeList | undefined {
  if (systemCodes === undefined) return undefined;
  return { systemCodes, codes: new Set([...systemCodes].map((one) => one.slice(one.lastIndexOf("|") + 1))) };
}

/** Every `system|code` of a value set; `undefined` when the definitions do not list them all. */
function expandValueSet(
  definitions: ReadonlyMap<string, Json>,
  url: string,
  within: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const compose = definitions.get(`ValueSet/${url}`)?.compose;
  if (!isFhirObject(compose) || within.has(url)) return undefined;
  const inner = new Set([...within, url]);
  const codes = new Set<string>();
  for (const include of objectsOf(compose.include)) {
    const part = expandInclude(definitions, include, inner);
    if (part === undefined) return undefined;
    for (const code of part) codes.add(code);
  }
  for (const exclude of objectsOf(compose.exclude)) {
    const part = expandInclude(definitions, exclude, inner);
    if (part === undefined) return undefined;
    for (const code of part) codes.delete(code);
  }
  return codes;
}

function expandInclude(
  definitions: ReadonlyMap<string, Json>,
  include: Json,
  within: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  if (include.filter !== undefined) return undefined;
  const system = textOf(include.system);
  let codes: ReadonlySet<string> | undefined;
  if (system !== undefined) {
    const concepts = include.concept ?? completeConcepts(definitions.get(`CodeSystem/${system}`));
    if (concepts === undefined) return undefined;
    codes = new Set(codesOf(concepts).map((code) => `${system}|${code}`));
  }
  for (const url of Array.isArray(include.valueSet) ? include.valueSet : []) {
    const part = expandValueSet(definitions, String(url).split("|")[0] ?? "", within);
    if (part === undefined) return undefined;
    const before = codes;
    codes = before === undefined ? part : new Set([...before].filter((code) => part.has(code)));
  }
  return codes;
}

function completeConcepts(codeSystem: Json | undefined): unknown {
  return codeSystem?.content === "complete" ? codeSystem.concept : undefined;
}

function codesOf(concepts: unknown): readonly string[] {
  return objectsOf(concepts).flatMap((concept) => [textOf(concept.code) ?? "", ...codesOf(concept.concept)]);
}
