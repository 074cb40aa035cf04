import type { InstitutionShare, Source } from "./picture.ts";
import { compareText } from "./text-order.ts";

export type InstitutionRegister = {
  add(source: Source): void;
  remove(source: Source): void;
  /** By name. */
  list(): readonly InstitutionShare[];
};

/** Which institutions contributed how much, and when the last of it came. */
export function createInstitutionRegister(): InstitutionRegister {
  const sourcesById = new Map<string, Map<string, Source>>();
  const newestById = new Map<string, Source>();
  return {
    add(source) {
      const sources = sourcesById.get(source.institutionId) ?? new Map();
      sourcesById.set(source.institutionId, sources.set(source.fragmentId, source));
      const newest = newestById.get(source.institutionId);
      if (newest === undefined || isNewer(source, newest)) newestById.set(source.institutionId, source);
    },
    remove({ fragmentId, institutionId: id }) {
      const sources = sourcesById.get(id);
      sources?.delete(fragmentId);
      if (sources?.size === 0) sourcesById.delete(id);
      const newest = newestById.get(id);
      if (newest?.fragmentId !== fragmentId) return;
      const others = [...(sourcesById.get(id)?.values() ?? [])];
      if (others.length === 0) newestById.delete(id);
      else
        newestById.set(
          id,
          others.reduce((best, source) => (isNewer(source, best) ? source : best)),
        );
    },
    list() {
      return [...newestById]
        .map(([id, { institution, receivedMs }]) => ({
          id,
          name: institution,
          fragments: sourcesById.get(id)?.size ?? 0,
          newestMs: receivedMs,
        }))
        .sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id));
    },
  };
}

function isNewer(a: Source, b: Source): boolean {
  return a.receivedMs === b.receivedMs ? a.fragmentId > b.fragmentId : a.receivedMs > b.receivedMs;
}
