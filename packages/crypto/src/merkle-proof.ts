import type { Bytes } from "@caseroom/contract";
import { InvariantError } from "@caseroom/contract";
import { EMPTY_ROOT, nodeHash } from "./merkle.ts";

/** Reads the hash of the perfect subtree of 2^level leaves that starts at leaf index·2^level. */
export type NodeReader = (level: number, index: number) => Bytes | Promise<Bytes>;

/** RFC 9162 §2.1.3.1, PATH(index, D_size). */
export async function inclusionProof(index: number, size: number, read: NodeReader): Promise<readonly Bytes[]> {
  if (index < 0 || index >= size) throw new InvariantError("an inclusion proof is of a leaf within the tree");
  const proof: Bytes[] = [];
  let from = 0;
  let until = size;
  while (until - from > 1) {
    const middle = from + largestPowerBelow(until - from);
    if (index < middle) {
      proof.unshift(await rangeHash(middle, until, read));
      until = middle;
    } else {
      proof.unshift(await rangeHash(from, middle, read));
      from = middle;
    }
  }
  return proof;
}

/** RFC 9162 §2.1.4.1, PROOF(size1, D_size2). */
export async function consistencyProof(size1: number, size2: number, read: NodeReader): Promise<readonly Bytes[]> {
  if (size1 < 0 || size1 > size2) throw new InvariantError("a consistency proof goes from a smaller to a larger tree");
  if (size1 === 0 || size1 === size2) return [];
  const proof: Bytes[] = [];
  let from = 0;
  let until = size2;
  let whole = true;
  while (size1 !== until) {
    const middle = from + largestPowerBelow(until - from);
    if (size1 <= middle) {
      proof.unshift(await rangeHash(middle, until, read));
      until = middle;
    } else {
      proof.unshift(await rangeHash(from, middle, read));
      from = middle;
      whole = false;
    }
  }
  return whole ? proof : [await rangeHash(from, until, read), ...proof];
}

/** The root of the first `size` leaves. */
export async function rootAt(size: number, read: NodeReader): Promise<Bytes> {
  return size === 0 ? EMPTY_ROOT : rangeHash(0, size, read);
}

/** MTH of the leaves [from, until), where `from` is aligned to the range as RFC 9162 splits it. */
async function rangeHash(from: number, until: number, read: NodeReader): Promise<Bytes> {
  const width = until - from;
  const level = Math.log2(width);
  if (Number.isInteger(level)) return read(level, from / width);
  const middle = from + largestPowerBelow(width);
  return nodeHash(await rangeHash(from, middle, read), await rangeHash(middle, until, read));
}

/** The largest power of two smaller than `width` (which is at least 2). */
function largestPowerBelow(width: number): number {
  return 2 ** (Math.ceil(Math.log2(width)) - 1);
}
