import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64urlToBytes, bytesToBase64url, bytesToHex, compareBytes, hexToBytes, toBytes } from "./bytes.ts";

function platformBase64url(bytes: Uint8Array): string {
  const padded = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return padded.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

describe("bytes as text", () => {
  it("come back from hexadecimal and base64url unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
        const bytes = toBytes(array);
        expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes);
        expect(base64urlToBytes(bytesToBase64url(bytes))).toEqual(bytes);
        expect(bytesToBase64url(bytes)).toBe(platformBase64url(bytes));
      }),
    );
  });

  it("have one base64url form only: padding, other alphabets and stray bits are refused", () => {
    for (const text of ["AA==", "A+", "A/", "AB", "A", "A A", "AAAAA"])
      expect(base64urlToBytes(text), text).toBeUndefined();
  });

  it("sort bytewise, a prefix before what it begins", () => {
    const sorted = ["", "00", "00ff", "01", "ff"].map((text) => hexToBytes(text) ?? toBytes([]));
    expect([...sorted].reverse().sort(compareBytes)).toEqual(sorted);
  });
});
