import { type Counts, countTypes } from "./clinical-counts.ts";

/** Walks parsed JSON: the resources of a Bundle, the one resource, or one resource a line. `undefined` when it is no JSON. */
export function countFhir(text: string): Counts | undefined {
  const whole = parse(text);
  const lines = whole === undefined ? text.split("\n").filter((line) => line.trim() !== "") : [];
  const roots = whole === undefined ? lines.map(parse) : [whole];
  if (roots.length === 0 || roots.includes(undefined)) return undefined;
  return countTypes(roots.flatMap(typesOf));
}

function typesOf(root: unknown): readonly string[] {
  const type = memberOf(root, "resourceType");
  if (type !== "Bundle") return typeof type === "string" ? [type] : [];
  const entries = memberOf(root, "entry");
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry) => {
    const inner = memberOf(memberOf(entry, "resource"), "resourceType");
    return typeof inner === "string" ? [inner] : [];
  });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}
