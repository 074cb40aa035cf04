/** Winkler's scale of a common prefix, and how many characters of it count. */
const PREFIX_SCALE = 0.1;
const MAX_PREFIX = 4;
/** Names are short and compared by the hundred: their working memory is made once. */
const SCRATCH = 64;
const scratchTaken = new Uint8Array(SCRATCH);
const scratchCommon = new Uint16Array(SCRATCH);

/**
 * Jaro similarity of two texts, 0 … 1, by UTF-16 units (M. A. Jaro, "Advances in Record-Linkage Methodology", JASA 84, 1989):
 * ⅓(c/|a| + c/|b| + (c − t)/c), with c characters in common within half the longer length and t half the transposed ones.
 * Two empty texts are alike (1); an empty one is like no other (0).
 */
export function jaro(a: string, b: string): number {
  if (a === b) return 1;
  if (a.length === 0 || b.length === 0) return 0;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const isSmall = Math.max(a.length, b.length) <= SCRATCH;
  const takenOfB = isSmall ? scratchTaken.fill(0, 0, b.length) : new Uint8Array(b.length);
  const commonOfA = isSmall ? scratchCommon : new Uint16Array(a.length);
  let common = 0;
  for (let i = 0; i < a.length; i += 1) {
    const end = Math.min(b.length - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= end; j += 1) {
      if (takenOfB[j] === 1 || a.charCodeAt(i) !== b.charCodeAt(j)) continue;
      takenOfB[j] = 1;
      commonOfA[common] = a.charCodeAt(i);
      common += 1;
      break;
    }
  }
  if (common === 0) return 0;
  let place = 0;
  let outOfOrder = 0;
  for (let j = 0; j < b.length; j += 1) {
    if (takenOfB[j] !== 1) continue;
    if (commonOfA[place] !== b.charCodeAt(j)) outOfOrder += 1;
    place += 1;
  }
  return (common / a.length + common / b.length + (common - outOfOrder / 2) / common) / 3;
}

/**
 * Jaro–Winkler similarity, 0 … 1: Jaro's, raised by a tenth of what is missing for each of up to four equal first characters
 * (W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi–Sunter Model", 1990). Symmetric.
 */
export function jaroWinkler(a: string, b: string): number {
  // Which of the two is walked decides, in rare ties, which characters count as common: one order makes it symmetric.
  const similarity = a.length < b.length || (a.length === b.length && a <= b) ? jaro(a, b) : jaro(b, a);
  const longest = Math.min(MAX_PREFIX, a.length, b.length);
  let prefix = 0;
  while (prefix < longest && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix += 1;
  return similarity + prefix * PREFIX_SCALE * (1 - similarity);
}
