import type { InstitutionShare, Source } from "./picture.ts";
import { compareText } from "./text-order.ts";

export type InstitutionRegister = {
  add(source: Source): void;
  remove(fragmentId: string): void;
  /** By name. Rebuilds the shares of touched institutions only. */
  list(): readonly InstitutionShare[];
};

/** Which institutions contributed how much, and when the last of it came. */
export function createInstitutionRegister(): InstitutionRegister {
  const sourcesById = new Map<string, Map<string, Source>>();
  const institutionByFragment = new Map<string, string>();
  const shareById = new Map<string, InstitutionShare>();
  return {
    add(source) {
      const sources = sourcesById.get(source.institutionId) ?? new Map();
      sourcesById.set(source.institutionId, sources.set(source.fragmentId, source));
      institutionByFragment.set(source.fragmentId, source.institutionId);
      shareById.delete(source.institutionId);
    },
    remove(fragmentId) {
      const id = institutionByFragment.get(fragmentId);
      if (id === undefined) return;
      institutionByFragment.delete(fragmentId);
      const sources = sourcesById.get(id);
      sources?.delete(fragmentId);
      if (sources?.size === 0) sourcesById.delete(id);
      shareById.delete(id);
    },
    list() {
      for (const [id, sources] of sourcesById) {
        if (!shareById.has(id)) shareById.set(id, shareOf(id, [...sources.values()]));
      }
      return [...shareById.values()].sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id));
    },
  };
}

function shareOf(id: string, sources: readonly Source[]): InstitutionShare {
  const newest = sources.reduce((best, source) => (isNewer(source, best) ? source : best));
  return { id, name: newest.institution, fragments: sources.length, newestMs: newest.receivedMs };
}

function isNewer(a: Source, b: Source): boolean {
  return a.receivedMs === b.receivedMs ? a.fragmentId > b.fragmentId : a.receivedMs > b.receivedMs;
}
