import { hexToBytes, toBytes } from "@caseroom/contract";
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { describe, expect, it } from "vitest";
import { decodeStrict, encodeCbor } from "./cbor.ts";
import { fc, test as property } from "./cbor-arbitrary-for-testing.ts";

function refused(hex: string): boolean {
  return !decodeStrict(hexToBytes(hex) ?? toBytes([])).ok;
}

describe("strict decoding", () => {
  it("gives back every value that can be encoded", () => {
    fc.assert(
      fc.property(property.value, (value) => {
        expect(decodeStrict(encodeCbor(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("is of the bytes that a second implementation encodes, and reads nothing else out of them", () => {
    fc.assert(
      fc.property(property.value, (value) => {
        const bytes = toBytes(encode(value, rfc8949EncodeOptions));
        expect(encodeCbor(value)).toEqual(bytes);
        expect(decode(bytes, { useMaps: true })).toEqual(value);
      }),
    );
  });

  it("accepts changed bytes only where the second implementation reads and writes them alike", () => {
    fc.assert(
      fc.property(property.value, fc.nat(), fc.integer({ min: 0, max: 255 }), (value, position, byte) => {
        const bytes = encodeCbor(value);
        bytes[position % bytes.length] = byte;
        const read = decodeStrict(bytes);
        if (read.ok) expect(toBytes(encode(decode(bytes, { useMaps: true }), rfc8949EncodeOptions))).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["a longer form of 1", "1801"],
    ["a longer length of a text", "780161"],
    ["map keys out of order", "a2616201616101"],
    ["the same map key twice", "a2616101616102"],
    ["an array of indefinite length", "9f01ff"],
    ["a text of indefinite length", "7f6161ff"],
    ["a tag", "c001"],
    ["a half-precision float", "f93c00"],
    ["a double", "fb3ff0000000000000"],
    ["not-a-number", "f97e00"],
    ["undefined", "f7"],
    ["an unassigned simple value", "f820"],
    ["2^53", "1b0020000000000000"],
    ["−2^53 − 1", "3b0020000000000000"],
    ["a text that is not UTF-8", "61ff"],
    ["an overlong UTF-8 form", "62c080"],
    ["bytes after the item", "0101"],
    ["nothing", ""],
    ["an announced length beyond the end", "5a00ffffff"],
    ["an announced array beyond the end", "9affffffff"],
    ["a map with a byte string as key", "a1410101"],
  ])("refuses %s", (_what, hex) => {
    expect(refused(hex)).toBe(true);
  });

  it("refuses depth before a recursive decoder could overflow", () => {
    expect(refused(`${"81".repeat(16)}01`)).toBe(false);
    expect(refused(`${"81".repeat(17)}01`)).toBe(true);
    expect(decodeStrict(new Uint8Array(200_000).fill(0x81))).toMatchObject({
      error: { code: "CBOR_INVALID" },
    });
  });

  it("refuses size before anything", () => {
    expect(decodeStrict(new Uint8Array(300_000))).toMatchObject({
      error: { code: "TOO_LARGE" },
    });
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => typeof decodeStrict(bytes).ok === "boolean"),
      { numRuns: 3000 },
    );
  });
});
