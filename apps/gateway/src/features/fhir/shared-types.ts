/** Types that are about no patient: what an institution's door made of them is one thing in every chart it travels with. */
export const SHARED_TYPES: ReadonlySet<string> = new Set([
  "Endpoint",
  "HealthcareService",
  "InsurancePlan",
  "Location",
  "Medication",
  "MedicationKnowledge",
  "Organization",
  "OrganizationAffiliation",
  "PlanDefinition",
  "ActivityDefinition",
  "Practitioner",
  "PractitionerRole",
  "Questionnaire",
  "Substance",
]);
