/** HL7 object identifiers of code systems to FHIR's names for them (FHIR R4 §4.3, terminology.hl7.org). */
const URI_BY_OID = new Map([
  ["2.16.840.1.113883.6.1", "http://loinc.org"],
  ["2.16.840.1.113883.6.96", "http://snomed.info/sct"],
  ["2.16.840.1.113883.6.88", "http://www.nlm.nih.gov/research/umls/rxnorm"],
  ["2.16.840.1.113883.12.292", "http://hl7.org/fhir/sid/cvx"],
  ["2.16.840.1.113883.6.59", "http://hl7.org/fhir/sid/cvx"],
  ["2.16.840.1.113883.6.12", "http://www.ama-assn.org/go/cpt"],
  ["2.16.840.1.113883.6.103", "http://hl7.org/fhir/sid/icd-9-cm"],
  ["2.16.840.1.113883.6.104", "http://hl7.org/fhir/sid/icd-9-cm"],
  ["2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm"],
  ["2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"],
  ["2.16.840.1.113883.6.4", "http://www.cms.gov/Medicare/Coding/ICD10"],
  ["2.16.840.1.113883.6.69", "http://hl7.org/fhir/sid/ndc"],
  ["2.16.840.1.113883.4.9", "http://fdasis.nlm.nih.gov"],
  ["2.16.840.1.113883.3.26.1.1", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"],
  ["2.16.840.1.113883.6.345", "http://www.nlm.nih.gov/research/umls/medrt"],
  ["2.16.840.1.113883.6.101", "http://nucc.org/provider-taxonomy"],
  ["2.16.840.1.113883.6.8", "http://unitsofmeasure.org"],
  ["2.16.840.1.113883.6.14", "http://terminology.hl7.org/CodeSystem/HCPCS"],
  ["2.16.840.1.113883.6.13", "http://terminology.hl7.org/CodeSystem/CD2"],
  ["2.16.840.1.113883.6.259", "https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html"],
  ["2.16.840.1.113883.5.4", "http://terminology.hl7.org/CodeSystem/v3-ActCode"],
  ["2.16.840.1.113883.5.6", "http://terminology.hl7.org/CodeSystem/v3-ActClass"],
  ["2.16.840.1.113883.5.7", "http://terminology.hl7.org/CodeSystem/v3-ActPriority"],
  ["2.16.840.1.113883.5.8", "http://terminology.hl7.org/CodeSystem/v3-ActReason"],
  ["2.16.840.1.113883.5.83", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"],
  ["2.16.840.1.113883.5.112", "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"],
  ["2.16.840.1.113883.5.1", "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender"],
  ["1.2.840.10008.2.16.4", "http://dicom.nema.org/resources/ontology/DCM"],
]);

/** The names by which senders refer to the same code systems where they give no object identifier. */
const URI_BY_NAME = new Map([
  ["LOINC", "http://loinc.org"],
  ["SNOMED CT", "http://snomed.info/sct"],
  ["SNOMED-CT", "http://snomed.info/sct"],
  ["RXNORM", "http://www.nlm.nih.gov/research/umls/rxnorm"],
  ["CVX", "http://hl7.org/fhir/sid/cvx"],
  ["CPT", "http://www.ama-assn.org/go/cpt"],
  ["CPT-4", "http://www.ama-assn.org/go/cpt"],
  ["ICD-9-CM", "http://hl7.org/fhir/sid/icd-9-cm"],
  ["ICD-10-CM", "http://hl7.org/fhir/sid/icd-10-cm"],
]);

/** An object identifier as HL7 v3 writes it. */
export function isOid(text: string): boolean {
  return /^[0-2](\.(0|[1-9]\d*))+$/.test(text);
}

/**
 * The FHIR code system of a coded value: by its object identifier, else by its name; an unknown identifier becomes
 * `urn:oid:`. A code without either is only known to the sender and is named after it.
 */
export function codeSystem(oid: string | undefined, name: string | undefined, sender: string): string {
  const known = URI_BY_OID.get(oid ?? "");
  if (known !== undefined) return known;
  if (oid !== undefined && isOid(oid)) return `urn:oid:${oid}`;
  return URI_BY_NAME.get((oid ?? name ?? "").toUpperCase()) ?? `urn:caseroom:local:${sender}`;
}

const ATOM =
  "(?:[munpfkdc]?(?:g|L|l|mol|m|s|Pa|V|Hz|J|eq|\\[iU\\]|\\[IU\\]|U|osm)|%|mm\\[Hg\\]|Cel|min|h|d|wk|mo|a|\\[lb_av\\]|\\[oz_av\\]|\\[in_i\\]|\\[ft_i\\]|\\[degF\\]|\\[pH\\]|10\\*\\d{1,2}|\\{[A-Za-z]+\\}|1|kat|kcal|cal)";
const UCUM = new RegExp(`^/?${ATOM}[23]?(?:[./]${ATOM}[23]?){0,3}(?:\\{[A-Za-z]+\\})?$`);

/**
 * Whether a unit reads as one of UCUM. Every unit should be one (HL7 v3 data types, PQ.unit), but senders write "bpm" and
 * "lbs"; those stay words, so that nobody takes them for codes.
 */
export function isUcum(unit: string): boolean {
  return unit.length <= 40 && UCUM.test(unit);
}
