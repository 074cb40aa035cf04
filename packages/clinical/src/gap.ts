import type { Coverage, Gap, InstitutionShare, TimelineItem } from "./picture.ts";
import { compareText } from "./text-order.ts";

const YEAR_MS = 365 * 86_400_000;

/**
 * What the picture does not show, as far as anybody can know: who was asked and has not answered, who refused, who
 * answered with nothing, what was withheld, and every year or more between two dated items, the last of them until now.
 */
export function findGaps(
  coverage: Coverage | undefined,
  institutions: readonly InstitutionShare[],
  timeline: readonly TimelineItem[],
): readonly Gap[] {
  const present = new Set(institutions.map(({ id }) => id));
  const asked = [...(coverage?.institutions ?? [])].sort(
    (a, b) => compareText(a.name, b.name) || compareText(a.id, b.id),
  );
  const silent = asked.flatMap(({ id, name, state }): Gap[] => {
    if (state !== "answered") return [{ kind: "institution", institution: name, reason: state }];
    return present.has(id) ? [] : [{ kind: "institution", institution: name, reason: "nothing-sent" }];
  });
  const withheld = [...(coverage?.withheld ?? [])]
    .sort((a, b) => compareText(a.institution, b.institution) || compareText(a.what, b.what))
    .map(({ institution, what, count }): Gap => ({ kind: "withheld", institution, what, count }));
  return [...silent, ...withheld, ...periodGaps(timeline, coverage?.asOfMs)];
}

/** The timeline is newest first; what has no time stands last and says nothing about a period. */
function periodGaps(timeline: readonly TimelineItem[], asOfMs: number | undefined): readonly Gap[] {
  const gaps: Gap[] = [];
  let later = asOfMs;
  for (const { atMs, superseded } of timeline) {
    if (atMs === undefined) break;
    if (superseded) continue;
    if (later !== undefined && later - atMs >= YEAR_MS) gaps.push({ kind: "period", fromMs: atMs, toMs: later });
    later = later === undefined ? atMs : Math.min(later, atMs);
  }
  return gaps;
}
