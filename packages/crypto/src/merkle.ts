import { type Bytes, concatBytes, equalBytes, InvariantError, toBytes } from "@caseroom/contract";
import { sha256, sha256Parts } from "./sha256.ts";

/**
 * Merkle trees of RFC 6962 §2.1 (RFC 9162 §2.1): leaf = SHA-256(00 ‖ data), node = SHA-256(01 ‖ left ‖ right). One code for the log,
 * for the feed of a compartment and for the segments of a blob.
 */
const LEAF_PREFIX = toBytes([0]);
const NODE_PREFIX = toBytes([1]);
const HASH_BYTES = 32;
const MAX_EDGE = 53;

export function leafHash(data: Uint8Array): Bytes {
  return sha256Parts(LEAF_PREFIX, data);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256Parts(NODE_PREFIX, left, right);
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Bytes = sha256(toBytes([]));

/** The right edge of a tree: the roots of its perfect subtrees, largest first. It is all that appending needs. */
export type RightEdge = {
  readonly size: number;
  readonly hashes: readonly Bytes[];
};

export const emptyEdge: RightEdge = { size: 0, hashes: [] };

/** The edge after one more leaf, given by its leaf hash. */
export function appendLeaf(edge: RightEdge, leaf: Bytes): RightEdge {
  return { size: edge.size + 1, hashes: carry(edge, leaf).hashes };
}

/** The perfect nodes that one more leaf completes: the leaf itself (level 0) and every subtree that it fills. */
export function newNodes(
  edge: RightEdge,
  leaf: Bytes,
): readonly {
  readonly level: number;
  readonly index: number;
  readonly hash: Bytes;
}[] {
  return carry(edge, leaf).completed.map((hash, level) => ({
    level,
    index: Math.floor(edge.size / 2 ** level),
    hash,
  }));
}

function carry(
  edge: RightEdge,
  leaf: Bytes,
): { readonly hashes: readonly Bytes[]; readonly completed: readonly Bytes[] } {
  const hashes = [...edge.hashes];
  const completed = [leaf];
  let node = leaf;
  for (let rest = edge.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = hashes.pop();
    if (left === undefined) throw new InvariantError("a right edge has a hash for every bit of its size");
    node = nodeHash(left, node);
    completed.push(node);
  }
  return { hashes: [...hashes, node], completed };
}

/** The root that an edge stands for. */
export function edgeRoot(edge: RightEdge): Bytes {
  return (
    edge.hashes.reduceRight<Bytes | undefined>(
      (right, left) => (right === undefined ? left : nodeHash(left, right)),
      undefined,
    ) ?? EMPTY_ROOT
  );
}

/** size (8 bytes, big-endian) ‖ hashes. */
export function encodeEdge(edge: RightEdge): Bytes {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(edge.size));
  return concatBytes(size, ...edge.hashes);
}

/** The edge that was encoded, or `undefined` when the number of hashes does not fit the size. */
export function decodeEdge(bytes: Uint8Array): RightEdge | undefined {
  if (bytes.length < 8 || (bytes.length - 8) % HASH_BYTES !== 0) return undefined;
  const wide = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  if (wide >= 2n ** BigInt(MAX_EDGE)) return undefined;
  const hashes: Bytes[] = [];
  for (let at = 8; at < bytes.length; at += HASH_BYTES) hashes.push(toBytes(bytes.subarray(at, at + HASH_BYTES)));
  return hashes.length === countOnes(wide) ? { size: Number(wide), hashes } : undefined;
}

function countOnes(value: bigint): number {
  return [...value.toString(2)].filter((bit) => bit === "1").length;
}

export type InclusionClaim = {
  readonly index: number;
  readonly size: number;
  readonly leaf: Bytes;
  readonly root: Bytes;
  readonly proof: readonly Bytes[];
};

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const { index, size, leaf, root, proof } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (!isHash(leaf) || !proof.every(isHash)) return false;
  let hash = leaf;
  const climbed = climb(index, size - 1, proof, (sibling, side) => {
    hash = side === "left" ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  });
  return climbed && equalBytes(hash, root);
}

export type ConsistencyClaim = {
  readonly size1: number;
  readonly root1: Bytes;
  readonly size2: number;
  readonly root2: Bytes;
  readonly proof: readonly Bytes[];
};

/**
 * RFC 9162 §2.1.4.2. The empty tree is a prefix of every tree and needs no proof: it is consistent here only with itself, so that
 * nobody takes a claim about nothing for evidence.
 */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { size1, root1, size2, root2, proof } = claim;
  if (![size1, size2].every((size) => Number.isSafeInteger(size) && size >= 0) || size1 > size2) return false;
  if (!proof.every(isHash)) return false;
  if (size1 === 0) {
    return size2 === 0 && proof.length === 0 && equalBytes(root1, EMPTY_ROOT) && equalBytes(root2, EMPTY_ROOT);
  }
  if (size1 === size2) return proof.length === 0 && equalBytes(root1, root2);
  const [seed, ...siblings] = isPowerOfTwo(size1) ? [root1, ...proof] : proof;
  if (proof.length === 0 || seed === undefined) return false;
  // Subtrees that both trees share as a whole need no steps: start at the lowest node that differs.
  let skipped = size1 - 1;
  let last = size2 - 1;
  while (skipped % 2 === 1) {
    skipped = Math.floor(skipped / 2);
    last = Math.floor(last / 2);
  }
  let first = seed;
  let second = seed;
  const climbed = climb(skipped, last, siblings, (sibling, side) => {
    if (side === "left") first = nodeHash(sibling, first);
    second = side === "left" ? nodeHash(sibling, second) : nodeHash(second, sibling);
  });
  return climbed && equalBytes(first, root1) && equalBytes(second, root2);
}

/** The loop that RFC 9162 §2.1.3.2 and §2.1.4.2 share: says for each sibling on which side it stands. False unless it ends at the root. */
function climb(
  node: number,
  lastNode: number,
  siblings: readonly Bytes[],
  join: (sibling: Bytes, side: "left" | "right") => void,
): boolean {
  let fn = node;
  let sn = lastNode;
  for (const sibling of siblings) {
    if (sn === 0) return false;
    const side = fn % 2 === 1 || fn === sn ? "left" : "right";
    join(sibling, side);
    while (side === "left" && fn % 2 === 0 && fn !== 0) {
      fn = Math.floor(fn / 2);
      sn = Math.floor(sn / 2);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
