import { utf8ToBytes } from "@caseroom/contract";

const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

/** A document about one patient with the given sections, written at noon of 1 May 2020 in New York's summer time. */
export function documentWith(sections: string, heading = ""): Uint8Array {
  return utf8ToBytes(`<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" ${XSI}>
<id root="2.999.1" extension="doc-1"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>Summary</title>
<effectiveTime value="202005011200-0400"/>${heading}
<recordTarget><patientRole><id root="2.999.2" extension="A123"/><patient><name><given>Ann</given><family>Lee</family></name>
<administrativeGenderCode code="F"/><birthTime value="19800203"/></patient></patientRole></recordTarget>
<component><structuredBody>${sections}</structuredBody></component></ClinicalDocument>`);
}

/** A section by its LOINC code. */
export function sectionWith(code: string, entries: string, text = ""): string {
  return `<component><section><code code="${code}" codeSystem="2.16.840.1.113883.6.1"/><title>Section</title>${text}${entries}</section></component>`;
}

/** A result organizer with one observation of the value. */
export function resultWith(value: string, more = "", status = "completed"): string {
  return `<entry><organizer><code code="24323-8" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/><component><observation>
<code code="2339-0" codeSystem="2.16.840.1.113883.6.1" displayName="Glucose"/><statusCode code="${status}"/>
<effectiveTime value="20200430"/>${value}${more}</observation></component></organizer></entry>`;
}

/** A problem concern act with one problem observation. */
export function problemWith(input: {
  readonly code?: string;
  readonly act?: string;
  readonly observation?: string;
  readonly times?: string;
  readonly status?: string;
  readonly inner?: string;
}): string {
  const { code = "38341003", act = "active", observation = "", times = '<low value="2015"/>', status, inner } = input;
  return `<entry><act><statusCode code="${act}"/><effectiveTime><low value="2015"/></effectiveTime><entryRelationship typeCode="SUBJ">
<observation ${observation}><statusCode code="${status ?? "completed"}"/><effectiveTime>${times}</effectiveTime>
<value xsi:type="CD" code="${code}" codeSystem="2.16.840.1.113883.6.96" displayName="Named"/>${inner ?? ""}</observation></entryRelationship></act></entry>`;
}

/** An allergy concern act with one allergy observation. */
export function allergyWith(input: {
  readonly kind: string;
  readonly negated?: boolean;
  readonly substance?: string;
  readonly act?: string;
}): string {
  const { kind, negated = false, substance, act = "active" } = input;
  const code =
    substance === undefined
      ? '<code nullFlavor="NA"/>'
      : `<code code="${substance}" codeSystem="2.16.840.1.113883.6.88"/>`;
  return `<entry><act><statusCode code="${act}"/><entryRelationship typeCode="SUBJ"><observation negationInd="${negated}">
<code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/><value xsi:type="CD" code="${kind}" codeSystem="2.16.840.1.113883.6.96"/>
<participant typeCode="CSM"><participantRole><playingEntity>${code}</playingEntity></participantRole></participant>
</observation></entryRelationship></act></entry>`;
}

/** A medication activity. */
export function medicationWith(input: {
  readonly attributes?: string;
  readonly status?: string;
  readonly times?: string;
  readonly material?: string;
}): string {
  const { attributes = 'moodCode="EVN"', status = "active", times = '<low value="2019"/>' } = input;
  const material = input.material ?? '<code code="197380" codeSystem="2.16.840.1.113883.6.88" displayName="atenolol"/>';
  return `<entry><substanceAdministration ${attributes}><statusCode code="${status}"/><effectiveTime xsi:type="IVL_TS">${times}</effectiveTime>
<doseQuantity value="1.50" unit="mg"/><consumable><manufacturedProduct><manufacturedMaterial>${material}</manufacturedMaterial></manufacturedProduct></consumable>
</substanceAdministration></entry>`;
}
