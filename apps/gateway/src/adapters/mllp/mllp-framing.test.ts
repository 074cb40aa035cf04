import { bytesToUtf8, concatBytes, utf8ToBytes } from "@caseroom/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMllpDecoder, encodeMllp } from "./mllp-framing.ts";

const LIMIT = 1000;

function feed(chunks: readonly Uint8Array[]): readonly string[] {
  const decoder = createMllpDecoder(LIMIT);
  return chunks.flatMap((chunk) => {
    const messages = decoder.push(chunk);
    if (messages === "too-large") throw new Error("too large");
    return messages.map((message) => bytesToUtf8(message) ?? "");
  });
}

describe("a laboratory's connection", () => {
  it("gives each message exactly once, however the network cuts the bytes", () => {
    const message = fc.string({
      unit: fc.constantFrom("M", "S", "H", "|", "\r", "\u001c", "é"),
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(60), { maxLength: 12 }), (messages, cuts) => {
        // A frame cannot hold its own end: such a message is no HL7.
        const legal = messages.filter((text) => !text.includes("\u001c\r") && !text.endsWith("\u001c"));
        const stream = concatBytes(...legal.map((text) => encodeMllp(utf8ToBytes(text))));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of [...cuts, stream.length]) {
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        chunks.push(stream.subarray(at));
        expect(feed(chunks)).toEqual(legal);
      }),
    );
  });

  it("may carry noise between messages", () => {
    expect(feed([utf8ToBytes("\r\nhello"), encodeMllp(utf8ToBytes("MSH|A")), utf8ToBytes("\n")])).toEqual(["MSH|A"]);
  });

  it("ends when a message never ends", () => {
    const decoder = createMllpDecoder(LIMIT);
    expect(decoder.push(new Uint8Array([0x0b]))).toEqual([]);
    expect(decoder.push(new Uint8Array(LIMIT + 2).fill(0x41))).toBe("too-large");
  });
});
