import type { Unit } from "./identity-index.ts";

export type ContentIndex = {
  add(unit: Unit): void;
  remove(unit: Unit): void;
  /** The units that have a content now or had it once. */
  unitsOf(contentKey: string): readonly Unit[];
  /** The contents that changed since the last call. */
  takeTouched(): ReadonlySet<string>;
};

/** Which units say what. Nearly every content is one unit's alone: a set for each would be most of the memory. */
export function createContentIndex(): ContentIndex {
  const unitsByContent = new Map<string, Unit | Set<Unit>>();
  let touched = new Set<string>();

  function addTo(key: string, unit: Unit): void {
    const units = unitsByContent.get(key);
    if (units === undefined) unitsByContent.set(key, unit);
    else if (units instanceof Set) units.add(unit);
    else unitsByContent.set(key, new Set([units, unit]));
  }

  function removeFrom(key: string, unit: Unit): void {
    const units = unitsByContent.get(key);
    if (units instanceof Set) units.delete(unit);
    if (units === unit || (units instanceof Set && units.size === 0)) unitsByContent.delete(key);
  }

  return {
    add(unit) {
      for (const key of contentKeysOf(unit)) {
        touched.add(key);
        addTo(key, unit);
      }
    },
    remove(unit) {
      for (const key of contentKeysOf(unit)) {
        touched.add(key);
        removeFrom(key, unit);
      }
    },
    unitsOf(contentKey) {
      const units = unitsByContent.get(contentKey);
      if (units === undefined) return [];
      return units instanceof Set ? [...units] : [units];
    },
    takeTouched() {
      const taken = touched;
      touched = new Set();
      return taken;
    },
  };
}

function contentKeysOf(unit: Unit): Iterable<string> {
  if (unit.members.length === 1) return unit.current.map(({ contentKey }) => contentKey);
  return new Set([...unit.current, ...unit.superseded].map(({ contentKey }) => contentKey));
}
