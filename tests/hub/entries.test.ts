import {
  entriesLeaves,
  entriesList,
  expectOk,
  linksList,
  logCheckpoint,
  metaGet,
  spacesList,
} from "@caseroom/contract";
import {
  appendLeaf,
  decodeEdge,
  edgeRoot,
  emptyEdge,
  encodeEdge,
  feedLeafHash,
  parseLogLeaf,
  verifyCheckpoint,
} from "@caseroom/crypto/verify";
import { verifyReceipt } from "@caseroom/space/verify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashOf, present, type Room, startTestHub, type TestHub, type TestPerson } from "./hub-for-testing.ts";

let hub: TestHub;
let cheung: TestPerson;
let wong: TestPerson;
let room: Room;

beforeAll(async () => {
  hub = await startTestHub();
  cheung = await hub.addPerson("cheung");
  wong = await hub.addPerson("wong");
  room = await hub.createRoom(cheung, [{ user: wong, role: "writer" }]);
}, 60_000);
afterAll(() => hub.stop());

const feedOf = async (person: TestPerson, { compId }: Room) =>
  person.api.call(entriesList, { params: { compId }, query: { from: 0 } });

describe("an entry", () => {
  it("is receipted with the head that everybody can compute from the feed", async () => {
    const sealed = [await hub.seal(cheung, room, "one"), await hub.seal(cheung, room, "two")];
    const reply = expectOk(await hub.append(cheung, room, sealed), "append");
    expect(reply.stopped).toBeNull();
    const { head, parts } = expectOk(await feedOf(wong, room), "feed");
    const edge = parts.reduce(
      (before, bytes, i) => appendLeaf(before, feedLeafHash(head.items[i]?.kind ?? "entry", bytes)),
      emptyEdge,
    );
    const { logKey } = expectOk(await hub.anonymous.call(metaGet, {}), "meta").head;
    const receipt = await verifyReceipt(reply.receipt ?? new Uint8Array(0), logKey, hub.consortiumId);
    expect(receipt).toEqual({ ok: true, value: { ...room, n: head.total, head: edgeRoot(edge) } });
    const links = head.items.filter((item) => item.kind === "link");
    expect(links.length).toBe(2);
    for (const link of links) expect(typeof link.logIndex === "number" && typeof link.ts === "number").toBe(true);
  });

  it("sent twice is accepted once, also when both arrive together and after a restart", async () => {
    const sealed = await hub.seal(cheung, room, "again");
    const [first, second] = await Promise.all([hub.append(cheung, room, [sealed]), hub.append(cheung, room, [sealed])]);
    const answers = [expectOk(first, "first"), expectOk(second, "second")].flatMap((reply) => reply.accepted);
    expect(answers.filter((one) => one.repeated).length).toBe(1);
    expect(new Set(answers.map((one) => one.n)).size).toBe(1);
    await hub.restart();
    const third = expectOk(await hub.append(cheung, room, [sealed]), "third");
    expect(third.accepted).toEqual([{ oid: sealed.oid, n: answers[0]?.n, repeated: true }]);
  });

  it("sent again beside new ones, of the same room and of another, costs none of them its place", async () => {
    const ward = await hub.createRoom(wong, []);
    const known = await hub.seal(cheung, room, "known");
    expectOk(await hub.append(cheung, room, [known]), "before");
    const fresh = await hub.seal(cheung, room, "new");
    const elsewhere = await hub.seal(wong, ward, "elsewhere");
    const replies = await Promise.all([
      hub.append(wong, ward, [elsewhere]),
      hub.append(cheung, room, [known, fresh]),
      hub.append(cheung, room, [fresh]),
    ]);
    const accepted = replies.map((reply) => expectOk(reply, "together").accepted.map(({ repeated }) => repeated));
    expect([accepted[0], accepted[1]?.[0]]).toEqual([[false], true]);
    expect(new Set([accepted[1]?.[1], accepted[2]?.[0]])).toEqual(new Set([false, true]));
    const stored = (await Promise.all([feedOf(cheung, room), feedOf(wong, ward)])).map((feed) =>
      expectOk(feed, "feed").parts.map((bytes) => Buffer.from(bytes).toString("hex")),
    );
    const times = (feed: number, { envelope }: { readonly envelope: Uint8Array }) =>
      stored[feed]?.filter((hex) => hex === Buffer.from(envelope).toString("hex")).length;
    expect([times(0, known), times(0, fresh), times(1, elsewhere)]).toEqual([1, 1, 1]);
  });

  it("under an object id that is taken by other bytes is refused with what took it", async () => {
    const sealed = await hub.seal(cheung, room, "mine");
    expectOk(await hub.append(cheung, room, [sealed]), "first");
    const other = { oid: sealed.oid, envelope: (await hub.seal(wong, room, "other")).envelope };
    const reply = expectOk(await hub.append(wong, room, [other]), "taken");
    expect(reply).toMatchObject({ accepted: [], stopped: { code: "OID_TAKEN", hash: hashOf(sealed) } });
  });

  it("that does not hold stops the request there: what came before it stands, what comes after waits", async () => {
    const [a, b, c] = [
      await hub.seal(wong, room, "a"),
      await hub.seal(wong, room, "b"),
      await hub.seal(wong, room, "c"),
    ];
    const elsewhere = { oid: b.oid, envelope: a.envelope };
    const reply = expectOk(await hub.append(wong, room, [a, elsewhere, c]), "prefix");
    expect(reply.accepted.map((one) => one.oid)).toEqual([a.oid]);
    expect(reply.stopped).toEqual({ oid: b.oid, code: "CONTEXT_MISMATCH" });
    const rest = expectOk(await hub.append(wong, room, [a, b, c]), "rest");
    expect(rest.accepted.map((one) => one.repeated)).toEqual([true, false, false]);
  });

  it("is written neither by who may only read nor by a stranger", async () => {
    const lau = await hub.addPerson("lau");
    const ward = await hub.createRoom(cheung, [{ user: lau, role: "reader" }]);
    const reply = expectOk(await hub.append(lau, ward, [await hub.seal(lau, ward, "hello")]), "reader");
    expect(reply).toMatchObject({ accepted: [], stopped: { code: "ROLE_REFUSED" } });
    const sealed = await hub.seal(cheung, ward, "hello");
    expect(await hub.append(wong, ward, [sealed])).toMatchObject({ ok: false, error: { code: "FORBIDDEN" } });
  });
});

