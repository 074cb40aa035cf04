import { codingsOf, type FhirResource, objectOf, SNOMED, textOf } from "./fhir-value.ts";

export type SectionName = "allergies" | "problems" | "medications";

/**
 * What a source says about there being nothing. `all` and `drug` assert that there is none; `part` asserts it for a kind
 * only (food, environment) and never speaks for the section; `unknown` says that the source has no information.
 */
export type Absence = { readonly section: SectionName; readonly scope: "all" | "drug" | "part" | "unknown" };

const IPS_ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

/** SNOMED CT concepts as the International Patient Summary 2.0 uses them, and its own code system of absent and unknown. */
const ABSENCE_BY_CODE = new Map<string, Absence>([
  [`${SNOMED}|716186003`, { section: "allergies", scope: "all" }],
  [`${SNOMED}|409137002`, { section: "allergies", scope: "drug" }],
  [`${SNOMED}|429625007`, { section: "allergies", scope: "part" }],
  [`${SNOMED}|428607008`, { section: "allergies", scope: "part" }],
  [`${SNOMED}|1003774007`, { section: "allergies", scope: "part" }],
  [`${SNOMED}|160245001`, { section: "problems", scope: "all" }],
  [`${SNOMED}|787481004`, { section: "medications", scope: "all" }],
  [`${IPS_ABSENT}|no-known-allergies`, { section: "allergies", scope: "all" }],
  [`${IPS_ABSENT}|no-known-medication-allergies`, { section: "allergies", scope: "drug" }],
  [`${IPS_ABSENT}|no-known-food-allergies`, { section: "allergies", scope: "part" }],
  [`${IPS_ABSENT}|no-known-environmental-allergies`, { section: "allergies", scope: "part" }],
  [`${IPS_ABSENT}|no-allergy-info`, { section: "allergies", scope: "unknown" }],
  [`${IPS_ABSENT}|no-known-problems`, { section: "problems", scope: "all" }],
  [`${IPS_ABSENT}|no-problem-info`, { section: "problems", scope: "unknown" }],
  [`${IPS_ABSENT}|no-known-medications`, { section: "medications", scope: "all" }],
  [`${IPS_ABSENT}|no-medication-info`, { section: "medications", scope: "unknown" }],
]);

/** SNOMED CT 1287211007 is "No information available": the opposite of an assertion that there is none. */
const NO_INFORMATION = `${SNOMED}|1287211007`;

const SECTION_BY_TYPE = new Map<string, SectionName>([
  ["AllergyIntolerance", "allergies"],
  ["Condition", "problems"],
  ["MedicationRequest", "medications"],
  ["MedicationStatement", "medications"],
]);

const SECTION_BY_LIST_CODE = new Map<string, SectionName>([
  ["48765-2", "allergies"],
  ["52472-8", "allergies"],
  ["11450-4", "problems"],
  ["10160-0", "medications"],
]);

const WORDS: readonly (readonly [RegExp, SectionName, Absence["scope"]])[] = [
  [/^(nkda|(no|nil) known (drug|medication|medicine|medicinal)s? allerg(y|ies))\.?$/i, "allergies", "drug"],
  [/^(nka|(no|nil) (known )?allerg(y|ies)( known)?)\.?$/i, "allergies", "all"],
  [/^(no|nil) known (problems?|conditions?)\.?$/i, "problems", "all"],
  [/^(no|nil) known (medications?|medicines?)\.?$/i, "medications", "all"],
];

/** The section a resource states facts of. */
export function sectionOf(resource: FhirResource): SectionName | undefined {
  return SECTION_BY_TYPE.get(resource.resourceType);
}

/** What the resource says about absence; `undefined` when it says something else. */
export function readAbsence(resource: FhirResource): Absence | undefined {
  if (resource.resourceType === "List") return emptyListAbsence(resource);
  const section = sectionOf(resource);
  if (section === undefined) return undefined;
  const concept = resource.code ?? resource.medicationCodeableConcept;
  for (const coding of codingsOf(concept)) {
    const key = `${coding.system}|${coding.code}`;
    if (key === NO_INFORMATION) return { section, scope: "unknown" };
    const absence = ABSENCE_BY_CODE.get(key);
    if (absence !== undefined) return absence;
  }
  return absenceInWords(
    [textOf(objectOf(concept)?.text), ...codingsOf(concept).map((coding) => coding.display)],
    section,
  );
}

function absenceInWords(texts: readonly (string | undefined)[], section: SectionName): Absence | undefined {
  for (const [pattern, of, scope] of WORDS) {
    if (of === section && texts.some((text) => text !== undefined && pattern.test(withoutTag(text))))
      return { section, scope };
  }
  return undefined;
}

/** FHIR R4 List.emptyReason: only `nilknown` asserts that there is none; every other reason leaves it open. */
function emptyListAbsence(list: FhirResource): Absence | undefined {
  const section = codingsOf(list.code)
    .map((coding) => SECTION_BY_LIST_CODE.get(coding.code))
    .find((name) => name !== undefined);
  const reason = codingsOf(list.emptyReason)[0]?.code;
  if (section === undefined || reason === undefined) return undefined;
  return { section, scope: reason === "nilknown" ? "all" : "unknown" };
}

/** SNOMED CT's fully specified names end in a tag such as "(situation)". */
function withoutTag(text: string): string {
  return text.replace(/\s*\([a-z ]+\)$/, "");
}
