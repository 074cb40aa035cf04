import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, concatBytes, expectOk, hexToBytes, systemRandom, toBytes, utf8ToBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { createFloeReader, createFloeWriter } from "./floe.ts";
import { FLOE_HEADER_BYTES, SEGMENT_BYTES, SEGMENT_PLAINTEXT } from "./floe-layout.ts";
import { gcm, hmac, sha384 } from "./noble-for-testing.ts";

const folder = join(import.meta.dirname, "../../../fixtures/conformance/floe");
const key = toBytes(new Uint8Array(32));
const aad = utf8ToBytes("This is AAD");
/** FLOE of all published parameters, and ours, rotates at 2^20 segments; the files named "rotation" at 2^2. */
const ROTATION_BITS = 20;

function bytesOf(name: string): Bytes {
  return hexToBytes(readFileSync(join(folder, `${name}.txt`), "utf8").trim()) ?? toBytes([]);
}

function read(name: string) {
  const ciphertext = bytesOf(`${name}_ct`);
  const segmentBytes = new DataView(ciphertext.buffer).getUint32(2);
  const segments: Bytes[] = [];
  for (let at = FLOE_HEADER_BYTES; at < ciphertext.length; at += segmentBytes)
    segments.push(toBytes(ciphertext.subarray(at, at + segmentBytes)));
  const header = toBytes(ciphertext.subarray(0, FLOE_HEADER_BYTES));
  return { header, segments, segmentBytes, plaintext: bytesOf(`${name}_pt`) };
}

/** One segment opened with noble from the text of the specification. */
function openWithNoble(header: Bytes, segment: Bytes, position: number, isFinal: boolean, rotationBits: number): Bytes {
  const [parameters, iv] = [header.subarray(0, 10), header.subarray(10, 42)];
  const kdf = (secret: Uint8Array, purpose: Uint8Array, length: number) =>
    hmac(sha384, secret, concatBytes(parameters, iv, purpose, aad, toBytes([1]))).subarray(0, length);
  expect(toBytes(kdf(key, utf8ToBytes("HEADER_TAG:"), 32))).toEqual(toBytes(header.subarray(42)));
  const masked = Math.floor(position / 2 ** rotationBits) * 2 ** rotationBits;
  const purpose = concatBytes(utf8ToBytes("DEK:"), u64be(masked));
  const segmentKey = kdf(kdf(key, utf8ToBytes("MESSAGE_KEY:"), 48), purpose, 32);
  const segmentAad = concatBytes(u64be(position), toBytes([isFinal ? 1 : 0]));
  return toBytes(gcm(segmentKey, segment.subarray(4, 16), segmentAad).decrypt(segment.subarray(16)));
}

function u64be(value: number): Bytes {
  const bytes = toBytes(new Uint8Array(8));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

const names = readdirSync(folder)
  .filter((file) => file.endsWith("_ct.txt"))
  .map((file) => file.slice(0, -"_ct.txt".length));
const rotating = names.filter((name) => name.endsWith("_rotation"));

describe("published known answers of FLOE", () => {
  it.each(names.filter((name) => !rotating.includes(name)))(
    "%s opens, and not without its last segment",
    async (name) => {
      const { header, segments, segmentBytes, plaintext } = read(name);
      const reader = expectOk(await createFloeReader({ key, aad, header, segmentBytes }), name);
      const parts: Bytes[] = [];
      for (const [i, segment] of segments.entries())
        parts.push(expectOk(await reader.openSegment(i, i === segments.length - 1, segment), `${name} ${i}`));
      expect(concatBytes(...parts)).toEqual(plaintext);
      const last = segments.length - 2;
      const shorter = segments[last];
      if (shorter !== undefined) expect((await reader.openSegment(last, true, shorter)).ok).toBe(false);
      expect((await createFloeReader({ key, aad: utf8ToBytes("another"), header, segmentBytes })).ok).toBe(false);
    },
  );

  it.each(rotating)(
    "%s, which rotates every four segments, opens with noble, and here until the first rotation",
    async (name) => {
      const { header, segments, segmentBytes, plaintext } = read(name);
      const isLast = (i: number) => i === segments.length - 1;
      const parts = segments.map((segment, i) => openWithNoble(header, segment, i, isLast(i), 2));
      expect(concatBytes(...parts)).toEqual(plaintext);
      const reader = expectOk(await createFloeReader({ key, aad, header, segmentBytes }), name);
      for (const [i, segment] of segments.entries())
        expect((await reader.openSegment(i, isLast(i), segment)).ok, `${i}`).toBe(i < 4);
    },
  );
});

describe("our own segments", () => {
  it("take the next key at 2^20, as noble derives it", async () => {
    const writer = await createFloeWriter({ key, aad, random: systemRandom });
    const full = toBytes(new Uint8Array(SEGMENT_PLAINTEXT).fill(7));
    const boundary = 2 ** ROTATION_BITS;
    for (const [position, isFinal, plain] of [
      [boundary - 1, false, full],
      [boundary, true, utf8ToBytes("the first of the next key")],
    ] as const) {
      const segment = await writer.sealSegment(position, isFinal, plain);
      if (!isFinal) expect(segment.length).toBe(SEGMENT_BYTES);
      expect(openWithNoble(writer.header, segment, position, isFinal, ROTATION_BITS)).toEqual(plain);
    }
  });
});
