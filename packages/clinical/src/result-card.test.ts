import { describe, expect, it } from "vitest";
import { encodeCard, parseCard, type ResultCard } from "./result-card.ts";

const CARD: ResultCard = {
  key: "hba1c",
  name: "HbA1c",
  text: "7.30",
  unit: "%",
  atMs: 2,
  flag: "high",
  trend: [
    { atMs: 1, value: 6.5 },
    { atMs: 2, value: 7.3 },
  ],
  source: "Kowloon Diagnostic Centre",
};

describe("a result in a message", () => {
  it("arrives as it was sent, with the decimals of its laboratory", () => {
    expect(parseCard(encodeCard(CARD) ?? "")).toEqual(CARD);
  });

  it("keeps its newest points when the trend is too long", () => {
    const trend = Array.from({ length: 300 }, (_, i) => ({ atMs: i, value: i }));
    expect(parseCard(encodeCard({ ...CARD, trend }) ?? "")?.trend.at(-1)).toEqual({ atMs: 299, value: 299 });
  });

  it("is no card when a part is missing, of another kind, or beyond what a date can hold", () => {
    expect(parseCard('{"trend":"none"}')).toBeUndefined();
    expect(parseCard(JSON.stringify({ ...CARD, atMs: 1e300 }))).toBeUndefined();
    expect(parseCard(JSON.stringify({ ...CARD, source: undefined }))).toBeUndefined();
  });
});
