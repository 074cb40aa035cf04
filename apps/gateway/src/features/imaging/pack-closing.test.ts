import { MAX_MANIFEST_PACKS } from "@caseroom/client";
import { describe, expect, it } from "vitest";
import { choosePack, type Waiting } from "./pack-closing.ts";

const SECOND = 1000;

function image(i: number, receivedMs: number): Waiting {
  return { sop: `1.2.${i}`, size: 500_000, headerBytes: 2000, association: `association ${i}`, receivedMs };
}

describe("a machine that sends each image by itself", () => {
  it("never fills the manifest of its series in a long examination, and its first images are seen at once", () => {
    const images = Array.from({ length: 500 }, (_, i) => image(i, i * 20 * SECOND));
    const packs: { readonly sops: readonly string[]; readonly nowMs: number }[] = [];
    let waiting: readonly Waiting[] = [];
    const last = images.at(-1)?.receivedMs ?? 0;
    for (let nowMs = 0; nowMs <= last + 700 * SECOND; nowMs += SECOND) {
      waiting = [...waiting, ...images.filter(({ receivedMs }) => receivedMs === nowMs)];
      if (waiting.length === 0) continue;
      const sops = choosePack(waiting, { packs: packs.length, nowMs, isOver: () => true });
      if (sops.length > 0) packs.push({ sops, nowMs });
      waiting = waiting.filter(({ sop }) => !sops.includes(sop));
    }
    expect(packs.flatMap(({ sops }) => sops)).toEqual(images.map(({ sop }) => sop));
    expect(packs.length).toBeLessThan(MAX_MANIFEST_PACKS);
    expect(packs[0]).toEqual({ sops: ["1.2.0"], nowMs: 0 });
  });
});
