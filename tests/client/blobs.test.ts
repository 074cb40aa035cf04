import { type HubApi, keysFromSeeds, SEED_VAULT_BYTES } from "@caseroom/client";
import {
  type Bytes,
  blobsGet,
  bytesToHex,
  concatBytes,
  err,
  expectOk,
  failure,
  type Operation,
  systemRandom,
  toBytes,
} from "@caseroom/contract";
import { SEGMENT_BYTES, SEGMENT_PLAINTEXT } from "@caseroom/crypto/verify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesSource, createMemorySpool } from "../../packages/client/src/blobs/blob-spool.ts";
import { createBlobs } from "../../packages/client/src/blobs/blobs.ts";
import { type Room, startTestHub, type TestHub, type TestPerson } from "../hub/hub-for-testing.ts";

let hub: TestHub;
let cheung: TestPerson;
let room: Room;

beforeAll(async () => {
  hub = await startTestHub();
  cheung = await hub.addPerson("cheung");
  room = await hub.createRoom(cheung);
}, 60_000);
afterAll(() => hub.stop());

const keys = await keysFromSeeds(systemRandom(SEED_VAULT_BYTES), "gateway", systemRandom);

function scan(size: number): Bytes {
  const pieces = Array.from({ length: Math.ceil(size / 65_536) }, () => systemRandom(65_536));
  return toBytes(concatBytes(...pieces).subarray(0, size));
}

type Call = { readonly id: string; readonly range: { readonly offset: number; readonly length: number } | undefined };

/** The real hub behind a line on which this test listens, and on which it may lose or change what passes. */
function lineTo(change?: {
  readonly before?: (operation: Operation) => boolean;
  readonly after?: (operation: Operation) => boolean;
  readonly raw?: (bytes: Bytes) => Bytes;
}) {
  const calls: Call[] = [];
  const api: HubApi = {
    baseUrl: hub.baseUrl,
    audience: hub.baseUrl,
    call: async (operation, input) => {
      calls.push({ id: operation.id, range: input.range });
      if (change?.before?.(operation) === true) return err(failure("OFFLINE"));
      const reply = await cheung.api.call(operation, input);
      if (change?.after?.(operation) === true) return err(failure("OFFLINE"));
      if (reply.ok && operation.id === blobsGet.id && change?.raw !== undefined)
        return { ok: true, value: { ...reply.value, raw: change.raw(reply.value.raw) } };
      return reply;
    },
  };
  const blobs = createBlobs({
    api,
    keys,
    consortiumId: hub.consortiumId,
    random: systemRandom,
    cachedSegments: 64,
  });
  return { blobs, calls, ranges: () => calls.flatMap(({ range }) => (range === undefined ? [] : [range])) };
}

const what = { mediaType: "application/dicom", name: "pack" };

describe("a large file", () => {
  it("comes back byte for byte, in one request for what is asked and none for what was asked before", async () => {
    const plain = scan(20 * SEGMENT_PLAINTEXT + 1234);
    const line = lineTo();
    const spool = createMemorySpool();
    const descriptor = expectOk(
      await line.blobs.upload(room.compId, { ...what, source: bytesSource(plain), spool }),
      "upload",
    );
    expect(line.calls.filter(({ id }) => id === "blobs.put-part").length).toBe(2);
    const blob = line.blobs.open(room.compId, descriptor);
    const from = 3 * SEGMENT_PLAINTEXT - 10;
    expect(expectOk(await blob.read(from, from + 20), "edge")).toEqual(plain.subarray(from, from + 20));
    expect(line.ranges()).toEqual([{ offset: 74 + 2 * SEGMENT_BYTES, length: 2 * SEGMENT_BYTES }]);
    expect(bytesToHex(expectOk(await blob.read(0, plain.length), "all"))).toBe(bytesToHex(plain));
    // Segments 2 and 3 were there already.
    expect(
      line
        .ranges()
        .slice(1)
        .map(({ offset }) => (offset - 74) / SEGMENT_BYTES),
    ).toEqual([0, 4]);
    expect(line.calls.filter(({ id }) => id === "blobs.tree")).toHaveLength(1);
    expect(expectOk(await blob.read(plain.length, plain.length + 5), "beyond")).toHaveLength(0);
  });

  it("of which one byte was changed on the way or in the store is not shown", async () => {
    const plain = scan(2 * SEGMENT_PLAINTEXT);
    const spool = createMemorySpool();
    const { blobs } = lineTo();
    const descriptor = expectOk(
      await blobs.upload(room.compId, { ...what, source: bytesSource(plain), spool }),
      "upload",
    );
    const lying = lineTo({ raw: (bytes) => toBytes(bytes.map((byte, i) => (i === 300_000 ? byte ^ 1 : byte))) });
    const blob = lying.blobs.open(room.compId, descriptor);
    expect(await blob.read(SEGMENT_PLAINTEXT, SEGMENT_PLAINTEXT + 1)).toMatchObject({ ok: true });
    lying.blobs.forget();
    expect(await blob.read(0, plain.length)).toMatchObject({ error: { code: "BLOB_INVALID" } });
    const short = lineTo({ raw: (bytes) => toBytes(bytes.subarray(1)) });
    expect(await short.blobs.open(room.compId, descriptor).read(0, 1)).toMatchObject({
      error: { code: "BLOB_INVALID" },
    });
  });

  it("is sealed once: after a lost answer, a broken line and a new start the same bytes go on from where the hub stands", async () => {
    const plain = scan(40 * SEGMENT_PLAINTEXT);
    const spool = createMemorySpool();
    const input = { ...what, source: bytesSource(plain), spool };
    let parts = 0;
    const broken = lineTo({
      // The first part arrives but its answer does not; the second never arrives.
      before: ({ id }) => id === "blobs.put-part" && parts++ >= 1,
      after: ({ id }) => id === "blobs.put-part",
    });
    expect(await broken.blobs.upload(room.compId, input)).toMatchObject({ ok: false, error: { code: "OFFLINE" } });
    await hub.restart();
    const again = lineTo();
    const descriptor = expectOk(await again.blobs.upload(room.compId, input), "resumed");
    expect(again.calls.filter(({ id }) => id === "blobs.put-part")).toHaveLength(2);
    expect(expectOk(await again.blobs.upload(room.compId, input), "nothing left to do")).toEqual(descriptor);
    const opened = expectOk(await again.blobs.open(room.compId, descriptor).read(0, plain.length), "read");
    expect(bytesToHex(opened)).toBe(bytesToHex(plain));
  });

  it("of nothing at all is a file too", async () => {
    const { blobs } = lineTo();
    const input = { ...what, source: bytesSource(toBytes([])), spool: createMemorySpool() };
    const descriptor = expectOk(await blobs.upload(room.compId, input), "upload");
    expect(expectOk(await blobs.open(room.compId, descriptor).read(0, 10), "read")).toHaveLength(0);
  });
});
