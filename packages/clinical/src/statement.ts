import { type Absence, readAbsence } from "./absence.ts";
import { type BloodGroup, readBloodGroup } from "./blood-group.ts";
import { clinicalTime, versionTimeMs } from "./clinical-time.ts";
import {
  conceptCode,
  conceptKey,
  type FhirResource,
  identifiersOf,
  objectOf,
  objectsOf,
  textOf,
} from "./fhir-value.ts";
import type { Fragment } from "./fragment.ts";
import type { GivenCode } from "./given-code.ts";
import { type Measurement, nonNumericValue, readMeasurements, resultText } from "./observation.ts";
import type { Source, TimelineKind } from "./picture.ts";
import { type Description, describeResource } from "./resource-description.ts";
import { type Shelf, shelfOf } from "./shelf.ts";
import { readAllergen } from "./substances/allergen.ts";
import { type MedicationName, readMedicationConcept } from "./substances/medication-name.ts";

/**
 * What one fragment says, read once when it arrives. Two statements with an identity key in common are versions of one
 * thing; two with the same content key say the same.
 */
export type Statement = {
  readonly id: string;
  readonly resource: FhirResource;
  readonly source: Source;
  readonly kind: TimelineKind | "patient" | "background";
  readonly identityKeys: readonly string[];
  /** By a number of its own the source tells it from another thing that looks the same. */
  readonly isNumbered: boolean;
  readonly contentKey: string;
  /** `entered-in-error`, or deleted at its source: takes back every earlier version that shares an identity key. */
  readonly isRetraction: boolean;
  readonly isDeletion: boolean;
  readonly rank: number;
  readonly versionMs: number;
  readonly atMs: number | undefined;
  /** Its source named a day and no time: eight o'clock in Hong Kong is another moment with the same number. */
  readonly isDayOnly: boolean;
  readonly since: string | undefined;
  readonly title: string;
  readonly detail: string | undefined;
  readonly status: string | undefined;
  readonly codeKey: string;
  /** What a fact of a list is about: the code, or the substance where words and codes are known to mean one. */
  readonly subjectKey: string;
  readonly medicine: MedicationName | undefined;
  readonly codes: readonly GivenCode[];
  readonly measurements: readonly Measurement[];
  readonly bloodGroup: BloodGroup | undefined;
  readonly shelf: Shelf | undefined;
  readonly absence: Absence | undefined;
};

const KIND_BY_TYPE = new Map<string, Statement["kind"]>([
  ["Patient", "patient"],
  ["Observation", "result"],
  ["DiagnosticReport", "result"],
  ["Encounter", "encounter"],
  ["Condition", "problem"],
  ["MedicationRequest", "medication"],
  ["MedicationStatement", "medication"],
  ["MedicationAdministration", "medication"],
  ["MedicationDispense", "medication"],
  ["AllergyIntolerance", "allergy"],
  ["Procedure", "procedure"],
  ["Immunization", "immunization"],
  ["DocumentReference", "document"],
  ["Composition", "document"],
  ["ImagingStudy", "imaging"],
  ["Organization", "background"],
  ["Practitioner", "background"],
  ["PractitionerRole", "background"],
  ["Location", "background"],
  ["Medication", "background"],
  ["Provenance", "background"],
]);

/** FHIR R4 ObservationStatus and DiagnosticReportStatus: a corrected result counts however late the first one arrives. */
const RANK_BY_STATUS = new Map([
  ["preliminary", 1],
  ["partial", 1],
  ["final", 2],
  ["amended", 3],
  ["corrected", 3],
  ["appended", 3],
  ["cancelled", 3],
]);

/** Reads a fragment. Total: whatever it does not understand becomes an `other` item with the resource's type as its title. */
export function readStatement(fragment: Fragment): Statement {
  const { resource, provenance } = fragment;
  const kind = KIND_BY_TYPE.get(fragment.resourceType) ?? "other";
  const time = clinicalTime(resource);
  const measurements = fragment.resourceType === "Observation" ? readMeasurements(fragment) : [];
  const description = describeResource(resource);
  const status = statusOf(resource);
  const identityKeys = identityKeysOf(fragment, kind, description.codeKey);
  const detail = fragment.resourceType === "Observation" ? resultText(resource, measurements) : description.detail;
  const shelf = shelfOf(resource);
  const absence = readAbsence(resource);
  const medicine = shelf === "medications" ? readMedicationConcept(description.concept) : undefined;
  return {
    id: fragment.id,
    resource,
    source: {
      fragmentId: fragment.id,
      institutionId: provenance.institutionId,
      institution: provenance.institution,
      system: provenance.system,
      receivedMs: provenance.receivedMs,
    },
    kind,
    identityKeys,
    isNumbered: isNumbered(resource, kind),
    contentKey: contentKeyOf({
      resource,
      kind,
      codeKey: description.codeKey,
      status,
      measurements,
      detail,
      atMs: time?.ms,
      isDayOnly: isDayOnly(time?.text),
      identityKeys,
    }),
    isRetraction: isEnteredInError(resource),
    isDeletion: isDeletion(resource),
    rank: kind === "result" ? (RANK_BY_STATUS.get(status ?? "") ?? 0) : 0,
    versionMs: versionTimeMs(resource, provenance.receivedMs),
    atMs: time?.ms,
    isDayOnly: isDayOnly(time?.text),
    since: time?.text,
    title: description.title,
    detail,
    status,
    codeKey: description.codeKey,
    subjectKey: subjectKeyOf({ shelf, description, medicine, detail, identityKeys }),
    medicine,
    codes: description.codes,
    measurements,
    bloodGroup: shelf === "bloodGroups" ? readBloodGroup(resource) : undefined,
    shelf: absence?.section ?? shelf,
    absence,
  };
}

