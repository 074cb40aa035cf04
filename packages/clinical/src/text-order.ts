/** Order by code units: the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Two lists that are in order, as one: a few items go into a long list without sorting it again. */
export function mergeSorted<T>(long: readonly T[], short: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  if (short.length === 0) return long;
  const merged: T[] = [];
  let at = 0;
  for (const item of short) {
    while (at < long.length) {
      const next = long[at];
      if (next === undefined || compare(next, item) > 0) break;
      merged.push(next);
      at++;
    }
    merged.push(item);
  }
  for (; at < long.length; at++) {
    const next = long[at];
    if (next !== undefined) merged.push(next);
  }
  return merged;
}
