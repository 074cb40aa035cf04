import { dateTimeToMs, type Json } from "@caseroom/clinical";
import { attribute, child } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

/** HL7 v3 data types, TS: digits from the left, as many as are known. */
const TS = /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,9}))?)?)?)?)?)?([+-]\d{4})?$/;
const HONG_KONG = "+08:00";

/** Programs write their zero date (0001, 1753) where they have none; nothing of a living patient is that old. */
const EARLIEST_YEAR = "1800";

/** Where the text could not be written as FHIR, or only with minutes and seconds added: the text itself. */
const ORIGINAL_TIME = "urn:caseroom:ccda:original-time";

export type JsonMembers = { readonly [name: string]: Json | undefined };

/**
 * A FHIR dateTime with the precision that was written; `undefined` when it is not a date. FHIR has no time without
 * seconds and zone: missing ones are zero and the given zone.
 */
export function toFhirDateTime(text: string | undefined, zone: string): string | undefined {
  const match = TS.exec(text ?? "");
  if (match === null) return undefined;
  const [, year = "", month, day, hour, minute = "00", second = "00", fraction, written] = match;
  const date = [year, month, day].filter((part) => part !== undefined).join("-");
  const time = `T${hour}:${minute}:${second}${fraction === undefined ? "" : `.${fraction}`}${zoneOf(written) ?? zone}`;
  const full = hour === undefined ? date : date + time;
  return year < EARLIEST_YEAR || dateTimeToMs(full) === undefined ? undefined : full;
}

/** The zone of the document's own time, which times without one are taken to be in; else Hong Kong's. */
export function documentZone(effectiveTime: string | undefined): string {
  return zoneOf(TS.exec(effectiveTime ?? "")?.[8]) ?? HONG_KONG;
}

function zoneOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^[+-](0\d|1[0-4])[0-5]\d$/.test(text)) return undefined;
  return `${text.slice(0, 3)}:${text.slice(3)}`;
}

/** The members of a FHIR object for one date: its value, and the original where FHIR cannot say just that. */
export function timeMembers(name: string, text: string | undefined, zone: string): JsonMembers {
  if (text === undefined) return {};
  const written = toFhirDateTime(text, zone);
  const isFilledIn = /^\d{10,12}([+-]\d{4})?$/.test(text);
  const original = originalTime(text);
  if (written === undefined) return { [`_${name}`]: original };
  return isFilledIn ? { [name]: written, [`_${name}`]: original } : { [name]: written };
}

function originalTime(text: string): Json {
  return { extension: [{ url: ORIGINAL_TIME, valueString: text }] };
}

export type CdaInterval = {
  readonly point: string | undefined;
  readonly low: string | undefined;
  readonly high: string | undefined;
  /** The source says that there is an end, and does not know when. */
  readonly hasUnknownEnd: boolean;
};

/** The parts of a TS or IVL_TS as written. */
export function readInterval(element: XmlElement | undefined): CdaInterval {
  const high = child(element, "high");
  return {
    point: attribute(element, "value") ?? attribute(child(element, "center"), "value"),
    low: attribute(child(element, "low"), "value"),
    high: attribute(high, "value"),
    hasUnknownEnd: attribute(high, "nullFlavor") === "UNK",
  };
}

/** `<stem>DateTime` for a point or for a beginning alone, `<stem>Period` for an interval with an end. */
export function timing(stem: string, interval: CdaInterval, zone: string): JsonMembers {
  const { point, low, high } = interval;
  if (point !== undefined) return timeMembers(`${stem}DateTime`, point, zone);
  if (high === undefined || high === low) return timeMembers(`${stem}DateTime`, low, zone);
  return { [`${stem}Period`]: period(interval, zone) };
}

/** A FHIR Period; `undefined` when neither end is known. */
export function period({ point, low, high }: CdaInterval, zone: string): JsonMembers | undefined {
  const start = low ?? point;
  const startMs = dateTimeToMs(toFhirDateTime(start, zone));
  const endMs = dateTimeToMs(toFhirDateTime(high, zone));
  // FHIR R4 per-1: an end before its beginning is no end; what was written stays beside it.
  const isReversed = startMs !== undefined && endMs !== undefined && endMs < startMs;
  const end = isReversed ? { _end: originalTime(high ?? "") } : timeMembers("end", high, zone);
  const members = { ...timeMembers("start", start, zone), ...end };
  return Object.keys(members).length === 0 ? undefined : members;
}
