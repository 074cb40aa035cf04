import { type Coding, codingsOf, LOINC, SNOMED } from "./fhir-value.ts";

/** A code exactly as its source gave it, and the name of its system for people. Nothing is translated here. */
export type GivenCode = {
  readonly system: string;
  readonly code: string;
  /** The source's own words for the code; `undefined` when it sent none. */
  readonly display?: string;
  /** `LOINC`, `SNOMED CT` …; for a system that is nobody's standard `local`. */
  readonly systemName: string;
};

export const RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
export const ATC = "http://www.whocc.no/atc";

/** Canonical URLs of terminologies (FHIR R4 §4.3.0, HL7 Terminology) and the object identifiers that older sources write for them. */
const NAME_BY_SYSTEM = new Map([
  [LOINC, "LOINC"],
  ["urn:oid:2.16.840.1.113883.6.1", "LOINC"],
  [SNOMED, "SNOMED CT"],
  ["urn:oid:2.16.840.1.113883.6.96", "SNOMED CT"],
  [RXNORM, "RxNorm"],
  ["urn:oid:2.16.840.1.113883.6.88", "RxNorm"],
  [ATC, "ATC"],
  ["urn:oid:2.16.840.1.113883.6.73", "ATC"],
  ["http://hl7.org/fhir/sid/icd-10", "ICD-10"],
  ["http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"],
  ["urn:oid:2.16.840.1.113883.6.90", "ICD-10-CM"],
  ["http://hl7.org/fhir/sid/icd-9-cm", "ICD-9-CM"],
  ["http://id.who.int/icd/release/11/mms", "ICD-11"],
  ["http://hl7.org/fhir/sid/ndc", "NDC"],
  ["http://fdasis.nlm.nih.gov", "UNII"],
  ["http://hl7.org/fhir/sid/cvx", "CVX"],
  ["http://unitsofmeasure.org", "UCUM"],
  ["http://www.ama-assn.org/go/cpt", "CPT"],
  ["http://dicom.nema.org/resources/ontology/DCM", "DICOM"],
  ["http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "IPS"],
]);

/** Whether a code of an international terminology is among them. */
export function hasStandardCode(codes: readonly GivenCode[]): boolean {
  return codes.some(({ systemName }) => systemName !== "local");
}

/** All codes of a concept in the order of its source. */
export function givenCodes(concept: unknown): readonly GivenCode[] {
  return codingsOf(concept).map(toGivenCode);
}

/** The codes of several statements of one thing, each once, in their order. */
export function distinctCodes(lists: readonly (readonly GivenCode[])[]): readonly GivenCode[] {
  const byKey = new Map<string, GivenCode>();
  for (const code of lists.flat()) {
    const key = `${code.system}|${code.code}`;
    if (byKey.get(key)?.display === undefined) byKey.set(key, code);
  }
  return [...byKey.values()];
}

function toGivenCode({ system, code, display }: Coding): GivenCode {
  const systemName = NAME_BY_SYSTEM.get(system) ?? "local";
  return { system, code, ...(display === undefined ? {} : { display }), systemName };
}
