import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, toBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { verifyConsistency, verifyInclusion } from "./merkle.ts";
import { readVectors } from "./published-vectors-for-testing.ts";

const base64 = z
  .string()
  .nullable()
  .transform((text): Bytes => toBytes(Buffer.from(text ?? "", "base64")));
/** JSON null stands for an empty list; numbers may exceed what is safe, and then must be refused. */
const proof = z
  .array(base64)
  .nullable()
  .transform((list) => list ?? []);

function files(folder: string): readonly string[] {
  const root = join(import.meta.dirname, "../../../fixtures/conformance");
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => `${folder}/${name}`);
}

describe("published Merkle vectors", () => {
  const inclusion = z.object({
    leafIdx: z.number(),
    treeSize: z.number(),
    root: base64,
    leafHash: base64,
    proof,
    wantErr: z.boolean(),
  });

  it.each(files("merkle/inclusion"))("%s holds or is refused as it says", (path) => {
    const test = readVectors(path, inclusion);
    const claim = {
      index: test.leafIdx,
      size: test.treeSize,
      leaf: test.leafHash,
      root: test.root,
      proof: test.proof,
    };
    expect(verifyInclusion(claim)).toBe(!test.wantErr);
  });

  const consistency = z.object({
    size1: z.number(),
    size2: z.number(),
    root1: base64,
    root2: base64,
    proof,
    wantErr: z.boolean(),
  });

  it.each(files("merkle/consistency"))("%s holds or is refused as it says", (path) => {
    const test = readVectors(path, consistency);
    expect(verifyConsistency(test)).toBe(!test.wantErr);
  });
});
