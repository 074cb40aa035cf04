import type { TierName } from "@caseroom/contract";
import { codingsOf, type FhirResource, objectsOf } from "./fhir-value.ts";

/** What must be at hand for an unconscious patient. */
const EMERGENCY_TYPES = new Set([
  "AllergyIntolerance",
  "Device",
  "DeviceUseStatement",
  "MedicationRequest",
  "MedicationStatement",
  "Patient",
]);

/**
 * The compartment a resource belongs in. `emergency`: who the patient is, allergies, medication, implants and the problem
 * list; everything else is `clinical`. A diagnosis that its source files under encounters only is not on the problem list.
 */
export function routeFragment(resource: FhirResource): TierName {
  if (EMERGENCY_TYPES.has(resource.resourceType)) return "emergency";
  if (resource.resourceType === "Condition") return isOnProblemList(resource) ? "emergency" : "clinical";
  return "clinical";
}

function isOnProblemList(condition: FhirResource): boolean {
  const codes = objectsOf(condition.category).flatMap((category) => codingsOf(category).map((coding) => coding.code));
  return !codes.includes("encounter-diagnosis") || codes.includes("problem-list-item");
}
