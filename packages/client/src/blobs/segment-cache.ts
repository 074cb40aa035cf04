import type { Bytes, Failure, Result } from "@caseroom/contract";

export type SegmentResult = Result<Bytes, Failure>;

/** Opened segments, the least recently used going first. Whoever asks for one that is on its way waits for the same one. */
export type SegmentCache = {
  readonly get: (key: string) => Promise<SegmentResult> | undefined;
  readonly put: (key: string, segment: Promise<SegmentResult>) => void;
  readonly clear: () => void;
};

/** Bounded by the number of segments, each of which is at most 256 KiB. */
export function createSegmentCache(maxSegments: number): SegmentCache {
  const kept = new Map<string, Promise<SegmentResult>>();
  return {
    get: (key) => {
      const found = kept.get(key);
      if (found !== undefined) {
        kept.delete(key);
        kept.set(key, found);
      }
      return found;
    },
    put: (key, segment) => {
      kept.set(key, segment);
      const forget = () => {
        if (kept.get(key) === segment) kept.delete(key);
      };
      segment.then((result) => (result.ok ? undefined : forget()), forget);
      for (const oldest of kept.keys()) {
        if (kept.size <= maxSegments) break;
        kept.delete(oldest);
      }
    },
    clear: () => kept.clear(),
  };
}
