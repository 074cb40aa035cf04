import {
  type Bytes,
  bytesToUtf8,
  directoryChains,
  expectOk,
  logCheckpoint,
  logProve,
  logTile,
  metaGet,
  systemRandom,
} from "@caseroom/contract";
import { leafHash, sha256Parts, verifyCheckpoint, verifyConsistency, verifyInclusion } from "@caseroom/crypto/verify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, present, startTestHub, type TestHub, type TestPerson } from "./hub-for-testing.ts";

let hub: TestHub;
let cheung: TestPerson;
let wong: TestPerson;

beforeAll(async () => {
  hub = await startTestHub();
  cheung = await hub.addPerson("cheung");
  wong = await hub.addPerson("wong");
}, 60_000);
afterAll(() => hub.stop());

const countRows = async (): Promise<unknown> =>
  hub.sql`SELECT (SELECT count(*) FROM links) AS links, (SELECT count(*) FROM wraps) AS wraps,
    (SELECT count(*) FROM feed) AS feed, (SELECT count(*) FROM log_leaves WHERE kind = 'link') AS leaves`;

describe("a new user", () => {
  it("comes with an institution's ticket for exactly this user, or not at all", async () => {
    const user = await hub.newUser("person");
    const refused = { ok: false, error: { code: "ENROLMENT_REFUSED" } };
    const later = Date.now() + 60_000;
    expect(await hub.post(user.draft)).toMatchObject(refused);
    expect(await hub.post(user.draft, { api: cheung.api })).toMatchObject(refused);
    for (const ticket of [
      await hub.ticketFor(wong.userId, later),
      await hub.ticketFor(user.userId, Date.now() - 1),
      systemRandom(64),
    ])
      expect(await hub.post(user.draft, { ticket })).toMatchObject(refused);
    expectOk(await hub.post(user.draft, { ticket: await hub.ticketFor(user.userId, later) }), "enrolment");
  });

  it("has a first key from the first moment", async () => {
    const { draft, userId } = await hub.newUser("person");
    const ticket = await hub.ticketFor(userId, Date.now() + 60_000);
    const half = { links: draft.links.slice(0, 1), wraps: [] };
    expect(await hub.post(half, { ticket })).toMatchObject({ ok: false, error: { code: "LINK_INVALID" } });
  });
});

describe("a request of links", () => {
  it("is accepted as a whole or leaves nothing", async () => {
    const draft = await hub.draftRoom(cheung, [{ user: wong, role: "writer" }]);
    const before = await countRows();
    const last = present(draft.links.at(-1));
    const forged = new Uint8Array(last.bytes);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const broken = { links: [...draft.links.slice(0, -1), { ...last, bytes: forged }], wraps: draft.wraps };
    expect(await hub.post(broken, { api: cheung.api })).toMatchObject({ error: { code: "SIGNATURE_INVALID" } });
    expect(await countRows()).toEqual(before);
    expectOk(await hub.post(draft, { api: cheung.api }), "whole");
  });

  it("that dies in the middle of its transaction leaves nothing, and the same request succeeds afterwards", async () => {
    const draft = await hub.draftRoom(cheung, [{ user: wong, role: "writer" }]);
    const before = await countRows();
    await hub.sql`ALTER TABLE feed ADD CONSTRAINT dies CHECK (kind <> 'link') NOT VALID`;
    expect(await hub.post(draft, { api: cheung.api })).toMatchObject({ error: { code: "INTERNAL" } });
    expect(await countRows()).toEqual(before);
    await hub.sql`ALTER TABLE feed DROP CONSTRAINT dies`;
    await hub.restart();
    expectOk(await hub.post(draft, { api: cheung.api }), "afterwards");
  });

  it("brings exactly the wraps that its links name", async () => {
    const draft = await hub.draftRoom(cheung, [{ user: wong, role: "writer" }]);
    const withWraps = (wraps: readonly Bytes[]) => hub.post({ links: draft.links, wraps }, { api: cheung.api });
    expect(await withWraps(draft.wraps.slice(1))).toMatchObject({ error: { code: "WRAP_MISSING" } });
    expect(await withWraps([...draft.wraps, systemRandom(100)])).toMatchObject({ error: { code: "WRAP_INVALID" } });
    expect(await withWraps([...draft.wraps, present(draft.wraps[0])])).toMatchObject({
      error: { code: "WRAP_INVALID" },
    });
    expectOk(await withWraps(draft.wraps), "exactly");
  });

  it("touches one space only", async () => {
    const [a, b] = [await hub.draftRoom(cheung, []), await hub.draftRoom(cheung, [])];
    const both = { links: [...a.links, ...b.links], wraps: [...a.wraps, ...b.wraps] };
    expect(await hub.post(both, { api: cheung.api })).toMatchObject({ error: { code: "LINK_INVALID" } });
  });

  it("loses to the one that came first, and must look again", async () => {
    const room = await hub.createRoom(cheung, [{ user: wong, role: "rotator" }]);
    const [hers, his] = [
      await hub.draftCommit(cheung, room, { refresh: true }),
      await hub.draftCommit(wong, room, { refresh: true }),
    ];
    expectOk(await hub.post(hers, { api: cheung.api }), "first");
    expect(await hub.post(his, { api: wong.api })).toMatchObject({ ok: false, error: { code: "CHAIN_CONFLICT" } });
  });

  it("is nobody's who has neither session nor ticket", async () => {
    const draft = await hub.draftRoom(cheung, []);
    expect(await hub.post(draft)).toMatchObject({ ok: false, error: { code: "SESSION_REQUIRED" } });
  });
});

