import { describe, expect, it } from "vitest";
import { CapturedStream } from "./captured-stream.ts";
import { createPduGuard, MAX_PDU_BYTES } from "./pdu-guard.ts";

const pdu = (announced: number, body: number) => {
  const bytes = Buffer.alloc(6 + body);
  bytes[0] = 4;
  bytes.writeUInt32BE(announced, 2);
  return bytes;
};

describe("a peer on the DICOM port", () => {
  it("is cut off when it announces a gigabyte, however it cuts its packets", () => {
    const honest = Buffer.concat([pdu(10, 10), pdu(0, 0), pdu(300, 300)]);
    const stream = Buffer.concat([honest, pdu(MAX_PDU_BYTES + 1, 100)]);
    for (const size of [1, 5, 7, 64, stream.length]) {
      const guard = createPduGuard();
      let refusedAt: number | undefined;
      for (let at = 0; at < stream.length && refusedAt === undefined; at += size)
        if (!guard(stream.subarray(at, at + size))) refusedAt = at + size;
      expect(refusedAt).toBeGreaterThanOrEqual(honest.length + 6);
      expect(refusedAt).toBeLessThan(honest.length + 6 + size);
    }
    expect(createPduGuard()(Buffer.concat([honest, pdu(MAX_PDU_BYTES, 9)]))).toBe(true);
  });
});

describe("an object that comes in very small pieces", () => {
  it("is kept whole", async () => {
    const stream = new CapturedStream();
    for (let index = 0; index < 300_000; index++) stream.write(Uint8Array.of(index & 0xff));
    await new Promise<void>((resolve) => stream.end(resolve));
    const kept = stream.take();
    expect(kept).toHaveLength(300_000);
    expect(kept?.[70_000]).toBe(70_000 & 0xff);
  });
});
