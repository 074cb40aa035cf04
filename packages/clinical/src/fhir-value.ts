/**
 * Reading a FHIR resource whose values are still `unknown`: every accessor answers with nothing when the value is not
 * of the shape that it looks for. A resource may hold anything; no accessor throws.
 */
export type FhirObject = { readonly [name: string]: unknown };
export type FhirResource = FhirObject & { readonly resourceType: string };

export type Coding = { readonly system: string; readonly code: string; readonly display: string | undefined };
export type Identifier = { readonly system: string; readonly value: string };

export const LOINC = "http://loinc.org";
export const SNOMED = "http://snomed.info/sct";

/** Whether the value is a JSON object. */
export function isFhirObject(value: unknown): value is FhirObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether the value is a JSON object with the name of a resource type. */
export function isFhirResource(value: unknown): value is FhirResource {
  return isFhirObject(value) && typeof value.resourceType === "string" && /^[A-Za-z]{1,64}$/.test(value.resourceType);
}

/** Text that says something, without blanks around it. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return text === "" ? undefined : text;
}

/** A finite number. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** An object; a list is none. */
export function objectOf(value: unknown): FhirObject | undefined {
  return isFhirObject(value) ? value : undefined;
}

/** The objects of a repeating element; a single object counts as one of them. */
export function objectsOf(value: unknown): readonly FhirObject[] {
  if (Array.isArray(value)) return value.filter(isFhirObject);
  return isFhirObject(value) ? [value] : [];
}

/** The texts of a repeating primitive. */
export function textsOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.map(textOf).filter((text) => text !== undefined);
}

/** The codings of a CodeableConcept that have a code. */
export function codingsOf(concept: unknown): readonly Coding[] {
  return objectsOf(objectOf(concept)?.coding).flatMap((coding) => {
    const code = textOf(coding.code);
    if (code === undefined) return [];
    return [{ system: textOf(coding.system) ?? "", code, display: textOf(coding.display) }];
  });
}

/** What a person reads for a CodeableConcept: its text, else a display, else a code. */
export function conceptTitle(concept: unknown): string | undefined {
  const codings = codingsOf(concept);
  const display = codings.find((coding) => coding.display !== undefined)?.display;
  return textOf(objectOf(concept)?.text) ?? display ?? codings[0]?.code;
}

/** The first code of a CodeableConcept that holds one code of a small set, as statuses do. */
export function conceptCode(concept: unknown): string | undefined {
  return codingsOf(concept)[0]?.code ?? textOf(objectOf(concept)?.text);
}

/**
 * The key by which two sources mean the same thing: `system|code` of the LOINC coding, else of the SNOMED CT coding,
 * else of the first coding; without a coding the words themselves. `undefined` when the concept says nothing.
 */
export function conceptKey(concept: unknown): string | undefined {
  const codings = codingsOf(concept);
  const chosen =
    codings.find((coding) => coding.system === LOINC) ??
    codings.find((coding) => coding.system === SNOMED) ??
    codings.find((coding) => coding.system !== "") ??
    codings[0];
  if (chosen !== undefined) return `${chosen.system}|${chosen.code}`;
  const text = textOf(objectOf(concept)?.text);
  return text === undefined ? undefined : `text|${text.toLowerCase().replace(/\s+/g, " ")}`;
}

/** The business identifiers of a resource that have a value; a missing system is the empty text. */
export function identifiersOf(resource: FhirObject): readonly Identifier[] {
  return objectsOf(resource.identifier).flatMap((identifier) => {
    const value = textOf(identifier.value);
    return value === undefined ? [] : [{ system: textOf(identifier.system) ?? "", value }];
  });
}
