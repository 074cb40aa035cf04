import { type SectionName, sectionOf } from "./absence.ts";
import { isBloodGroup } from "./blood-group.ts";
import { codingsOf, type FhirResource, LOINC, objectsOf } from "./fhir-value.ts";

/** The lists of the picture that stand beside the timeline. */
export const SHELVES = [
  "allergies",
  "problems",
  "medications",
  "devices",
  "directives",
  "alerts",
  "bloodGroups",
] as const;
export type Shelf = (typeof SHELVES)[number];

/** LOINC: Advance directives; Advance directive; Patient Personal advance care plan; Power of attorney; Living will. */
const DIRECTIVE_CODES = new Set(["42348-3", "75320-2", "81334-5", "64298-3", "45473-6"]);
/** FHIR R4 Consent.scope. */
const DIRECTIVE_SCOPE = "adr";

const SHELF_BY_TYPE = new Map<string, Shelf>([
  ["Device", "devices"],
  ["DeviceUseStatement", "devices"],
  ["Flag", "alerts"],
]);

/** The list a resource belongs on; `undefined` for what stands in the timeline only. */
export function shelfOf(resource: FhirResource): Shelf | undefined {
  const section: SectionName | undefined = sectionOf(resource);
  if (section !== undefined) return section;
  if (isDirective(resource)) return "directives";
  if (isBloodGroup(resource)) return "bloodGroups";
  return SHELF_BY_TYPE.get(resource.resourceType);
}

function isDirective(resource: FhirResource): boolean {
  switch (resource.resourceType) {
    case "Consent":
      return codingsOf(resource.scope).some(({ code }) => code === DIRECTIVE_SCOPE);
    case "DocumentReference":
      return [resource.type, ...objectsOf(resource.category)].some(hasDirectiveCode);
    case "Composition":
      return hasDirectiveCode(resource.type);
    case "Observation":
      return hasDirectiveCode(resource.code);
    default:
      return false;
  }
}

function hasDirectiveCode(concept: unknown): boolean {
  return codingsOf(concept).some(({ system, code }) => system === LOINC && DIRECTIVE_CODES.has(code));
}
