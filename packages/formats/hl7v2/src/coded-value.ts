import type { Json } from "@caseroom/clinical";
import type { Hl7Segment } from "@medplum/core";
import { type Components, repetitions, textAt } from "./hl7-field.ts";
import type { MessageContext } from "./message-context.ts";

/** HL7 table 0396 to FHIR's code systems (FHIR R4 §4.3 "Using Codes"). */
const SYSTEM_BY_TABLE = new Map([
  ["LN", "http://loinc.org"],
  ["LOINC", "http://loinc.org"],
  ["SCT", "http://snomed.info/sct"],
  ["SNOMED", "http://snomed.info/sct"],
  ["SNOMED-CT", "http://snomed.info/sct"],
  ["UCUM", "http://unitsofmeasure.org"],
  ["I10", "http://hl7.org/fhir/sid/icd-10"],
  ["ICD10", "http://hl7.org/fhir/sid/icd-10"],
  ["ICD-10", "http://hl7.org/fhir/sid/icd-10"],
  ["I10C", "http://hl7.org/fhir/sid/icd-10-cm"],
  ["I9C", "http://hl7.org/fhir/sid/icd-9-cm"],
  ["ICD9", "http://hl7.org/fhir/sid/icd-9-cm"],
  ["ICD-9", "http://hl7.org/fhir/sid/icd-9-cm"],
  ["RXNORM", "http://www.nlm.nih.gov/research/umls/rxnorm"],
  ["RXN", "http://www.nlm.nih.gov/research/umls/rxnorm"],
  ["NDC", "http://hl7.org/fhir/sid/ndc"],
  ["ATC", "http://www.whocc.no/atc"],
  ["CVX", "http://hl7.org/fhir/sid/cvx"],
  ["C4", "http://www.ama-assn.org/go/cpt"],
  ["CPT", "http://www.ama-assn.org/go/cpt"],
  ["NCIT", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"],
]);

/** The FHIR code system of a v2 table name; a system that only the sender knows is named after the sender. */
export function codeSystem(table: string | undefined, facility: string): string {
  const name = (table ?? "").toUpperCase();
  const hl7Table = /^HL7(\d{4})$/.exec(name)?.[1];
  if (hl7Table !== undefined) return `http://terminology.hl7.org/CodeSystem/v2-${hl7Table}`;
  return SYSTEM_BY_TABLE.get(name) ?? `urn:caseroom:local:${facility}`;
}

/** Whose codes they are. */
type CodeContext = Pick<MessageContext, "facility" | "codes">;

/** A CodeableConcept of the first repetition of a CE or CWE field: the code and its alternate. */
export function codeableConcept(segment: Hl7Segment, field: number, context: CodeContext): Json | undefined {
  return conceptOf(segment, repetitions(segment, field)[0], context);
}

/** A CodeableConcept of one repetition (HL7 v2.5.1 §2.A.13 CWE); a mapped code of the sender's own comes after it with its meaning. */
export function conceptOf(
  segment: Hl7Segment,
  components: Components | undefined,
  context: CodeContext,
): Json | undefined {
  const codings = [1, 4].flatMap((at) => {
    const code = textAt(segment, components, at);
    const display = textAt(segment, components, at + 1);
    if (code === undefined) return [];
    const table = textAt(segment, components, at + 2);
    const mapped = context.codes.find(
      (one) => one.code === code && (one.table === undefined || one.table === table),
    )?.to;
    return [{ system: codeSystem(table, context.facility), code, display }, ...(mapped === undefined ? [] : [mapped])];
  });
  const text =
    textAt(segment, components, 2) ??
    textAt(segment, components, 9) ??
    textAt(segment, components, 5) ??
    codings[0]?.code;
  if (text === undefined) return undefined;
  return { coding: codings.length === 0 ? undefined : codings, text };
}
