import { parseJson } from "@caseroom/contract";
import type { Flag } from "./picture.ts";

/** One result with how it went before, as it travels in a message: the reading app opens the live series by its key. */
export type ResultCard = {
  /** {@link Series.key} */
  readonly key: string;
  readonly name: string;
  /** The value as it is shown, without its unit. */
  readonly text: string;
  readonly unit: string | undefined;
  readonly atMs: number;
  readonly flag: Flag | undefined;
  /** Newest last; for the small trend in the card. */
  readonly trend: readonly { readonly atMs: number; readonly value: number }[];
  /** The institution, as people read it. */
  readonly source: string;
};

const MAX_TEXT = 256;
const MAX_TREND = 200;
const MAX_CARD = 16_384;
const FLAGS: readonly Flag[] = ["low", "high", "critical", "implausible"];

/** The text of a card inside a chat entry; the newest points when a trend is long. `undefined` when it does not fit. */
export function encodeCard(card: ResultCard): string | undefined {
  const text = JSON.stringify({ ...card, trend: card.trend.slice(-MAX_TREND) });
  return text.length <= MAX_CARD ? text : undefined;
}

/** Types a card that somebody else has sent; `undefined` for none and for anything else. */
export function parseCard(text: string | undefined): ResultCard | undefined {
  const json = text !== undefined && text.length <= MAX_CARD ? parseJson(text) : undefined;
  const value = json?.ok === true ? json.value : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  const read = (name: string): unknown => Reflect.get(value, name);
  const key = textOf(read("key"));
  const name = textOf(read("name"));
  const shown = textOf(read("text"));
  const source = textOf(read("source"));
  const atMs = numberOf(read("atMs"));
  const trend = trendOf(read("trend"));
  if (key === undefined || name === undefined || shown === undefined || source === undefined) return undefined;
  if (atMs === undefined || trend === undefined) return undefined;
  const flag = FLAGS.find((one) => one === read("flag"));
  return { key, name, text: shown, unit: textOf(read("unit")), atMs, flag, trend, source };
}

function trendOf(value: unknown): ResultCard["trend"] | undefined {
  if (!Array.isArray(value) || value.length > MAX_TREND) return undefined;
  const points: { readonly atMs: number; readonly value: number }[] = [];
  for (const item of value) {
    if (typeof item !== "object" || item === null) return undefined;
    const atMs = numberOf(Reflect.get(item, "atMs"));
    const measured = numberOf(Reflect.get(item, "value"));
    if (atMs === undefined || measured === undefined) return undefined;
    points.push({ atMs, value: measured });
  }
  return points;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= MAX_TEXT ? value : undefined;
}

/** Also within what a date can hold, so that no card makes a screen fail. */
function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) <= 8.64e15 ? value : undefined;
}
