import { type Bytes, bytesToUtf8, utf8ToBytes } from "@caseroom/contract";
import { asArrayOf, asBytes, type CborValue } from "@caseroom/crypto/verify";

/** Body of a `fhir` entry: the JSON text of each fragment exactly as deposited, so that 6.50 stays 6.50 (phase-1 §3.9). */
export function encodeFhirBody(fragments: readonly string[]): readonly Bytes[] {
  return fragments.map(utf8ToBytes);
}

export function parseFhirBody(value: CborValue): readonly string[] | undefined {
  return asArrayOf(value, (item) => {
    const bytes = asBytes(item);
    return bytes === undefined ? undefined : bytesToUtf8(bytes);
  });
}

/** Bytes of fragments in one entry; a single fragment that is larger can never be sent. */
export const MAX_PACK_BYTES = 58_000;
const MAX_PACK_FRAGMENTS = 40;

/** A bundle or import in packs of at most 40 fragments or about 58 KB; a live message is one entry (phase-1 §3.9). */
export function packFragments<T extends { readonly json: string }>(fragments: readonly T[]): readonly (readonly T[])[] {
  const packs: T[][] = [];
  let bytes = 0;
  for (const fragment of fragments) {
    const size = utf8ToBytes(fragment.json).length + 8;
    const current = packs.at(-1);
    if (current === undefined || current.length >= MAX_PACK_FRAGMENTS || bytes + size > MAX_PACK_BYTES) {
      packs.push([fragment]);
      bytes = size;
    } else {
      current.push(fragment);
      bytes += size;
    }
  }
  return packs;
}
