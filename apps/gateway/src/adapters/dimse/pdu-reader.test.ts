import { type Bytes, concatBytes, toBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { createReceptionMemory } from "../../features/imaging/gathered-bytes.ts";
import { COMMAND, ELEMENT, writeCommandSet } from "./command-set.ts";
import { createMessageAssembler } from "./message-assembler.ts";
import { createPduReader, MAX_PDU_BYTES, PDU, writePdu } from "./pdu-reader.ts";

const announce = (length: number) => {
  const head = new Uint8Array(6);
  head[0] = PDU.data;
  new DataView(head.buffer).setUint32(2, length);
  return head;
};

describe("a peer on the DICOM port", () => {
  it("is understood however it cuts its packets, and cut off when it announces a gigabyte", () => {
    const honest = concatBytes(
      writePdu(4, new Uint8Array(10).fill(7)),
      writePdu(5, new Uint8Array()),
      writePdu(4, new Uint8Array(300)),
    );
    const stream = concatBytes(honest, announce(MAX_PDU_BYTES + 1), new Uint8Array(100));
    for (const size of [1, 5, 7, 64, stream.length]) {
      const read = createPduReader();
      const pdus: (readonly [number, number])[] = [];
      let refusedAt: number | undefined;
      for (let at = 0; at < stream.length && refusedAt === undefined; at += size) {
        for (const pdu of read(stream.subarray(at, at + size)))
          if (pdu === undefined) refusedAt = at + size;
          else pdus.push([pdu.type, pdu.body.length]);
      }
      expect(refusedAt).toBeGreaterThanOrEqual(honest.length + 6);
      expect(refusedAt).toBeLessThan(honest.length + 6 + size);
      expect(pdus).toEqual([
        [4, 10],
        [5, 0],
        [4, 300],
      ]);
    }
    expect([...createPduReader()(concatBytes(honest, announce(MAX_PDU_BYTES), new Uint8Array(9)))]).toHaveLength(3);
  });
});

describe("a message", () => {
  const fragment = (control: number, data: Uint8Array, context = 1) =>
    concatBytes(toBytes([0, 0, (data.length + 2) >>> 8, (data.length + 2) & 0xff, context, control]), data);
  const command = writeCommandSet({ [ELEMENT.commandField]: COMMAND.storeRequest }, true);

  /** The messages that a PDU completes, with their data sets as they are at that moment. */
  const assembling = (memory = createReceptionMemory()) => {
    const assembler = createMessageAssembler(memory);
    return (body: Bytes) => {
      const came: (string | Bytes | undefined)[] = [];
      for (const message of assembler.take(body)) {
        const whole = message?.dataSet?.whole();
        came.push(whole?.ok === false ? whole.error.code : whole && toBytes(whole.value));
      }
      return came;
    };
  };

  it("is kept whole when it comes in very small pieces", () => {
    const assemble = assembling();
    for (const byte of command.subarray(0, -1)) expect(assemble(fragment(1, toBytes([byte])))).toEqual([]);
    expect(assemble(fragment(3, command.subarray(-1)))).toEqual([]);
    for (let index = 0; index < 1_300_000; index++) assemble(fragment(0, toBytes([index & 0xff])));
    const [dataSet] = assemble(fragment(2, toBytes([1, 2])));
    expect(dataSet).toHaveLength(1_300_002);
    expect(dataSet?.[70_000]).toBe(70_000 & 0xff);
    expect(dataSet?.[1_200_000]).toBe(1_200_000 & 0xff);
    expect(dataSet?.at(-1)).toBe(2);
  });

  it("whose keys have no end is counted and not kept", () => {
    const assemble = assembling();
    assemble(fragment(3, writeCommandSet({ [ELEMENT.commandField]: COMMAND.findRequest }, true)));
    for (let index = 0; index < 40; index++) assemble(fragment(0, new Uint8Array(10_000)));
    expect(assemble(fragment(2, new Uint8Array(2)))).toEqual(["TOO_LARGE"]);
  });

  it("for which others have the memory is refused, and the next one is not", () => {
    const memory = createReceptionMemory(4_000_000);
    const assemble = assembling(memory);
    const others = memory.borrow(2_000_000);
    for (const isRefused of [true, false]) {
      assemble(fragment(3, command));
      for (let index = 0; index < 30; index++) assemble(fragment(0, new Uint8Array(40_000)));
      const [dataSet] = assemble(fragment(2, new Uint8Array(2)));
      expect(isRefused ? dataSet : dataSet?.length).toBe(isRefused ? "UNAVAILABLE" : 1_200_002);
      if (others !== undefined && isRefused) memory.giveBack(others);
    }
  });

  it("that changes its context on the way, or begins with a data set, is none", () => {
    const assemble = assembling();
    assemble(fragment(3, command));
    expect(assemble(fragment(2, new Uint8Array(2), 3))).toEqual([undefined]);
    expect(assembling()(fragment(2, new Uint8Array(2)))).toEqual([undefined]);
    expect(assembling()(concatBytes(fragment(3, command), toBytes([0, 0])))).toEqual([undefined]);
  });
});
