import { sourcesOf } from "./content.ts";
import type { Unit } from "./identity-index.ts";
import type { RetractedItem } from "./picture.ts";
import { compareText } from "./text-order.ts";

/** What of one thing was taken back; `undefined` when nothing was, or when nobody can say what it had been. */
export function retractedItem({ retracted, retractions }: Unit): RetractedItem | undefined {
  const last = retractions.at(-1);
  if (last === undefined) return undefined;
  const shown = retracted.at(-1) ?? last;
  const isUnknown = last.isDeletion && retracted.length === 0;
  if (isUnknown || shown.kind === "patient" || shown.kind === "background") return undefined;
  return {
    id: shown.id,
    atMs: shown.atMs,
    kind: shown.kind,
    title: shown.title,
    ...(shown.detail === undefined ? {} : { detail: shown.detail }),
    reason: last.isDeletion ? "deleted" : "entered-in-error",
    retractedMs: last.versionMs,
    sources: sourcesOf(retracted),
    retractedBy: sourcesOf(retractions),
  };
}

/** Newest retraction first. */
export function compareRetracted(a: RetractedItem, b: RetractedItem): number {
  return b.retractedMs - a.retractedMs || compareText(a.id, b.id);
}
