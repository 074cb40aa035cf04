import { dateTimeToMs } from "@caseroom/clinical";

/** Milliseconds since the epoch, `untilMs` excluded. */
export type FhirPeriod = { readonly fromMs: number; readonly untilMs: number };

/** Before every date and after every date; a period that is open at an end. */
export const PERIOD_OPEN_FROM = -8_640_000_000_000_000;
export const PERIOD_OPEN_UNTIL = 8_640_000_000_000_000;

const PARTS = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** A date of any precision stands for the whole of its period (FHIR R4 §3.1.1.4.7). `undefined` when it is not a date. */
export function parsePeriod(text: string): FhirPeriod | undefined {
  const match = PARTS.exec(text);
  const fromMs = dateTimeToMs(text);
  if (match === null || fromMs === undefined) return undefined;
  const [, year, month, day, hour, , second, fraction] = match;
  if (fraction !== undefined) return { fromMs, untilMs: fromMs + 1 };
  if (second !== undefined) return { fromMs, untilMs: fromMs + 1_000 };
  if (hour !== undefined) return { fromMs, untilMs: fromMs + 60_000 };
  if (day !== undefined) return { fromMs, untilMs: fromMs + 86_400_000 };
  if (month !== undefined) return { fromMs, untilMs: Date.UTC(Number(year), Number(month), 1) };
  return { fromMs, untilMs: Date.UTC(Number(year) + 1, 0, 1) };
}

const COMPARATORS = ["eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap"] as const;
/** A prefix of a date search (FHIR R4 §3.1.1.4.5). */
export type DateComparator = (typeof COMPARATORS)[number];
export type DateSearch = FhirPeriod & { readonly comparator: DateComparator };

/** `ge2020-01`, or a date alone for `eq`; `undefined` when it is neither. */
export function parseDateSearch(text: string): DateSearch | undefined {
  const prefix = COMPARATORS.find((one) => text.startsWith(one));
  // A client that writes + for the zone sends a space.
  const period = parsePeriod((prefix === undefined ? text : text.slice(2)).replace(" ", "+"));
  return period === undefined ? undefined : { comparator: prefix ?? "eq", ...period };
}
