import { toBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { verifyCheckpoint } from "./checkpoint.ts";
import { signCheckpoint } from "./checkpoint-sign.ts";
import { leafHash } from "./merkle.ts";
import { signingKeyFromSeed } from "./signing-key.ts";

const logKey = await signingKeyFromSeed(toBytes(new Uint8Array(32).fill(3)));
const cosignKey = await signingKeyFromSeed(toBytes(new Uint8Array(32).fill(4)));
const checkpoint = {
  origin: "hub.example/cr1/test",
  size: 1234,
  root: leafHash(toBytes([1])),
};
const keys = {
  origin: checkpoint.origin,
  logKey: logKey.publicKey,
  cosignKey: cosignKey.publicKey,
};
const note = await signCheckpoint(checkpoint, { logKey, cosignKey }, 1_700_000_000_999);

describe("a checkpoint", () => {
  it("says what was signed, and when", async () => {
    expect(await verifyCheckpoint(note, keys)).toEqual({
      ok: true,
      value: { ...checkpoint, cosignedAtMs: 1_700_000_000_000 },
    });
  });

  it("needs both signatures, under the right keys", async () => {
    const [body = "", lines = ""] = note.split("\n\n");
    for (const line of lines.trim().split("\n")) {
      expect((await verifyCheckpoint(`${body}\n\n${line}\n`, keys)).ok).toBe(false);
    }
    expect(
      (
        await verifyCheckpoint(note, {
          ...keys,
          logKey: keys.cosignKey,
          cosignKey: keys.logKey,
        })
      ).ok,
    ).toBe(false);
    expect(
      (
        await verifyCheckpoint(note, {
          ...keys,
          origin: "hub.example/cr1/other",
        })
      ).ok,
    ).toBe(false);
  });

  it("is refused with any character changed", async () => {
    for (let at = 0; at < note.length; at++) {
      const changed = note[at] === "A" ? "B" : "A";
      const mutated = note.slice(0, at) + changed + note.slice(at + 1);
      expect((await verifyCheckpoint(mutated, keys)).ok, `character ${at}`).toBe(false);
    }
  });

  it("may carry the lines of witnesses that this reader does not know", async () => {
    expect((await verifyCheckpoint(`${note}— witness.example AAAAAAAA\n`, keys)).ok).toBe(true);
  });
});
