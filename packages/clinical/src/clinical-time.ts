import { type FhirObject, objectOf, textOf } from "./fhir-value.ts";

const FHIR_DATE_TIME =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** Hong Kong has had no summer time since 1979; sources there that name no zone mean this one. */
const ASSUMED_ZONE = "+08:00";

/**
 * Milliseconds of a FHIR dateTime, date or instant (FHIR R4 §2.24.0.1). A partial date is its beginning in UTC, a time
 * without a zone is Hong Kong's. `undefined` when it is not a date: a wrong date is no date.
 */
export function dateTimeToMs(value: unknown): number | undefined {
  const match = FHIR_DATE_TIME.exec(textOf(value) ?? "");
  if (match === null) return undefined;
  const [, year, month = "01", day = "01", hour, minute = "00", second = "00", fraction = "", zone] = match;
  const civilDay = `${year}-${month}-${day}`;
  if (!isCivilDay(civilDay)) return undefined;
  const time =
    hour === undefined
      ? "00:00:00Z"
      : `${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, "0")}${zone ?? ASSUMED_ZONE}`;
  const ms = Date.parse(`${civilDay}T${time}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function isCivilDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

const TIME_ELEMENTS = [
  "effectiveDateTime",
  "effectiveInstant",
  "effectivePeriod",
  "onsetDateTime",
  "onsetPeriod",
  "performedDateTime",
  "performedPeriod",
  "occurrenceDateTime",
  "occurrencePeriod",
  "period",
  "started",
  "authoredOn",
  "date",
  "recordedDate",
  "dateAsserted",
  "created",
] as const;

/** The clinical time as the source wrote it: when it was so, never when it was sent. `undefined` when the source names none. */
export function clinicalTime(resource: FhirObject): { readonly text: string; readonly ms: number } | undefined {
  for (const element of TIME_ELEMENTS) {
    const value = resource[element];
    const text = textOf(value) ?? textOf(objectOf(value)?.start) ?? textOf(objectOf(value)?.end);
    const ms = dateTimeToMs(text);
    if (text !== undefined && ms !== undefined) return { text, ms };
  }
  return undefined;
}

/** When this version was made, so that a later version is known: `issued`, else `meta.lastUpdated`, else when it was received. */
export function versionTimeMs(resource: FhirObject, receivedMs: number): number {
  return dateTimeToMs(resource.issued) ?? dateTimeToMs(objectOf(resource.meta)?.lastUpdated) ?? receivedMs;
}
