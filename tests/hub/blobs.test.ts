import {
  type BlobId,
  type Bytes,
  blobsCreate,
  blobsGet,
  blobsPutPart,
  blobsTree,
  bytesToId16,
  expectOk,
  systemRandom,
  toBytes,
} from "@caseroom/contract";
import { FLOE_HEADER_BYTES, leafHash, SEGMENT_BYTES } from "@caseroom/crypto/verify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present, type Room, startTestHub, type TestHub, type TestPerson } from "./hub-for-testing.ts";

let hub: TestHub;
let cheung: TestPerson;
let stranger: TestPerson;
let room: Room;

beforeAll(async () => {
  hub = await startTestHub();
  cheung = await hub.addPerson("cheung");
  stranger = await hub.addPerson("stranger");
  room = await hub.createRoom(cheung);
}, 60_000);
afterAll(() => hub.stop());

const SIZE = FLOE_HEADER_BYTES + 2 * SEGMENT_BYTES + 1000;
const bytes: Bytes = toBytes(Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const newBlobId = () => present(bytesToId16<BlobId>(systemRandom(16)));

const create = async (blobId: BlobId, size = SIZE) =>
  cheung.api.call(blobsCreate, { params: { compId: room.compId }, head: { blobId, size } });
const put = async (blobId: BlobId, offset: number, raw: Bytes) =>
  cheung.api.call(blobsPutPart, { params: { compId: room.compId, blobId }, query: { offset }, raw });
const upload = async (blobId: BlobId) => {
  expectOk(await create(blobId), "create");
  expectOk(await put(blobId, 0, bytes), "put");
};

describe("a blob", () => {
  it("is taken up where it was interrupted, also over a restart", async () => {
    const blobId = newBlobId();
    expect(expectOk(await create(blobId), "create").head).toEqual({ received: 0, complete: false });
    expectOk(await put(blobId, 0, toBytes(bytes.subarray(0, 300_000))), "first part");
    await hub.restart();
    expect(await put(blobId, 0, bytes)).toMatchObject({ error: { code: "BLOB_CONFLICT" } });
    expect(await create(blobId, SIZE + 1)).toMatchObject({ error: { code: "BLOB_CONFLICT" } });
    const { received } = expectOk(await create(blobId), "again").head;
    const last = expectOk(await put(blobId, received, toBytes(bytes.subarray(received))), "last part").head;
    expect(last).toEqual({ received: SIZE, complete: true });
    const params = { compId: room.compId, blobId };
    expect(expectOk(await cheung.api.call(blobsGet, { params }), "get").raw).toEqual(bytes);
    // Immutable from now on.
    expect(await put(blobId, SIZE, toBytes([1]))).toMatchObject({ error: { code: "BLOB_CONFLICT" } });
  });

  it("is served by the range, with the hashes of its segments", async () => {
    const blobId = newBlobId();
    await upload(blobId);
    const params = { compId: room.compId, blobId };
    const range = { offset: FLOE_HEADER_BYTES, length: SEGMENT_BYTES };
    const { raw } = expectOk(await cheung.api.call(blobsGet, { params, range }), "range");
    expect(raw).toEqual(bytes.subarray(FLOE_HEADER_BYTES, FLOE_HEADER_BYTES + SEGMENT_BYTES));
    const tree = expectOk(await cheung.api.call(blobsTree, { params }), "tree").raw;
    expect(tree.length).toBe(3 * 32);
    expect(tree.subarray(0, 32)).toEqual(leafHash(raw));
    expect(tree.subarray(64)).toEqual(leafHash(bytes.subarray(FLOE_HEADER_BYTES + 2 * SEGMENT_BYTES)));

    const ask = (value: string) =>
      fetch(`${hub.baseUrl}/v1/comps/${room.compId}/blobs/${blobId}`, {
        headers: { authorization: `Bearer ${cheung.token}`, range: value },
      });
    const tail = await ask("bytes=-5");
    expect([tail.status, tail.headers.get("content-range")]).toEqual([206, `bytes ${SIZE - 5}-${SIZE - 1}/${SIZE}`]);
    expect(new Uint8Array(await tail.arrayBuffer())).toEqual(bytes.subarray(SIZE - 5));
    const beyond = await ask(`bytes=${SIZE}-`);
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${SIZE}`]);
  });

  it("is served only when complete, to readers only", async () => {
    const blobId = newBlobId();
    expectOk(await create(blobId), "create");
    const params = { compId: room.compId, blobId };
    expect(await cheung.api.call(blobsGet, { params })).toMatchObject({ error: { code: "BLOB_INCOMPLETE" } });
    expect(await stranger.api.call(blobsGet, { params })).toMatchObject({ error: { code: "FORBIDDEN" } });
  });

  it("that is not complete holds back the entry that names it", async () => {
    const blobId = newBlobId();
    expectOk(await create(blobId), "create");
    const sealed = await hub.seal(cheung, room, "a scan");
    const early = expectOk(await hub.append(cheung, room, [sealed], [blobId]), "early");
    expect(early).toMatchObject({ accepted: [], stopped: { code: "BLOB_INCOMPLETE" } });
    expectOk(await put(blobId, 0, bytes), "put");
    const later = expectOk(await hub.append(cheung, room, [sealed], [blobId]), "later");
    expect(later).toMatchObject({ accepted: [{ oid: sealed.oid, repeated: false }], stopped: null });
  });
});
