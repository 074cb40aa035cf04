import {
  conceptCode,
  conceptKey,
  conceptTitle,
  type FhirObject,
  type FhirResource,
  objectOf,
  objectsOf,
  textOf,
  textsOf,
} from "./fhir-value.ts";
import { type GivenCode, givenCodes } from "./given-code.ts";

export type Description = {
  readonly title: string;
  readonly detail: string | undefined;
  /** By which two resources are about the same substance, disease or test. */
  readonly codeKey: string;
  readonly codes: readonly GivenCode[];
  /** The CodeableConcept that says what it is about; `undefined` when the resource has none. */
  readonly concept: unknown;
};

/** The words for a resource: what it is about and what else matters at a glance. */
export function describeResource(resource: FhirResource): Description {
  const concept = subjectConcept(resource);
  const fallback = titleWithoutCode(resource);
  const title = conceptTitle(concept) ?? fallback;
  return {
    title,
    detail: detailOf(resource),
    codeKey: conceptKey(concept) ?? `text|${title.toLowerCase()}`,
    codes: givenCodes(concept),
    concept,
  };
}

function subjectConcept(resource: FhirResource): unknown {
  switch (resource.resourceType) {
    case "MedicationRequest":
    case "MedicationStatement":
    case "MedicationAdministration":
    case "MedicationDispense":
      return resource.medicationCodeableConcept ?? containedMedication(resource);
    case "Immunization":
      return resource.vaccineCode;
    case "Encounter":
      return objectsOf(resource.type)[0];
    case "DocumentReference":
    case "Composition":
      return resource.type;
    case "ImagingStudy":
      return objectsOf(resource.procedureCode)[0];
    case "Device":
      return resource.type;
    case "Consent":
      return objectsOf(resource.category)[0];
    case "CarePlan":
      return objectsOf(resource.category)[0];
    default:
      return resource.code;
  }
}

function containedMedication(resource: FhirResource): unknown {
  const reference = textOf(objectOf(resource.medicationReference)?.reference);
  return objectsOf(resource.contained).find((contained) => `#${textOf(contained.id) ?? ""}` === reference)?.code;
}

function titleWithoutCode(resource: FhirResource): string {
  const display =
    textOf(objectOf(resource.medicationReference)?.display) ??
    textOf(objectOf(resource.device)?.display) ??
    textOf(resource.title) ??
    textOf(objectOf(resource.description)?.text) ??
    textOf(resource.description);
  if (display !== undefined) return display;
  const modality = modalities(resource);
  if (modality !== undefined) return modality;
  return textOf(objectOf(resource.class)?.display) ?? textOf(objectOf(resource.class)?.code) ?? resource.resourceType;
}

function modalities(resource: FhirResource): string | undefined {
  if (resource.resourceType !== "ImagingStudy") return undefined;
  const series = objectsOf(resource.series);
  const words = series.flatMap((each) => {
    const modality = objectOf(each.modality);
    const site = textOf(objectOf(each.bodySite)?.display);
    const name = textOf(modality?.display) ?? textOf(modality?.code);
    return [[name, site].filter((word) => word !== undefined).join(", ")];
  });
  return [...new Set(words)].filter((word) => word !== "").join("; ") || undefined;
}

function detailOf(resource: FhirResource): string | undefined {
  switch (resource.resourceType) {
    case "AllergyIntolerance":
      return joined([...objectsOf(resource.reaction).map(reactionText), criticality(resource), ...notes(resource)]);
    case "MedicationRequest":
    case "MedicationStatement":
      return joined([
        ...objectsOf(resource.dosageInstruction ?? resource.dosage).map((dose) => textOf(dose.text)),
        ...notes(resource),
      ]);
    case "Encounter":
      return joined([
        textOf(objectOf(resource.serviceProvider)?.display),
        conceptTitle(objectsOf(resource.reasonCode)[0]),
      ]);
    case "DiagnosticReport":
      return joined([textOf(resource.conclusion)]);
    case "Condition":
      return joined([conceptTitle(resource.severity), ...notes(resource)]);
    case "DocumentReference":
      return joined([textOf(resource.description)]);
    default:
      return joined(notes(resource));
  }
}

function reactionText(reaction: FhirObject): string | undefined {
  const manifestations = objectsOf(reaction.manifestation).map(conceptTitle);
  const words = joined(manifestations) ?? textOf(reaction.description);
  const severity = textOf(reaction.severity);
  return words === undefined || severity === undefined ? words : `${words} (${severity})`;
}

function criticality(resource: FhirResource): string | undefined {
  return textOf(resource.criticality) === "high" ? "high criticality" : undefined;
}

function notes(resource: FhirResource): readonly string[] {
  return objectsOf(resource.note).flatMap((note) => textsOf(note.text));
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const words = [...new Set(parts.filter((part) => part !== undefined))];
  return words.length === 0 ? undefined : words.join(", ");
}

/** Whether an allergy is about something else than a drug, so that "no known drug allergies" does not contradict it. */
export function isOnlyNonDrugAllergy(resource: FhirResource): boolean {
  const categories = textsOf(resource.category);
  return categories.length > 0 && categories.every((category) => category === "food" || category === "environment");
}

/** Clinical and verification statuses under which an allergy no longer warns. */
export function isInactive(resource: FhirResource): boolean {
  return ["inactive", "resolved"].includes(conceptCode(resource.clinicalStatus) ?? "");
}
