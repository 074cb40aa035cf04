import { isFhirObject, textOf } from "@caseroom/clinical";

/** A literal reference to a resource of one server (FHIR R4 §2.3.0.1). */
export type FhirReference = { readonly type: string; readonly id: string };

const RELATIVE = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
/** FHIR R4 §2.24.0.1 `id`. */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Whether the text may be a logical id. */
export function isFhirId(text: string): boolean {
  return ID.test(text);
}

/** `Type/id`, or the same below `baseUrl`; `undefined` for what points elsewhere, into the resource, or nowhere. */
export function parseReference(text: string, baseUrl?: string): FhirReference | undefined {
  const base = baseUrl === undefined ? undefined : `${baseUrl.replace(/\/+$/, "")}/`;
  const relative = base !== undefined && text.startsWith(base) ? text.slice(base.length) : text;
  const match = RELATIVE.exec(relative);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { type: match[1], id: match[2] };
}

/** A reference and where it stands, as a FHIRPath below the resource. */
export type PlacedReference = { readonly path: string; readonly reference: string };

/** Every literal reference of a resource that parsed, in document order. */
export function referencesOf(resource: unknown): readonly PlacedReference[] {
  const found: PlacedReference[] = [];
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) walk(item, `${path}[${i}]`);
      return;
    }
    if (!isFhirObject(value)) return;
    const reference = textOf(value.reference);
    if (reference !== undefined) found.push({ path, reference });
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === "object") walk(member, path === "" ? name : `${path}.${name}`);
    }
  };
  walk(resource, "");
  return found;
}