describe("after a removal", () => {
  it("the others must use the new epoch, and the removed person is refused everything at once", async () => {
    const team = await hub.createRoom(cheung, [{ user: wong, role: "writer" }]);
    const old = await hub.seal(cheung, team, "sealed before");
    const his = await hub.seal(wong, team, "his, sealed before");
    const accepted = await hub.seal(wong, team, "his, accepted before");
    expectOk(await hub.append(wong, team, [accepted]), "before");
    expectOk(await hub.commit(cheung, team, { rm: [{ userId: wong.userId, code: "left" }] }), "remove");

    const stale = expectOk(await hub.append(cheung, team, [old]), "stale");
    expect(stale).toMatchObject({ accepted: [], stopped: { oid: old.oid, code: "STALE_EPOCH" } });
    expectOk(await hub.append(cheung, team, [await hub.seal(cheung, team, "sealed after")]), "after");

    const refused = { ok: false, error: { code: "FORBIDDEN" } };
    expect(await hub.append(wong, team, [his])).toMatchObject(refused);
    expect(await feedOf(wong, team)).toMatchObject(refused);
    for (const chainId of [team.compId, team.spaceId])
      expect(await wong.api.call(linksList, { params: { chainId } })).toMatchObject(refused);
    const { spaces } = expectOk(await wong.api.call(spacesList, {}), "spaces").head;
    expect(spaces.map((space) => space.spaceId)).not.toContain(team.spaceId);
    // What he had delivered stays delivered: the retry learns the place.
    const retry = expectOk(await hub.append(wong, team, [accepted]), "retry");
    expect(retry.accepted).toMatchObject([{ oid: accepted.oid, repeated: true }]);
  });

  it("what was written before stands in the log before the removal", async () => {
    const team = await hub.createRoom(cheung, [{ user: wong, role: "writer" }]);
    expectOk(await hub.append(wong, team, [await hub.seal(wong, team, "last words")]), "before");
    expectOk(await hub.commit(cheung, team, { rm: [{ userId: wong.userId, code: "left" }] }), "remove");
    const { links } = expectOk(await cheung.api.call(linksList, { params: { chainId: team.compId } }), "links").head;
    const call = { params: { compId: team.compId }, query: { from: 0 } };
    const { leaves } = expectOk(await cheung.api.call(entriesLeaves, call), "leaves").head;
    const covering = leaves.find(({ leaf }) => expectOk(parseLogLeaf(leaf), "leaf").n >= 3);
    expect(covering?.logIndex).toBeLessThan(links.at(-1)?.logIndex ?? 0);
  });
});

describe("the sequencer", () => {
  it("logs what was pending when the hub stopped, before anything else", async () => {
    await hub.restart();
    const [before] = await hub.sql<{ edge: Uint8Array }[]>`SELECT edge FROM log_tail`;
    const edge = present(decodeEdge(present(before).edge));
    expectOk(await hub.append(cheung, room, [await hub.seal(cheung, room, "pending")]), "append");
    // As if it had been killed between the acknowledgement and the line of the log.
    await hub.restart(async () => {
      await hub.sql`DELETE FROM log_leaves WHERE idx >= ${edge.size}`;
      await hub.sql`DELETE FROM log_nodes WHERE (idx + 1) * 2 ^ level > ${edge.size}`;
      await hub.sql`UPDATE log_tail SET edge = ${encodeEdge(edge)}`;
    });
    const { total } = expectOk(await feedOf(cheung, room), "feed").head;
    const { leaves } = expectOk(
      await cheung.api.call(entriesLeaves, { params: { compId: room.compId }, query: { from: 0 } }),
      "leaves",
    ).head;
    expect(leaves.map(({ leaf }) => expectOk(parseLogLeaf(leaf), "leaf").n)).toContain(total);
    const keys = expectOk(await hub.anonymous.call(metaGet, {}), "meta").head;
    const note = new TextDecoder().decode(expectOk(await hub.anonymous.call(logCheckpoint, {}), "checkpoint").raw);
    expect(await verifyCheckpoint(note, keys)).toMatchObject({ ok: true });
  });
});
