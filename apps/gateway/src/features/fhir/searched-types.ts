/** What can be searched of one type: parameter name → element of the resource (FHIR R4 search parameters of that type). */
export type SearchedType = {
  /** The name of the date parameter, and the elements that hold its date. */
  readonly date?: { readonly name: string; readonly elements: readonly string[] };
  readonly tokens: Readonly<Record<string, string>>;
  readonly references: Readonly<Record<string, string>>;
};

const SUBJECT = { subject: "subject", patient: "subject", encounter: "encounter" };
const STATUS = { status: "status" };
const CODE = { code: "code" };
const CATEGORY = { category: "category" };
const MEDICATION = { code: "medicationCodeableConcept", status: "status" };
const dated = (name: string, ...elements: readonly string[]) => ({ name, elements });

/** Types whose own parameters are offered; every other type of R4 has `identifier`, `patient` and the common ones. */
const TYPES: Readonly<Record<string, SearchedType>> = {
  Patient: {
    date: dated("birthdate", "birthDate"),
    tokens: { gender: "gender", active: "active" },
    references: {
      organization: "managingOrganization",
      "general-practitioner": "generalPractitioner",
      link: "link.other",
    },
  },
  Observation: {
    date: dated("date", "effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    tokens: { ...CODE, ...CATEGORY, ...STATUS, "component-code": "component.code" },
    references: {
      ...SUBJECT,
      performer: "performer",
      "based-on": "basedOn",
      "has-member": "hasMember",
      "derived-from": "derivedFrom",
      specimen: "specimen",
      device: "device",
    },
  },
  DiagnosticReport: {
    date: dated("date", "effectiveDateTime", "effectivePeriod"),
    tokens: { ...CODE, ...CATEGORY, ...STATUS },
    references: { ...SUBJECT, performer: "performer", result: "result", "based-on": "basedOn", specimen: "specimen" },
  },
  Condition: {
    date: dated("onset-date", "onsetDateTime", "onsetPeriod"),
    tokens: { ...CODE, ...CATEGORY, "clinical-status": "clinicalStatus", "verification-status": "verificationStatus" },
    references: { ...SUBJECT, asserter: "asserter" },
  },
  AllergyIntolerance: {
    date: dated("date", "recordedDate"),
    tokens: {
      ...CODE,
      ...CATEGORY,
      type: "type",
      criticality: "criticality",
      "clinical-status": "clinicalStatus",
      "verification-status": "verificationStatus",
    },
    references: { patient: "patient", recorder: "recorder", asserter: "asserter" },
  },
  MedicationRequest: {
    date: dated("authoredon", "authoredOn"),
    tokens: { ...MEDICATION, ...CATEGORY, intent: "intent" },
    references: { ...SUBJECT, requester: "requester", medication: "medicationReference" },
  },
  MedicationStatement: {
    date: dated("effective", "effectiveDateTime", "effectivePeriod"),
    tokens: { ...MEDICATION, ...CATEGORY },
    references: { subject: "subject", patient: "subject", context: "context", medication: "medicationReference" },
  },
  MedicationAdministration: {
    date: dated("effective-time", "effectiveDateTime", "effectivePeriod"),
    tokens: { ...MEDICATION },
    references: { subject: "subject", patient: "subject", context: "context", medication: "medicationReference" },
  },
  MedicationDispense: {
    date: dated("whenhandedover", "whenHandedOver"),
    tokens: { ...MEDICATION },
    references: { subject: "subject", patient: "subject", context: "context", medication: "medicationReference" },
  },
  Encounter: {
    date: dated("date", "period"),
    tokens: { ...STATUS, class: "class", type: "type" },
    references: {
      subject: "subject",
      patient: "subject",
      participant: "participant.individual",
      location: "location.location",
      "service-provider": "serviceProvider",
      "part-of": "partOf",
    },
  },
  Procedure: {
    date: dated("date", "performedDateTime", "performedPeriod"),
    tokens: { ...CODE, ...CATEGORY, ...STATUS },
    references: { ...SUBJECT, performer: "performer.actor", "based-on": "basedOn", "part-of": "partOf" },
  },
  Immunization: {
    date: dated("date", "occurrenceDateTime"),
    tokens: { ...STATUS, "vaccine-code": "vaccineCode" },
    references: { patient: "patient", performer: "performer.actor", location: "location" },
  },
  DocumentReference: {
    date: dated("date", "date"),
    tokens: { ...STATUS, ...CATEGORY, type: "type" },
    references: { subject: "subject", patient: "subject", author: "author", encounter: "context.encounter" },
  },
  Composition: {
    date: dated("date", "date"),
    tokens: { ...STATUS, ...CATEGORY, type: "type" },
    references: { ...SUBJECT, author: "author", entry: "section.entry" },
  },
  ImagingStudy: {
    date: dated("started", "started"),
    tokens: { ...STATUS, modality: "modality" },
    references: { ...SUBJECT, endpoint: "endpoint", basedon: "basedOn" },
  },
  ServiceRequest: {
    date: dated("occurrence", "occurrenceDateTime", "occurrencePeriod"),
    tokens: { ...CODE, ...CATEGORY, ...STATUS, intent: "intent" },
    references: { ...SUBJECT, requester: "requester", performer: "performer", "based-on": "basedOn" },
  },
  CarePlan: {
    date: dated("date", "period"),
    tokens: { ...STATUS, ...CATEGORY, intent: "intent" },
    references: { ...SUBJECT, condition: "addresses", goal: "goal", "care-team": "careTeam" },
  },
  CareTeam: {
    date: dated("date", "period"),
    tokens: { ...STATUS, ...CATEGORY },
    references: { ...SUBJECT, participant: "participant.member" },
  },
  Goal: {
    date: dated("start-date", "startDate"),
    tokens: { "lifecycle-status": "lifecycleStatus", ...CATEGORY },
    references: { subject: "subject", patient: "subject" },
  },
  Claim: {
    date: dated("created", "created"),
    tokens: { ...STATUS, use: "use" },
    references: { patient: "patient", provider: "provider", insurer: "insurer", encounter: "item.encounter" },
  },
  ExplanationOfBenefit: {
    date: dated("created", "created"),
    tokens: { ...STATUS },
    references: { patient: "patient", provider: "provider", claim: "claim", encounter: "item.encounter" },
  },
  Coverage: { tokens: { ...STATUS, type: "type" }, references: { patient: "beneficiary", beneficiary: "beneficiary" } },
  Specimen: { tokens: { ...STATUS, type: "type" }, references: { subject: "subject", patient: "subject" } },
  Device: { tokens: { ...STATUS, type: "type" }, references: { patient: "patient", organization: "owner" } },
  QuestionnaireResponse: {
    date: dated("authored", "authored"),
    tokens: { ...STATUS },
    references: { ...SUBJECT, author: "author", "based-on": "basedOn" },
  },
  Provenance: {
    date: dated("recorded", "recorded"),
    tokens: {},
    references: { target: "target", agent: "agent.who" },
  },
  Medication: { tokens: { ...CODE, ...STATUS }, references: { manufacturer: "manufacturer" } },
  Organization: { tokens: { active: "active", type: "type" }, references: { partof: "partOf" } },
  Practitioner: { tokens: { active: "active" }, references: {} },
  PractitionerRole: {
    tokens: { active: "active", role: "code", specialty: "specialty" },
    references: { practitioner: "practitioner", organization: "organization", location: "location" },
  },
  Location: {
    tokens: { ...STATUS, type: "type" },
    references: { organization: "managingOrganization", partof: "partOf" },
  },
  Subscription: { tokens: { ...STATUS }, references: {} },
};

const OTHER: SearchedType = { tokens: { ...STATUS }, references: { patient: "patient", subject: "subject" } };

/** The names that CapabilityStatement lists. */
export const SEARCHED_TYPES: readonly string[] = Object.keys(TYPES);

/** What can be searched of a type; `identifier`, `_id` and `_lastUpdated` of every one. */
export function searchedType(type: string): SearchedType {
  return Object.hasOwn(TYPES, type) ? (TYPES[type] ?? OTHER) : OTHER;
}

/** Whether a parameter of the type means the patient whose record a resource is part of. */
export function isPatientParameter(type: string, name: string): boolean {
  return (name === "patient" || name === "subject") && Object.hasOwn(searchedType(type).references, name);
}

/** Elements that name the patient a resource is about. */
export const PATIENT_ELEMENTS = [
  "subject",
  "patient",
  "beneficiary",
  "individual",
  "for",
  "sourcePatientInfo",
] as const;
