import type { ImagingStudy } from "../engine/imaging.ts";
import type { StudyFact } from "./imaging-fact.ts";
import type { KnownSeries } from "./imaging-index.ts";

/** The studies of a patient: what institutions say that there is, and what has come. Newest first; those without a date last. */
export function listStudies(
  facts: readonly StudyFact[],
  series: readonly KnownSeries[],
  institutionOf: (author: KnownSeries["author"]) => string,
): readonly ImagingStudy[] {
  const uids = new Set([...facts.map(({ study }) => study), ...series.map(({ manifest }) => manifest.study)]);
  const studies = [...uids].map((study): ImagingStudy => {
    // Each change of a study is told again, and the last word counts.
    const fact = facts.filter((one) => one.study === study).sort((a, b) => b.receivedMs - a.receivedMs)[0];
    const own = series.filter(({ manifest }) => manifest.study === study);
    const images = countImages(own);
    const expected = fact?.images;
    const [first] = own;
    const modalities = fact?.modalities ?? [];
    return {
      study,
      when: fact?.when,
      modalities: modalities.length > 0 ? modalities : [...new Set(own.map(({ manifest }) => manifest.modality))],
      description: fact?.description,
      bodyPart: fact?.bodyPart,
      institution: fact?.institution ?? (first === undefined ? "" : institutionOf(first.author)),
      images,
      expected: expected !== undefined && expected > images ? expected : undefined,
      series: new Set(own.map(({ manifest }) => manifest.series)).size,
    };
  });
  return studies.sort((a, b) => compare(b.when ?? "", a.when ?? "") || compare(a.study, b.study));
}

/** Two institutions may hold the same series: the fuller copy is what can be opened. */
function countImages(series: readonly KnownSeries[]): number {
  const counts = new Map<string, number>();
  for (const { manifest } of series) {
    const count = manifest.packs.reduce((sum, { instances }) => sum + instances, 0);
    counts.set(manifest.series, Math.max(counts.get(manifest.series) ?? 0, count));
  }
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
