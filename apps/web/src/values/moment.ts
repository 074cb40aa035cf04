import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { languageOf } from "../messages/language.ts";

type Moments = {
  readonly day: (atMs: number) => string;
  readonly shortDay: (atMs: number) => string;
  readonly time: (atMs: number) => string;
  readonly dayAndTime: (atMs: number) => string;
  /** The time of today, the weekday of this week, else the day. */
  readonly brief: (atMs: number) => string;
  /** A FHIR date or dateTime as exactly as it was given: a year stays a year. */
  readonly partial: (date: string) => string;
  readonly list: (names: readonly string[]) => string;
};

const RIGHT_TO_LEFT = /\p{Script=Arabic}|\p{Script=Hebrew}/u;
const DAY_MS = 86_400_000;

/** Dates and lists in the person's language and time zone. */
export function useMoments(): Moments {
  const { i18n } = useTranslation();
  return useMemo(() => momentsIn(languageOf(i18n.language).locale), [i18n.language]);
}

/** The formats of one locale, made once because making them is slow. */
export function momentsIn(locale: string): Moments {
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
  const month = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" });
  const plainDay = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  const shortDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const names = new Intl.ListFormat(locale, { type: "conjunction" });
  const isRightToLeft = /^(ar|fa|he|ur)\b/.test(locale);
  const brief = (atMs: number) => {
    const now = Date.now();
    if (new Date(atMs).toDateString() === new Date(now).toDateString()) return time.format(atMs);
    if (atMs < now && now - atMs < 6 * DAY_MS) return weekday.format(atMs);
    return new Date(atMs).getFullYear() === new Date(now).getFullYear() ? shortDay.format(atMs) : day.format(atMs);
  };
  return {
    day: (atMs) => day.format(atMs),
    shortDay: (atMs) => shortDay.format(atMs),
    time: (atMs) => time.format(atMs),
    dayAndTime: (atMs) => `${day.format(atMs)}, ${time.format(atMs)}`,
    brief,
    partial: (date) => {
      const parts = /^(\d{4})(-\d{2})?(-\d{2})?/.exec(date);
      if (parts === null) return date;
      if (parts[2] === undefined) return parts[0];
      const format = parts[3] === undefined ? month : plainDay;
      const atMs = Date.parse(parts[0]);
      return Number.isNaN(atMs) ? date : format.format(atMs);
    },
    list: (all) => names.format(all.map((name) => (isRightToLeft || RIGHT_TO_LEFT.test(name) ? isolated(name) : name))),
  };
}

/** Between the invisible marks of Unicode that keep a name from being torn apart by text of the other direction around it. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
