import { type ImagingManifest, parseImagingManifest, type ReceivedEntry } from "@caseroom/client";
import type { CompId, EntryId, SpaceId, UserId } from "@caseroom/contract";

/** Where the images of a series are, as one author says: the newest word counts (protocol §6). */
export type KnownSeries = {
  readonly compId: CompId;
  readonly author: UserId;
  readonly n: number;
  readonly atMs: number;
  readonly manifest: ImagingManifest;
};

/** The manifests of images in the charts that this device can open. */
export type ImagingIndex = {
  /** False when the entry is no manifest of images. */
  readonly take: (received: ReceivedEntry) => boolean;
  /** Forgets an entry that turned out not to hold; answers whose chart it was in. */
  readonly withdraw: (entryId: EntryId) => SpaceId | undefined;
  /** One of each series and author. */
  readonly series: (charts: Iterable<SpaceId>) => readonly KnownSeries[];
  /** When the first images of a study came into one of the charts. */
  readonly firstMs: (charts: Iterable<SpaceId>, study: string) => number | undefined;
};

export function createImagingIndex(): ImagingIndex {
  const charts = new Map<SpaceId, Map<EntryId, KnownSeries>>();
  const all = (wanted: Iterable<SpaceId>) =>
    [...wanted].flatMap((spaceId) => [...(charts.get(spaceId)?.values() ?? [])]);
  return {
    take: ({ spaceId, compId, n, entry }) => {
      const manifest = entry.kind === "manifest" ? parseImagingManifest(entry.body) : undefined;
      if (manifest === undefined) return false;
      const chart = charts.get(spaceId) ?? new Map<EntryId, KnownSeries>();
      charts.set(spaceId, chart.set(entry.entryId, { compId, author: entry.author, n, atMs: entry.t, manifest }));
      return true;
    },
    withdraw: (entryId) => {
      for (const [spaceId, chart] of charts) if (chart.delete(entryId)) return spaceId;
      return undefined;
    },
    series: (wanted) => {
      const newest = new Map<string, KnownSeries>();
      for (const known of all(wanted)) {
        const key = `${known.compId} ${known.author} ${known.manifest.series}`;
        if ((newest.get(key)?.n ?? -1) < known.n) newest.set(key, known);
      }
      return [...newest.values()];
    },
    firstMs: (wanted, study) => {
      const times = all(wanted).flatMap(({ manifest, atMs }) => (manifest.study === study ? [atMs] : []));
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}
