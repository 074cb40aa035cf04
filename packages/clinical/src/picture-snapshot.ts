import { parseJson } from "@caseroom/contract";
import { isFhirObject } from "./fhir-value.ts";
import type { Picture } from "./picture.ts";

/** Changes with every change of what a picture of the same fragments looks like: another version's snapshot is no start. */
export const ASSEMBLER_VERSION = 2;

/** The picture as text, to open a long record with before its entries are opened one by one. */
export function encodePicture(picture: Picture): string {
  return JSON.stringify({ version: ASSEMBLER_VERSION, picture });
}

/**
 * The one parser of snapshots. `undefined` when it is of another version of the assembler or not a picture in every part.
 * That it is somebody's word and not the record, the caller knows: it shows it only under the protocol's conditions.
 */
export function parsePicture(text: string): Picture | undefined {
  const parsed = parseJson(text);
  if (!parsed.ok || !isFhirObject(parsed.value) || parsed.value.version !== ASSEMBLER_VERSION) return undefined;
  const { picture } = parsed.value;
  return isPicture(picture) ? picture : undefined;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isBoolean: Check = (value) => typeof value === "boolean";

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function list(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function oneOf(...words: readonly string[]): Check {
  const known = new Set<unknown>(words);
  return (value) => known.has(value);
}

function shape(members: { readonly [name: string]: Check }): Check {
  const checks = Object.entries(members);
  return (value) => isFhirObject(value) && checks.every(([name, check]) => check(value[name]));
}

const isSources = list(
  shape({ fragmentId: isText, institutionId: isText, institution: isText, system: isText, receivedMs: isNumber }),
);
const isCodes = list(shape({ system: isText, code: isText, display: optional(isText), systemName: isText }));
const isMapping = oneOf("standard", "table", "none");
const isKind = oneOf(
  ...["result", "encounter", "problem", "medication", "allergy", "procedure", "immunization", "document", "imaging"],
  "other",
);
const isFact = shape({
  id: isText,
  title: isText,
  otherTitles: list(isText),
  detail: optional(isText),
  status: optional(isText),
  since: optional(isText),
  codes: isCodes,
  mapping: isMapping,
  substances: list(isText),
  sources: isSources,
});
const isSection = shape({
  state: oneOf("listed", "asserted-none", "no-information"),
  items: list(isFact),
  silentInstitutions: list(isText),
});
const isLimits = { low: optional(isNumber), high: optional(isNumber) };
const isPoint = shape({
  id: isText,
  atMs: isNumber,
  isDayOnly: isBoolean,
  value: isNumber,
  unit: optional(isText),
  text: isText,
  flag: optional(oneOf("low", "high", "critical", "implausible")),
  ...isLimits,
  common: shape({ value: isNumber, ...isLimits }),
  hba1c: optional(shape({ ngspPercent: isNumber, ifccMmolMol: isNumber })),
  status: isText,
  sources: isSources,
});
const isSettlement = shape({
  entryId: isText,
  authorId: isText,
  atMs: isNumber,
  decision: shape({ kind: oneOf("holds", "same", "different", "open"), text: optional(isText) }),
  reason: isText,
  state: oneOf("settled", "open"),
});
const isClaims = list(shape({ text: isText, sources: isSources }));
const isGap: Check = (value) =>
  [
    shape({
      kind: oneOf("institution"),
      institution: isText,
      reason: oneOf("not-answered", "refused", "nothing-sent"),
    }),
    shape({ kind: oneOf("withheld"), institution: isText, what: isText, count: isNumber }),
    shape({ kind: oneOf("period"), fromMs: isNumber, toMs: isNumber }),
  ].some((check) => check(value));
const isTimelineItem = shape({
  id: isText,
  atMs: optional(isNumber),
  kind: isKind,
  title: isText,
  detail: optional(isText),
  status: optional(isText),
  codes: isCodes,
  superseded: isBoolean,
  sources: isSources,
});
const isWhole = shape({
  patient: optional(
    shape({
      name: isText,
      birthDate: optional(isText),
      sex: optional(isText),
      identifiers: list(shape({ system: isText, value: isText })),
      sources: isSources,
    }),
  ),
  institutions: list(shape({ id: isText, name: isText, fragments: isNumber, newestMs: isNumber })),
  timeline: list(isTimelineItem),
  series: list(
    shape({
      key: isText,
      name: isText,
      unit: optional(isText),
      codes: isCodes,
      mapping: isMapping,
      points: list(isPoint),
    }),
  ),
  allergies: isSection,
  problems: isSection,
  medications: isSection,
  devices: isSection,
  directives: isSection,
  alerts: isSection,
  bloodGroups: isSection,
  conflicts: list(
    shape({
      id: isText,
      kind: oneOf("birth-date", "sex", "blood-group", "allergy", "problem-status", "dose"),
      title: isText,
      statements: isClaims,
      settlement: optional(isSettlement),
    }),
  ),
  suggestions: list(
    shape({
      id: isText,
      kind: oneOf("allergy", "problem", "medication", "result"),
      reason: oneOf("same-substance", "same-words", "same-code", "same-time", "same-day"),
      title: isText,
      items: list(shape({ id: isText, text: isText, sources: isSources })),
      settlement: optional(isSettlement),
    }),
  ),
  gaps: list(isGap),
  retracted: list(
    shape({
      id: isText,
      atMs: optional(isNumber),
      kind: isKind,
      title: isText,
      detail: optional(isText),
      reason: oneOf("entered-in-error", "deleted"),
      retractedMs: isNumber,
      sources: isSources,
      retractedBy: isSources,
    }),
  ),
});

function isPicture(value: unknown): value is Picture {
  return isWhole(value);
}
