import { codingsOf, type FhirObject, LOINC, objectOf, textOf } from "./fhir-value.ts";

/** ABO group and Rh(D); either may not have been said. */
export type BloodGroup = { readonly abo: "A" | "B" | "AB" | "O" | undefined; readonly rh: "+" | "-" | undefined };

/** LOINC: ABO and Rh group; ABO group; Rh type; each in blood. */
const ABO_RH = "882-1";
const ABO = "883-9";
const RH = "10331-7";
const CODES = new Set([ABO_RH, ABO, RH]);

/** Whether the resource is a determination of ABO or Rh(D). */
export function isBloodGroup(resource: FhirObject): boolean {
  return resource.resourceType === "Observation" && loincOf(resource) !== undefined;
}

/**
 * The group that a determination says, from its words (`A Rh(D) positive`, `AB-`, `Group O`, `RhD neg`). `undefined` when
 * they are not understood: such a result is shown as it is written and takes part in no comparison.
 */
export function readBloodGroup(resource: FhirObject): BloodGroup | undefined {
  const loinc = loincOf(resource);
  if (loinc === undefined) return undefined;
  const concept = resource.valueCodeableConcept;
  const texts = [
    textOf(resource.valueString),
    textOf(objectOf(concept)?.text),
    ...codingsOf(concept).map(({ display }) => display),
  ];
  for (const text of texts) {
    const group = text === undefined ? undefined : groupInWords(text, loinc);
    if (group !== undefined) return group;
  }
  return undefined;
}

/** `A +`, `O`, `-`: for people who compare two of them. */
export function bloodGroupText({ abo, rh }: BloodGroup): string {
  const rhesus = rh === undefined ? undefined : rh === "+" ? "Rh(D) positive" : "Rh(D) negative";
  return [abo, rhesus].filter((part) => part !== undefined).join(" ");
}

/** Whether both cannot be true of one patient. What one of them left out contradicts nothing. */
export function contradicts(a: BloodGroup, b: BloodGroup): boolean {
  return differs(a.abo, b.abo) || differs(a.rh, b.rh);
}

function differs(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function loincOf(resource: FhirObject): string | undefined {
  return codingsOf(resource.code).find(({ system, code }) => system === LOINC && CODES.has(code))?.code;
}

function groupInWords(text: string, loinc: string): BloodGroup | undefined {
  const words = text
    .replace(/\b(blood|group|type|phenotype|finding)\b|[()]/gi, " ")
    .replace(/\bRh\s*\(?\s*D?\s*\)?\s*/gi, " rh ")
    .replace(/\s+/g, " ")
    .trim();
  const match = /^(?<abo>AB|A|B|O)?\s*(?:rh\s*)?(?<rh>\+|-|−|pos(?:itive)?|neg(?:ative)?)?(?:\s*rh)?$/i.exec(words);
  const abo = aboOf(match?.groups?.abo);
  const rh = rhOf(match?.groups?.rh);
  if (loinc === RH) return rh === undefined || abo !== undefined ? undefined : { abo: undefined, rh };
  return abo === undefined ? undefined : { abo, rh };
}

function aboOf(text: string | undefined): BloodGroup["abo"] {
  return (["A", "B", "AB", "O"] as const).find((group) => group === text?.toUpperCase());
}

function rhOf(text: string | undefined): BloodGroup["rh"] {
  if (text === undefined) return undefined;
  return /^(\+|pos)/i.test(text) ? "+" : "-";
}
