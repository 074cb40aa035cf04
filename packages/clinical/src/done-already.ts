import type { Coding } from "./fhir-value.ts";
import type { GivenCode } from "./given-code.ts";
import type { Picture, Source, TimelineItem } from "./picture.ts";
import { compareText } from "./text-order.ts";
import { analyteOf } from "./units/analyte.ts";

/** A test that somebody is about to order. */
export type PlannedTest = {
  readonly codes: readonly Pick<Coding, "system" | "code">[];
  /** What it is called, where it has no code that others share. */
  readonly title?: string;
  readonly atMs: number;
  /** How old an answer may be. */
  readonly withinMs: number;
};

/** Something in the picture that answers the order, wherever it was done. */
export type DoneTest = {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly atMs: number;
  /** `code`: the same code, or one that differs in mass against moles only. `words`: the same name and no code to prove it. */
  readonly by: "code" | "words";
  readonly sources: readonly Source[];
};

const KINDS = new Set<TimelineItem["kind"]>(["result", "imaging", "procedure", "document", "immunization"]);
const NOT_DONE = new Set(["registered", "cancelled", "not-done", "preparation", "unknown"]);

/** What the picture holds that answers an order, newest first. What is superseded, planned or cancelled answers nothing. */
export function findDone(picture: Picture, test: PlannedTest): readonly DoneTest[] {
  const wanted = new Set(test.codes.map(keyOf));
  const title = test.title?.trim().toLowerCase();
  return picture.timeline
    .flatMap((item) => {
      const { atMs, kind, superseded, status } = item;
      if (atMs === undefined || superseded || !KINDS.has(kind) || NOT_DONE.has(status ?? "")) return [];
      if (atMs > test.atMs || test.atMs - atMs > test.withinMs) return [];
      const by = answers(item, wanted, title);
      if (by === undefined) return [];
      return [{ id: item.id, title: item.title, text: item.detail ?? "", atMs, by, sources: item.sources }];
    })
    .sort((a, b) => b.atMs - a.atMs || compareText(a.id, b.id));
}

function answers(
  { codes, title }: TimelineItem,
  wanted: ReadonlySet<string>,
  wantedTitle: string | undefined,
): DoneTest["by"] | undefined {
  if (codes.some((code) => wanted.has(keyOf(code)))) return "code";
  return wantedTitle !== undefined && title.trim().toLowerCase() === wantedTitle ? "words" : undefined;
}

function keyOf({ system, code }: Pick<GivenCode, "system" | "code">): string {
  const first = system === "http://loinc.org" ? analyteOf(code)?.loinc[0] : undefined;
  return `${system}|${first ?? code}`;
}
