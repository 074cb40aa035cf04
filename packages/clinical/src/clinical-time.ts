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
  const dayMs = civilDayMs(Number(year), Number(month), Number(day));
  if (dayMs === undefined || hour === undefined) return dayMs;
  const offset = zoneMinutes(zone ?? ASSUMED_ZONE);
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (offset === undefined || !isClockTime(hours, minutes, seconds)) return undefined;
  const millisecond = Number(fraction.slice(0, 3).padEnd(3, "0"));
  return dayMs + ((hours * 60 + minutes - offset) * 60 + seconds) * 1_000 + millisecond;
}

/** `undefined` for a day that the calendar does not have. */
function civilDayMs(year: number, month: number, day: number): number | undefined {
  const ms = Date.UTC(2000, month - 1, day);
  const date = new Date(ms);
  // Set apart from Date.UTC, which takes the years before 100 for those of the twentieth century.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

/** ISO 8601 lets a day end at 24:00. */
function isClockTime(hours: number, minutes: number, seconds: number): boolean {
  return (hours < 24 && minutes < 60 && seconds < 60) || (hours === 24 && minutes === 0 && seconds === 0);
}

function zoneMinutes(zone: string): number | undefined {
  if (zone === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
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
