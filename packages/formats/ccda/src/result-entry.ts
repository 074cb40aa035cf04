import { type CdaInterval, readInterval, timing } from "./cda-time.ts";
import { type CdaConcept, codedAs, concept, conceptJson, referredText, saysNothing } from "./cda-value.ts";
import type { Place } from "./document-context.ts";
import { isNegated, isNullified, statusCode } from "./entry-status.ts";
import { noteElement, readMedia } from "./note-entry.ts";
import { interpretations, observationValue, referenceRanges } from "./observation-value.ts";
import { readProcedure } from "./procedure-entry.ts";
import { type Draft, draft } from "./resource-draft.ts";
import { attribute, child, children, descend } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

export type ObservationCategory = "laboratory" | "vital-signs" | "social-history";

const OBSERVATION_STATUS = new Map([
  ["completed", "final"],
  ["active", "preliminary"],
  ["held", "registered"],
  ["suspended", "registered"],
  ["aborted", "cancelled"],
  ["cancelled", "cancelled"],
  ["nullified", "entered-in-error"],
]);

/** FHIR R4 DiagnosticReportStatus has the same words but for `preliminary`, which it has too. */
const REPORT_STATUS = OBSERVATION_STATUS;

/**
 * A Result Organizer (C-CDA R2.1 §3.89) as a DiagnosticReport with an Observation for each of its results; procedures
 * within it are read as such. An observation that stands alone is an Observation.
 */
export function readResults(statement: XmlElement, place: Place): readonly Draft[] {
  if (statement.name !== "organizer") return readObservation("laboratory")(statement, place);
  const { document } = place;
  const interval = readInterval(child(statement, "effectiveTime"));
  const results = descend(statement, "component", "observation").flatMap((each) =>
    observation(each, { category: "laboratory", organizer: statement, place }),
  );
  const others = [
    ...descend(statement, "component", "procedure").flatMap((each) => readProcedure(each, place)),
    ...descend(statement, "component", "observationMedia").flatMap((each) => readMedia(each, place)),
  ];
  const first = results.find(({ resourceType }) => resourceType === "Observation");
  const code = concept(child(statement, "code"), document);
  place.take(statement);
  // An organizer without results and without a name only says that there are none.
  if (first === undefined && code === undefined) {
    place.skip(statement, isNegated(statement) ? "negated" : "no-information");
    return others;
  }
  const body = {
    status: REPORT_STATUS.get(statusCode(statement) ?? "") ?? "unknown",
    code: conceptJson(code) ?? { text: "Results" },
    subject: document.subject,
    ...timing("effective", timeOf(interval, results.length === 0 ? undefined : statement), document.zone),
  };
  const report = draft("DiagnosticReport", statement, place, body);
  return [{ ...report, refers: { element: "result", to: results } }, ...results, ...others];
}

/** The time of an organizer, else that of its first result which has one. */
function timeOf(interval: CdaInterval, organizer: XmlElement | undefined): CdaInterval {
  if (hasTime(interval)) return interval;
  const inner = descend(organizer, "component", "observation", "effectiveTime").map(readInterval);
  return inner.find(hasTime) ?? interval;
}

function hasTime({ point, low, high }: CdaInterval): boolean {
  return point !== undefined || low !== undefined || high !== undefined;
}

/** A Vital Signs Organizer (C-CDA R2.1 §3.114): an Observation for each vital sign; the organizer itself says no more. */
export function readVitals(statement: XmlElement, place: Place): readonly Draft[] {
  if (statement.name !== "organizer") return readObservation("vital-signs")(statement, place);
  place.take(statement);
  return descend(statement, "component", "observation").flatMap((each) =>
    observation(each, { category: "vital-signs", organizer: statement, place }),
  );
}

/** An observation that stands alone, with its category. */
export function readObservation(
  category: ObservationCategory,
): (statement: XmlElement, place: Place) => readonly Draft[] {
  return (statement, place) => {
    const isFact = statement.name === "observation" && (attribute(statement, "moodCode") ?? "EVN") === "EVN";
    return isFact ? observation(statement, { category, organizer: undefined, place }) : [];
  };
}

function observation(
  statement: XmlElement,
  input: { readonly category: ObservationCategory; readonly organizer: XmlElement | undefined; readonly place: Place },
): readonly Draft[] {
  const { category, organizer, place } = input;
  const { document } = place;
  const value = observationValue(statement, document);
  const code = codeOf(statement, category, place);
  const nullified = isNullified(organizer, statement);
  // FHIR has no negated observation: the narrative keeps what was denied (CDA R2 §4.3.6.1 negationInd).
  const isEmpty = code === undefined || saysNothing(statement, code);
  const reason = isNegated(statement) ? "negated" : isEmpty ? "no-information" : undefined;
  if (reason !== undefined && !nullified) {
    place.take(statement);
    place.skip(statement, reason);
    return [];
  }
  const own = readInterval(child(statement, "effectiveTime"));
  const when = hasTime(own) ? own : readInterval(child(organizer, "effectiveTime"));
  const text = Object.keys(value).length === 0 ? referredText(child(statement, "text"), document) : undefined;
  const body = {
    status: nullified ? "entered-in-error" : (OBSERVATION_STATUS.get(statusCode(statement) ?? "") ?? "unknown"),
    category: [codedAs("http://terminology.hl7.org/CodeSystem/observation-category", category)],
    code: conceptJson(code) ?? { text: "Result" },
    subject: document.subject,
    ...timing("effective", when, document.zone),
    ...value,
    ...(text === undefined ? {} : { valueString: text }),
    interpretation: interpretations(statement, document),
    referenceRange: referenceRanges(statement, document),
    method: conceptJson(concept(child(statement, "methodCode"), document)),
    bodySite: conceptJson(concept(child(statement, "targetSiteCode"), document)),
    note: noteElement(statement, place),
  };
  const inner = children(statement, "entryRelationship").flatMap((each) =>
    children(each, "observationMedia").flatMap((media) => readMedia(media, place)),
  );
  return [draft("Observation", statement, place, body), ...inner];
}

/** Smoking status observations assert by a code that says nothing (ASSERTION): LOINC 72166-2 is what they are about. */
function codeOf(statement: XmlElement, category: ObservationCategory, place: Place): CdaConcept | undefined {
  const code = concept(child(statement, "code"), place.document);
  const isAssertion = code?.coding.some((coding) => coding.code === "ASSERTION") === true;
  if (isAssertion && category === "social-history")
    return {
      coding: [{ system: "http://loinc.org", code: "72166-2", display: "Tobacco smoking status" }],
      text: "Tobacco smoking status",
    };
  if (code !== undefined) return code;
  const text = referredText(child(statement, "text"), place.document);
  return text === undefined ? undefined : { coding: [], text };
}
