import type { InstitutionShare, Source } from "./picture.ts";
import { compareText } from "./text-order.ts";

export type InstitutionRegister = {
  add(source: Source): void;
  remove(source: Source): void;
  /** By name. `remaining` is every source that is there; it is read only when the newest of an institution went. */
  list(remaining: Iterable<Source>): readonly InstitutionShare[];
};

/** `newest` is not known after it went, until somebody asks. */
type Share = { readonly count: number; readonly newest: Source | undefined };

/** Which institutions contributed how much, and when the last of it came. */
export function createInstitutionRegister(): InstitutionRegister {
  const shareById = new Map<string, Share>();
  return {
    add(source) {
      const share = shareById.get(source.institutionId);
      const count = (share?.count ?? 0) + 1;
      if (share !== undefined && share.newest === undefined)
        shareById.set(source.institutionId, { count, newest: undefined });
      else shareById.set(source.institutionId, { count, newest: newer(source, share?.newest) });
    },
    remove({ institutionId, fragmentId }) {
      const share = shareById.get(institutionId);
      if (share === undefined) return;
      const newest = share.newest?.fragmentId === fragmentId ? undefined : share.newest;
      if (share.count === 1) shareById.delete(institutionId);
      else shareById.set(institutionId, { count: share.count - 1, newest });
    },
    list(remaining) {
      if ([...shareById.values()].some(({ newest }) => newest === undefined)) findNewest(shareById, remaining);
      return [...shareById]
        .flatMap(([id, { count, newest }]) =>
          newest === undefined ? [] : [{ id, name: newest.institution, fragments: count, newestMs: newest.receivedMs }],
        )
        .sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id));
    },
  };
}

function findNewest(shareById: Map<string, Share>, remaining: Iterable<Source>): void {
  for (const source of remaining) {
    const share = shareById.get(source.institutionId);
    if (share !== undefined)
      shareById.set(source.institutionId, { count: share.count, newest: newer(source, share.newest) });
  }
}

function newer(source: Source, other: Source | undefined): Source {
  return other === undefined || isNewer(source, other) ? source : other;
}

function isNewer(a: Source, b: Source): boolean {
  return a.receivedMs === b.receivedMs ? a.fragmentId > b.fragmentId : a.receivedMs > b.receivedMs;
}
