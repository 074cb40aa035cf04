import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflateFile } from "./inflate.ts";

const DEFLATED = "1.2.840.10008.1.2.1.99";
const DATA_SET = new TextEncoder().encode("what the scanner wrote ".repeat(200));

function fileOf(syntax: string, body: Uint8Array): ArrayBuffer {
  const meta = new TextEncoder().encode(`\u0002\u0000\u0010\u0000UI\u0016\u0000${syntax}`);
  const file = new Uint8Array(144 + meta.length + body.length);
  new DataView(file.buffer).setUint32(140, meta.length, true);
  file.set(meta, 144);
  file.set(body, 144 + meta.length);
  return file.buffer;
}

describe("a deflated file", () => {
  it("becomes the same file in plain form, also when a padding byte follows", async () => {
    const deflated = deflateRawSync(DATA_SET);
    for (const body of [deflated, Buffer.concat([deflated, Buffer.of(0)])]) {
      const inflated = new Uint8Array((await inflateFile(fileOf(DEFLATED, body))) ?? new ArrayBuffer(0));
      expect(new TextDecoder().decode(inflated.subarray(-DATA_SET.length))).toBe(new TextDecoder().decode(DATA_SET));
      expect(new TextDecoder().decode(inflated)).toContain("1.2.840.10008.1.2.1\0\0\0");
      expect(new TextDecoder().decode(inflated)).not.toContain(DEFLATED);
    }
  });
  it("that is damaged is none, and any other stays as it is", async () => {
    expect(await inflateFile(fileOf(DEFLATED, Uint8Array.of(0xff, 0xff, 0xff)))).toBeUndefined();
    const plain = fileOf("1.2.840.10008.1.2.1", DATA_SET);
    expect(await inflateFile(plain)).toBe(plain);
  });
});
