import { dateTimeToMs } from "@caseroom/clinical";

/** HL7 v2.5.1 §2.A.22 DTM, and the ISO form that some systems send in its place. */
const DTM = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;
/** More digits than a second has, without a point: some systems write microseconds so. */
const LONG = /^(\d{14})\d+([+-]\d{4})?$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
/** Where nobody says another. */
export const DEFAULT_ZONE = "Asia/Hong_Kong";
const OFFSET = /^[+-]\d{2}:\d{2}$/;

/**
 * A FHIR dateTime with the precision that was written. A time without a zone is in `zone`, an IANA name or an offset; missing seconds are zero,
 * because FHIR has no time without them. `undefined` when it is not a date.
 */
export function toFhirDateTime(text: string | undefined, zone: string): string | undefined {
  const compact = (text ?? "").trim().replace(LONG, "$1$2");
  const match = DTM.exec(compact) ?? ISO.exec(compact);
  if (match === null) return undefined;
  const [, year = "", month, day, hour, minute = "00", second = "00", fraction, said] = match;
  const date = [year, month, day].filter((part) => part !== undefined).join("-");
  const time = `T${hour}:${minute}:${second}${fraction === undefined ? "" : `.${fraction.slice(0, 3)}`}`;
  const written =
    hour === undefined ? date : date + time + (said === undefined ? offsetAt(date + time, zone) : fhirZone(said));
  return dateTimeToMs(written) === undefined ? undefined : written;
}

/** The day of a timestamp; a partial date stays partial. */
export function toFhirDate(text: string | undefined): string | undefined {
  return toFhirDateTime(text, "+00:00")?.slice(0, 10);
}

/** Milliseconds of a timestamp. */
export function hl7TimeToMs(text: string | undefined, zone: string): number | undefined {
  return dateTimeToMs(toFhirDateTime(text, zone));
}

/** A timestamp in Hong Kong's time with its zone. */
export function msToHl7Time(ms: number): string {
  const local = new Date(ms + 8 * 3_600_000).toISOString();
  return `${local.replace(/[-:TZ]/g, "")}+0800`;
}

function fhirZone(zone: string): string {
  return zone === "Z" || zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** Whether a zone can be used: `+08:00`, or a name of the IANA time zone database. */
export function isZone(text: string): boolean {
  if (OFFSET.test(text)) return true;
  try {
    return /^[A-Za-z]/.test(text) && new Intl.DateTimeFormat("en", { timeZone: text }).format(0) !== "";
  } catch {
    return false;
  }
}

/** The offset of a place's clock at a local time; of the hour that is there twice the first, of the one that is not the later. */
function offsetAt(local: string, zone: string): string {
  if (OFFSET.test(zone)) return zone;
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return "+00:00";
  const before = minutesAt(asUtc - 86_400_000, zone);
  const after = minutesAt(asUtc + 86_400_000, zone);
  const minutes = minutesAt(asUtc - before * 60_000, zone) === before ? before : after;
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function minutesAt(ms: number, zone: string): number {
  const named = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })
    .formatToParts(ms)
    .find(({ type }) => type === "timeZoneName")?.value;
  const [, sign, hours = "0", minutes = "0"] = /^GMT([+-])(\d{2}):(\d{2})/.exec(named ?? "") ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
