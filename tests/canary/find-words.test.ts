import { randomBytes } from "node:crypto";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { findWords, needlesOf } from "./find-words.ts";

const word = "Zyxwvut-Kanarienvogel-測試";
const needles = needlesOf([word]);
const utf8 = Buffer.from(word, "utf8");

function hiddenIn(bytes: Buffer): Buffer {
  return Buffer.concat([randomBytes(501), bytes, randomBytes(77)]);
}

describe("the search for canary words", () => {
  it.each([
    ["utf-8", utf8],
    ["utf-16, little end first", Buffer.from(word, "utf16le")],
    ["utf-16, big end first", Buffer.from(word, "utf16le").swap16()],
    ["hexadecimal", Buffer.from(utf8.toString("hex"))],
    ["upper-case hexadecimal", Buffer.from(utf8.toString("hex").toUpperCase())],
    ["a zlib stream", deflateSync(hiddenIn(utf8))],
    ["a gzip stream inside a gzip stream", gzipSync(gzipSync(hiddenIn(utf8)))],
  ])("finds a word in %s", (_form, planted) => {
    expect(findWords(hiddenIn(planted), needles)).not.toEqual([]);
  });

  it.each([0, 1, 2, 3, 4, 5])("finds a word in base64 with %i bytes before it", (before) => {
    const content = Buffer.concat([randomBytes(before), utf8, randomBytes(5)]);
    expect(findWords(hiddenIn(Buffer.from(content.toString("base64"))), needles)).not.toEqual([]);
    expect(findWords(hiddenIn(Buffer.from(content.toString("base64url"))), needles)).not.toEqual([]);
  });

  it("finds a word in a body that is compressed as a whole", () => {
    expect(findWords(brotliCompressSync(hiddenIn(utf8)), needles)).not.toEqual([]);
    expect(findWords(deflateRawSync(hiddenIn(utf8)), needles)).not.toEqual([]);
  });

  it("finds nothing in random bytes", () => {
    expect(findWords(randomBytes(300_000), needles)).toEqual([]);
  });
});
