/** When a pack closes (phase-1 §6): at the end of its association, after 2 s of quiet, or at 64 MiB, while there are few of a series sooner. */
export const QUIET_MS = 2000;
/**
 * A manifest names 96 packs and no more. An ultrasound machine sends each image in an association of its own: after so many packs its images
 * are gathered, first for a minute, then for ten.
 */
const GATHERING = [
  { packs: 60, quietMs: 600_000 },
  { packs: 24, quietMs: 60_000 },
] as const;
export const MAX_PACK_BYTES = 64 * 1024 * 1024;
/** The first pack of a series is small, so that others see the first images while the last are still being sent. */
export const FIRST_PACK_INSTANCES = 8;
export const FIRST_PACK_BYTES = 4 * 1024 * 1024;
/** While the last of an ordinary series are still received, those before them are being sealed and sent. */
const EARLY_PACKS = 10;
const EARLY_PACK_BYTES = 16 * 1024 * 1024;
/** Leaves the index of a pack well below what its readers accept. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;

export type Waiting = {
  readonly sop: string;
  readonly size: number;
  readonly headerBytes: number;
  readonly association: string;
  readonly receivedMs: number;
};

/** The instances that become a pack now, from those of one series that wait in the order in which they came; none when more may come. */
export function choosePack(
  waiting: readonly Waiting[],
  state: {
    /** How many the series has. */
    readonly packs: number;
    readonly nowMs: number;
    readonly isOver: (association: string) => boolean;
  },
): readonly string[] {
  const taken = takeUpTo(waiting, limitOf(state.packs));
  if (taken.isFull || isQuiet(waiting, state)) return taken.sops;
  return [];
}

function limitOf(packs: number): { readonly instances: number; readonly bytes: number } {
  if (packs === 0) return { instances: FIRST_PACK_INSTANCES, bytes: FIRST_PACK_BYTES };
  const bytes = packs < EARLY_PACKS ? EARLY_PACK_BYTES : MAX_PACK_BYTES;
  return { instances: Number.POSITIVE_INFINITY, bytes };
}

function isQuiet(
  waiting: readonly Waiting[],
  state: { readonly packs: number; readonly nowMs: number; readonly isOver: (association: string) => boolean },
): boolean {
  const { packs, nowMs, isOver } = state;
  const gathering = GATHERING.find((one) => packs >= one.packs);
  if (gathering !== undefined)
    return Math.min(...waiting.map(({ receivedMs }) => receivedMs)) <= nowMs - gathering.quietMs;
  const newest = Math.max(...waiting.map(({ receivedMs }) => receivedMs));
  return newest <= nowMs - QUIET_MS || waiting.every(({ association }) => isOver(association));
}

/** At least one, however large; the one that reaches a limit still goes in when the pack is a first one. */
function takeUpTo(
  waiting: readonly Waiting[],
  limit: { readonly instances: number; readonly bytes: number },
): { readonly sops: readonly string[]; readonly isFull: boolean } {
  const sops: string[] = [];
  let bytes = 0;
  let headerBytes = 0;
  for (const one of waiting) {
    const fits = bytes + one.size <= MAX_PACK_BYTES && headerBytes + one.headerBytes <= MAX_HEADER_BYTES;
    if (sops.length > 0 && !fits) return { sops, isFull: true };
    sops.push(one.sop);
    bytes += one.size;
    headerBytes += one.headerBytes;
    if (sops.length >= limit.instances || bytes >= limit.bytes) return { sops, isFull: true };
  }
  return { sops, isFull: false };
}
