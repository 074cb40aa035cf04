import { AAD_LABELS, HASH_LABELS, HPKE_LABELS, KDF_LABELS, SIGNED_TYPES } from "@caseroom/crypto/verify";
import { describe, expect, it } from "vitest";
import { renderVectorFiles } from "./vector-files-for-testing.ts";
import { readVectorFile, vectorNames, vectorText } from "./vector-reading-for-testing.ts";

describe("the committed vectors", () => {
  it("are exactly what `node contracts/vectors/generate.ts` writes today", async () => {
    const rendered = await renderVectorFiles();
    expect(vectorNames().map((name) => `${name}.json`)).toEqual([...rendered.keys()].sort());
    for (const name of vectorNames()) expect(rendered.get(`${name}.json`) === vectorText(name), name).toBe(true);
  });

  it("exercise every label of the registry but the one that is reserved", () => {
    const covered = new Set(vectorNames().flatMap((name) => readVectorFile(name).labels));
    const registry = [SIGNED_TYPES, KDF_LABELS, HPKE_LABELS, AAD_LABELS, HASH_LABELS].flatMap((group) =>
      Object.values(group),
    );
    expect(registry.filter((label) => !covered.has(label))).toEqual([SIGNED_TYPES.accept]);
  });
});