describe("the log", () => {
  it("proves every line under the newest checkpoint, and every older size a part of it", async () => {
    const keys = expectOk(await hub.anonymous.call(metaGet, {}), "meta").head;
    const note = new TextDecoder().decode(expectOk(await hub.anonymous.call(logCheckpoint, {}), "checkpoint").raw);
    const { size, root } = expectOk(await verifyCheckpoint(note, keys), "note");
    const leaves = await hub.sql<{ leaf: Uint8Array }[]>`SELECT leaf FROM log_leaves ORDER BY idx LIMIT ${size}`;
    const hashes = leaves.map(({ leaf }) => leafHash(leaf));
    const indexes = hashes.map((_, i) => i);
    const { inclusion } = expectOk(await hub.anonymous.call(logProve, { head: { size, indexes } }), "prove").head;
    for (const [index, leaf] of hashes.entries())
      expect(verifyInclusion({ index, size, leaf, root, proof: inclusion[index] ?? [] })).toBe(true);

    const from = Math.floor(size / 2);
    const half = expectOk(await hub.anonymous.call(logProve, { head: { size: from, indexes: [0] } }), "half").head;
    const grown = expectOk(await hub.anonymous.call(logProve, { head: { size, indexes: [], from } }), "grown").head;
    const root1 = rootFrom(present(hashes[0]), half.inclusion[0] ?? []);
    const proof = grown.consistency ?? [];
    expect(verifyConsistency({ size1: from, root1, size2: size, root2: root, proof })).toBe(true);
    expect((await hub.anonymous.call(logProve, { head: { size: size + 1000, indexes: [] } })).ok).toBe(false);
  });

  it("serves its hashes as tiles", async () => {
    const call = { params: { level: "0", index: "0" }, query: { width: 3 } };
    const { raw } = expectOk(await hub.anonymous.call(logTile, call), "tile");
    expect(raw.length).toBe(96);
    const rows = await hub.sql<{ leaf: Uint8Array }[]>`SELECT leaf FROM log_leaves WHERE idx = 2`;
    expect(raw.subarray(64)).toEqual(leafHash(present(rows[0]).leaf));
    const beyond = { params: { level: "0", index: "9" }, query: { width: 1 } };
    expect(await hub.anonymous.call(logTile, beyond)).toMatchObject({ error: { code: "NOT_FOUND" } });
  });

  it("keeps its name where the hub moves to another address", async () => {
    const before = expectOk(await hub.anonymous.call(metaGet, {}), "meta").head;
    await hub.moveTo("https://hub.elsewhere.test");
    const { head } = expectOk(await hub.anonymous.call(metaGet, {}), "meta");
    expect(head.origin).toBe(before.origin);
    const note = bytesToUtf8(expectOk(await hub.anonymous.call(logCheckpoint, {}), "checkpoint").raw) ?? "";
    expectOk(await verifyCheckpoint(note, before), "signed under the name that everybody knows");
  });

  it("is the same after a restart, and so is the directory", async () => {
    const list = async () => expectOk(await cheung.api.call(directoryChains, {}), "chains").head;
    const before = await list();
    await hub.restart();
    expect(await list()).toEqual(before);
  });
});

describe("a person's keys", () => {
  it("turn over ten times a day and no more, however they are asked for", async () => {
    const lam = await hub.addPerson("lam");
    // The first was made with the user.
    for (let i = 1; i < 10; i++) expectOk(await hub.rotate(lam), `rotation ${i}`);
    expect(await hub.rotate(lam)).toMatchObject({ ok: false, error: { code: "TOO_MANY_REQUESTS" } });
    hub.passMs(24 * 3_600_000);
    await hub.enter(lam, { login: "lam", password: PASSWORD, code: await hub.codeNow() });
    expectOk(await hub.rotate(lam), "on the next day");
  });
});

/** The root of a tree from its first leaf and that leaf's proof. */
function rootFrom(first: Bytes, proof: readonly Bytes[]): Bytes {
  return proof.reduce((hash, sibling) => sha256Parts(new Uint8Array([1]), hash, sibling), first);
}
