import { damerauLevenshtein } from "./damerau-levenshtein.ts";

const SHAPE = /^(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?$/;

/** `YYYYMMDD`, `YYYYMM` or `YYYY` of a date that the calendar has, between 1850 and 2200; otherwise empty: not known. */
export function prepareDate(text: string | undefined): string {
  const match = SHAPE.exec((text ?? "").trim().slice(0, 10));
  const [, year = "", month, day] = match ?? [];
  if (year < "1850" || year > "2200") return "";
  if (month === undefined) return year;
  if (month < "01" || month > "12") return "";
  if (day === undefined) return year + month;
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) >= 1 && Number(day) <= last ? year + month + day : "";
}

/** How two prepared dates agree. `part`: two of year, month and day are equal, or one date is only known as far as it is equal. */
export type DateLevel = "same" | "swapped" | "near" | "part" | "different";

/** Compares two dates that are both known: day and month exchanged is a level of its own, as is one slip of the hand. */
export function compareDates(a: string, b: string): DateLevel {
  if (a === b) return a.length === 8 ? "same" : "part";
  if (a.length < 8 || b.length < 8) return a.startsWith(b) || b.startsWith(a) ? "part" : "different";
  if (swapDayAndMonth(a) === b) return "swapped";
  if (damerauLevenshtein(a, b, 1) <= 1) return "near";
  const equal = [a.slice(0, 4) === b.slice(0, 4), a.slice(4, 6) === b.slice(4, 6), a.slice(6) === b.slice(6)];
  return equal.filter(Boolean).length === 2 ? "part" : "different";
}

/** The same for a date and its exchange of day and month. */
export function dateKey(date: string): string {
  const swapped = swapDayAndMonth(date);
  return swapped < date ? swapped : date;
}

function swapDayAndMonth(date: string): string {
  return date.slice(0, 4) + date.slice(6) + date.slice(4, 6);
}
