import { type Bytes, equalBytes, toBytes } from "@caseroom/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendLeaf,
  decodeEdge,
  edgeRoot,
  emptyEdge,
  encodeEdge,
  leafHash,
  newNodes,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from "./merkle.ts";
import { consistencyProof, inclusionProof, type NodeReader, rootAt } from "./merkle-proof.ts";

/** RFC 6962 §2.1 as it is written, to compare with. */
function treeHash(leaves: readonly Bytes[]): Bytes {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  const split = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

function leavesOf(count: number): readonly Bytes[] {
  return Array.from({ length: count }, (_, i) => leafHash(toBytes([i & 255, i >> 8])));
}

function nodesOf(leaves: readonly Bytes[]): NodeReader {
  return (level, index) => treeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
}

describe("a Merkle tree", () => {
  it("has the same root by its right edge as by definition, at every size, and survives being stored", () => {
    const leaves = leavesOf(130);
    let edge = emptyEdge;
    for (const [i, leaf] of leaves.entries()) {
      edge = appendLeaf(edge, leaf);
      expect(equalBytes(edgeRoot(edge), treeHash(leaves.slice(0, i + 1)))).toBe(true);
      expect(decodeEdge(encodeEdge(edge))).toEqual(edge);
    }
  });

  it("names each perfect node exactly once, when its last leaf comes", () => {
    const leaves = leavesOf(64);
    const read = nodesOf(leaves);
    const seen = new Set<string>();
    let edge = emptyEdge;
    for (const leaf of leaves) {
      for (const node of newNodes(edge, leaf)) {
        expect(seen.has(`${node.level}/${node.index}`)).toBe(false);
        seen.add(`${node.level}/${node.index}`);
        expect(node.hash).toEqual(read(node.level, node.index));
      }
      edge = appendLeaf(edge, leaf);
    }
    expect(seen.size).toBe(127);
  });

  it("proves every leaf and every earlier size, and no other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const leaves = leavesOf(size);
        const read = nodesOf(leaves);
        const root = await rootAt(size, read);
        const index = a % size;
        const leaf = leaves[index] ?? toBytes([]);
        const proof = await inclusionProof(index, size, read);
        expect(verifyInclusion({ index, size, leaf, root, proof })).toBe(true);
        expect(
          verifyInclusion({
            index: (index + 1) % (size + 1),
            size,
            leaf,
            root,
            proof,
          }),
        ).toBe(false);
        const size1 = 1 + (b % size);
        const root1 = await rootAt(size1, read);
        const path = await consistencyProof(size1, size, read);
        expect(
          verifyConsistency({
            size1,
            root1,
            size2: size,
            root2: root,
            proof: path,
          }),
        ).toBe(true);
        const forked = leafHash(root1);
        expect(
          verifyConsistency({
            size1,
            root1: forked,
            size2: size,
            root2: root,
            proof: path,
          }),
        ).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("has no edge whose number of hashes does not fit its size", () => {
    const bytes = encodeEdge({ size: 3, hashes: [leafHash(toBytes([1]))] });
    expect(decodeEdge(bytes)).toBeUndefined();
    expect(decodeEdge(bytes.subarray(0, 20))).toBeUndefined();
  });
});