function subjectKeyOf(input: {
  readonly shelf: Shelf | undefined;
  readonly description: Description;
  readonly medicine: MedicationName | undefined;
  readonly detail: string | undefined;
  readonly identityKeys: readonly string[];
}): string {
  const { shelf, description, medicine, detail, identityKeys } = input;
  const { concept, codeKey } = description;
  switch (shelf) {
    case "allergies":
      return readAllergen(concept) ?? codeKey;
    case "medications":
      if (medicine === undefined) return codeKey;
      return JSON.stringify(["medicine", medicine.substances, medicine.strengths]);
    case "bloodGroups":
      return JSON.stringify([codeKey, comparable(detail)]);
    // Two implants of one kind are two: only a number that both sources know makes them one.
    case "devices":
    case "directives":
    case "alerts":
      return JSON.stringify([codeKey, [...identityKeys].sort()[0]]);
    default:
      return codeKey;
  }
}

function statusOf(resource: FhirResource): string | undefined {
  const verification = conceptCode(resource.verificationStatus);
  if (verification === "refuted") return verification;
  return textOf(resource.status) ?? conceptCode(resource.clinicalStatus) ?? verification;
}

function isEnteredInError(resource: FhirResource): boolean {
  if (isDeletion(resource)) return true;
  return [textOf(resource.status), conceptCode(resource.verificationStatus)].includes("entered-in-error");
}

/** The last version of a resource that its institution deleted at its FHIR door. */
function isDeletion(resource: FhirResource): boolean {
  return objectsOf(objectOf(resource.meta)?.tag).some(
    (tag) => tag.system === "urn:caseroom:fhir" && tag.code === "deleted",
  );
}

/**
 * A business identifier names the same thing wherever it comes from; a resource id names it within one system only. The
 * code is part of the key, because some laboratories give all results of an order one identifier, and results that
 * replaced each other by mistake would be hidden. A patient's identifiers never make one institution's registration a
 * version of another's.
 */
function identityKeysOf(fragment: Fragment, kind: Statement["kind"], codeKey: string): readonly string[] {
  const { resource, provenance, resourceType } = fragment;
  const institution = provenance.institutionId;
  const keys = identifiersOf(resource).map(({ system, value }) => {
    const scope = system === "" || kind === "patient" ? institution : "";
    const code = kind === "result" ? codeKey : "";
    return JSON.stringify(["identifier", resourceType, scope, system, value, code]);
  });
  const id = textOf(resource.id);
  if (id !== undefined) keys.push(JSON.stringify(["id", institution, provenance.system, resourceType, id]));
  return keys.length === 0 ? [JSON.stringify(["fragment", fragment.id])] : keys;
}

/**
 * Two results with two numbers, or two doses given with two ids, are two for the source that sent both, however alike. A
 * result's resource id is no such number: a server gives a new one to a result that is sent again.
 */
function isNumbered(resource: FhirResource, kind: Statement["kind"]): boolean {
  return identifiersOf(resource).length > 0 || (kind !== "result" && textOf(resource.id) !== undefined);
}

function contentKeyOf(input: {
  readonly resource: FhirResource;
  readonly kind: Statement["kind"];
  readonly codeKey: string;
  readonly status: string | undefined;
  readonly measurements: readonly Measurement[];
  readonly detail: string | undefined;
  readonly atMs: number | undefined;
  readonly isDayOnly: boolean;
  readonly identityKeys: readonly string[];
}): string {
  const { resource, kind, codeKey, status, measurements, atMs, isDayOnly, identityKeys } = input;
  const values = measurements.map((part) => [
    part.seriesBase,
    part.text.replace(/[^<>=]/g, ""),
    // As exact as any laboratory writes, and not as exact as the arithmetic: 10*9/L and 10*3/uL are one unit.
    part.quantity?.base.toPrecision(9) ?? part.value,
    part.lineKey,
  ]);
  const words =
    kind === "patient" ? demographics(resource) : values.length === 0 ? comparable(nonNumericValue(resource)) : "";
  const isResult = resource.resourceType === "Observation";
  const place = isResult ? (conceptKey(resource.bodySite) ?? "") : "";
  const saysNothing = isResult && values.length === 0 && words === "";
  // Without a time or a value there is nothing by which to know that two sources mean the same event.
  const own = atMs === undefined || saysNothing || kind === "patient" ? [...identityKeys].sort()[0] : "";
  return JSON.stringify([
    resource.resourceType,
    codeKey,
    atMs ?? null,
    values,
    words,
    isResult && !saysNothing ? "" : (status ?? ""),
    own,
    place,
    isDayOnly && isResult,
  ]);
}

/** A FHIR date, partial or whole, and not a dateTime with a time. */
function isDayOnly(text: string | undefined): boolean {
  return text !== undefined && text.length <= 10;
}

/** Two systems write the same words with other capitals and blanks. */
function comparable(words: string | undefined): string {
  return words?.toLowerCase().replace(/\s+/g, " ") ?? "";
}

/** A registration with another name, birth date or sex is another version of it; one with an identifier more is not. */
function demographics(patient: FhirResource): string {
  return JSON.stringify([patient.name ?? null, patient.birthDate ?? null, patient.gender ?? null]);
}
