import { dateTimeToMs } from "@caseroom/clinical";

/** HL7 v2.5.1 §2.A.22 DTM, and the ISO form that some systems send in its place. */
const DTM = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;
/** More digits than a second has, without a point: some systems write microseconds so. */
const LONG = /^(\d{14})\d+([+-]\d{4})?$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const HONG_KONG = "+08:00";

/**
 * A FHIR dateTime with the precision that was written. A time without a zone is Hong Kong's; missing seconds are zero,
 * because FHIR has no time without them. `undefined` when it is not a date.
 */
export function toFhirDateTime(text: string | undefined): string | undefined {
  const compact = (text ?? "").trim().replace(LONG, "$1$2");
  const match = DTM.exec(compact) ?? ISO.exec(compact);
  if (match === null) return undefined;
  const [, year = "", month, day, hour, minute = "00", second = "00", fraction, zone] = match;
  const date = [year, month, day].filter((part) => part !== undefined).join("-");
  const time = `T${hour}:${minute}:${second}${fraction === undefined ? "" : `.${fraction.slice(0, 3)}`}${fhirZone(zone)}`;
  const written = hour === undefined ? date : date + time;
  return dateTimeToMs(written) === undefined ? undefined : written;
}

/** The day of a timestamp; a partial date stays partial. */
export function toFhirDate(text: string | undefined): string | undefined {
  return toFhirDateTime(text)?.slice(0, 10);
}

/** Milliseconds of a timestamp. */
export function hl7TimeToMs(text: string | undefined): number | undefined {
  return dateTimeToMs(toFhirDateTime(text));
}

/** A timestamp in Hong Kong's time with its zone. */
export function msToHl7Time(ms: number): string {
  const local = new Date(ms + 8 * 3_600_000).toISOString();
  return `${local.replace(/[-:TZ]/g, "")}+0800`;
}

function fhirZone(zone: string | undefined): string {
  if (zone === undefined) return HONG_KONG;
  return zone === "Z" || zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}
