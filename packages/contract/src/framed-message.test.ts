import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBytes } from "./bytes.ts";
import { decodeFramed, encodeFramed } from "./framed-message.ts";

describe("a framed message", () => {
  it("arrives as it was sent, whatever the head and the parts", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (head, parts) => {
        const sent = {
          head: JSON.parse(JSON.stringify(head)),
          parts: parts.map(toBytes),
        };
        const received = decodeFramed(encodeFramed(sent));
        expect(received).toEqual({ ok: true, value: sent });
      }),
    );
  });

  it("is refused when it is cut anywhere except between two parts", () => {
    const whole = encodeFramed({ head: { a: 1 }, parts: [toBytes([1, 2, 3])] });
    const boundaries = new Set([whole.length - 7, whole.length]);
    for (let length = 0; length < whole.length; length++) {
      expect(decodeFramed(whole.subarray(0, length)).ok, `cut at ${length}`).toBe(boundaries.has(length));
    }
  });

  it("is refused before a large part is copied", () => {
    const announced = new Uint8Array([0, 0, 0, 2, 0x7b, 0x7d, 0xff, 0xff, 0xff, 0xff]);
    expect(decodeFramed(announced)).toMatchObject({
      ok: false,
      error: { code: "TOO_LARGE" },
    });
  });

  it("is refused with too many parts", () => {
    const limits = { maxHeadBytes: 10, maxParts: 2, maxPartBytes: 10 };
    const parts = [toBytes([1]), toBytes([2]), toBytes([3])];
    expect(decodeFramed(encodeFramed({ head: {}, parts: parts.slice(0, 2) }), limits).ok).toBe(true);
    expect(decodeFramed(encodeFramed({ head: {}, parts }), limits)).toMatchObject({ error: { code: "TOO_LARGE" } });
  });
});
