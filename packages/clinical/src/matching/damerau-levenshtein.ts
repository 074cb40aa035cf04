/**
 * Damerau–Levenshtein distance (F. J. Damerau, CACM 7(3), 1964; the true metric, of Lowrance and Wagner, JACM 22(2), 1975): the
 * smallest number of insertions, deletions, replacements and exchanges of neighbours that makes one text the other, in UTF-16 units.
 * `limit` stops early: from there on the answer is `limit + 1`.
 */
export function damerauLevenshtein(a: string, b: string, limit = Number.POSITIVE_INFINITY): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  const [left, right] = withoutEqualEnds(a, b);
  if (left.length <= 1 && right.length <= 1) return 1;
  if (left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]) return 1;
  if (limit <= 1 || isFarByLetters(left, right, limit)) return limit + 1;
  return Math.min(fullDistance(left, right), limit + 1);
}

/** What is left of both when what they begin and end with alike is taken away: it costs nothing. */
function withoutEqualEnds(a: string, b: string): readonly [string, string] {
  const shortest = Math.min(a.length, b.length);
  let start = 0;
  while (start < shortest && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shortest - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end += 1;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/** Whether the letters alone, in any order, already need more than `limit` changes. */
function isFarByLetters(a: string, b: string, limit: number): boolean {
  let kept = 0;
  let rest = b;
  for (let i = 0; i < a.length; i += 1) {
    const letter = a.charAt(i);
    const place = rest.indexOf(letter);
    if (place < 0) continue;
    kept += 1;
    rest = rest.slice(0, place) + rest.slice(place + 1);
  }
  return Math.max(a.length, b.length) - kept > limit;
}

function fullDistance(a: string, b: string): number {
  const width = b.length + 2;
  const far = a.length + b.length;
  const table = new Uint16Array((a.length + 2) * width).fill(far, 0, width);
  const lastRowOf = new Map<number, number>();
  for (let i = 0; i <= a.length; i += 1) {
    table[(i + 1) * width] = far;
    table[(i + 1) * width + 1] = i;
  }
  for (let j = 0; j <= b.length; j += 1) table[width + j + 1] = j;
  const at = (i: number, j: number): number => table[i * width + j] ?? far;
  for (let i = 1; i <= a.length; i += 1) {
    let lastMatch = 0;
    for (let j = 1; j <= b.length; j += 1) {
      const row = lastRowOf.get(b.charCodeAt(j - 1)) ?? 0;
      const column = lastMatch;
      const isSame = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      if (isSame) lastMatch = j;
      table[(i + 1) * width + j + 1] = Math.min(
        at(i, j) + (isSame ? 0 : 1),
        at(i + 1, j) + 1,
        at(i, j + 1) + 1,
        at(row, column) + (i - row - 1) + 1 + (j - column - 1),
      );
    }
    lastRowOf.set(a.charCodeAt(i - 1), i);
  }
  return at(a.length + 1, b.length + 1);
}
