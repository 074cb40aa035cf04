import { bytesToId16, type CompId, concatBytes, expectOk, type Oid, type SpaceId, toBytes } from "@caseroom/contract";
import { EMPTY_ROOT, FLOE_HEADER_BYTES, leafHash, SEGMENT_BYTES } from "@caseroom/crypto/verify";
import { describe, expect, it } from "vitest";
import { openBlob } from "./blob.ts";
import { sealBlob } from "./blob-sealer.ts";
import { createTestConsortium, flipByte, type TestConsortium, type TestUser } from "./consortium-for-testing.ts";
import { openEntry, sealEntry } from "./entry.ts";
import type { EntryContent, EntryPlace } from "./entry-content.ts";
import { parseEnvelope } from "./envelope.ts";
import type { SealTo } from "./envelope-seal.ts";
import { openMark, sealMark } from "./mark.ts";

const see = { n: 0, hash: EMPTY_ROOT, feedN: 0, feedHead: EMPTY_ROOT };

function say(author: TestUser, text: string, kind = "chat"): EntryContent {
  const cp = { size: 0, root: EMPTY_ROOT };
  return {
    author: author.userId,
    as: 1,
    ap: null,
    see,
    cp,
    t: 1,
    kind,
    role: "writer",
    body: new Map([["text", text]]),
  };
}

async function seal(world: TestConsortium, author: TestUser, place: EntryPlace, to?: SealTo) {
  const oid = bytesToId16<Oid>(world.random(16));
  if (oid === undefined) throw new Error("16 bytes");
  const keyring = to ?? { keyring: await world.keyringOf(author, place.compId) };
  const content = say(author, "Potassium is 6.1, calling you now", to === undefined ? "chat" : "fhir");
  const sealed = await sealEntry({
    place,
    oid,
    content,
    signing: author.device.signing,
    to: keyring,
    random: world.random,
  });
  return expectOk(sealed, "seal").envelope;
}

async function open(world: TestConsortium, reader: TestUser, place: EntryPlace, bytes: Uint8Array) {
  const envelope = parseEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const keyring = await world.keyringOf(reader, place.compId);
  const at = world.nextMoment();
  return openEntry({
    envelope: envelope.value,
    place,
    keyring,
    view: world.directory,
    comp: world.compState(place.compId),
    at,
  });
}

async function room(role: "writer" | "reader" | "depositor" = "writer") {
  const world = await createTestConsortium();
  const cheung = await world.addUser("Dr Cheung");
  const wong = await world.addUser("Dr Wong", role === "depositor" ? "gateway" : "person");
  const { spaceId, compId } = await world.createRoom(cheung, [{ user: wong, role }]);
  const place: EntryPlace = { consortiumId: world.consortiumId, spaceId, compId };
  return { world, cheung, wong, place };
}

describe("an entry", () => {
  it("reaches the other reader with its author", async () => {
    const { world, cheung, wong, place } = await room();
    const opened = expectOk(await open(world, cheung, place, await seal(world, wong, place)), "open");
    expect(opened).toMatchObject({ author: wong.userId, kind: "chat", kid: wong.device.signing.kid });
    expect(opened.body).toEqual(new Map([["text", "Potassium is 6.1, calling you now"]]));
  });

  it("can be deposited by who cannot read it", async () => {
    const { world, cheung, wong, place } = await room("depositor");
    const epoch = world.compState(place.compId).epochs.at(-1);
    if (epoch === undefined) throw new Error("no epoch");
    const bytes = await seal(world, wong, place, { e: epoch.e, inboxKey: epoch.inboxKey });
    expect(await open(world, cheung, place, bytes)).toMatchObject({ ok: true, value: { kind: "fhir" } });
  });

  it("does not survive a single changed byte", async () => {
    const { world, cheung, wong, place } = await room();
    const bytes = await seal(world, wong, place);
    const keyring = await world.keyringOf(cheung, place.compId);
    const comp = world.compState(place.compId);
    for (let i = 0; i < bytes.length; i++) {
      const envelope = parseEnvelope(flipByte(bytes, i));
      if (!envelope.ok) continue;
      const opened = await openEntry({
        envelope: envelope.value,
        place,
        keyring,
        view: world.directory,
        comp,
        at: world.nextMoment(),
      });
      expect(opened.ok, `byte ${i}`).toBe(false);
    }
  });

  it("means nothing in another compartment or another case", async () => {
    const { world, cheung, wong, place } = await room();
    const bytes = await seal(world, wong, place);
    const other = await world.createRoom(cheung, [{ user: wong, role: "writer" }]);
    const moved = { ...place, compId: other.compId };
    expect(await open(world, cheung, moved, bytes)).toMatchObject({ ok: false, error: { code: "CONTEXT_MISMATCH" } });
    expect((await open(world, cheung, { ...place, spaceId: other.spaceId as SpaceId }, bytes)).ok).toBe(false);
    expect(
      (await open(world, cheung, { ...moved, compId: place.compId as CompId, spaceId: other.spaceId }, bytes)).ok,
    ).toBe(false);
  });

  it("from a device that was removed is refused, but what was accepted in time still holds", async () => {
    const { world, cheung, wong, place } = await room();
    const bytes = await seal(world, wong, place);
    const covered = world.nextMoment();
    expectOk(await world.commit(cheung, place.compId, { rm: [{ userId: wong.userId, code: "left" }] }), "rm");
    const envelope = expectOk(parseEnvelope(bytes), "envelope");
    const keyring = await world.keyringOf(cheung, place.compId);
    const comp = world.compState(place.compId);
    const base = { envelope, place, keyring, view: world.directory, comp };
    expect((await openEntry({ ...base, at: covered })).ok).toBe(true);
    const later = { index: covered.index + 50, ts: covered.ts + 60_000 };
    expect(await openEntry({ ...base, at: later })).toMatchObject({ ok: false, error: { code: "AUTHOR_INVALID" } });
  });

  it("of a reader who may not write is refused", async () => {
    const { world, cheung, wong, place } = await room("reader");
    const bytes = await seal(world, wong, place);
    expect(await open(world, cheung, place, bytes)).toMatchObject({ ok: false, error: { code: "AUTHOR_INVALID" } });
  });

  it("under another reader's name is refused", async () => {
    const { world, cheung, wong, place } = await room();
    const oid = bytesToId16<Oid>(world.random(16));
    if (oid === undefined) throw new Error("16 bytes");
    const content = say(cheung, "I agree to the operation");
    const to = { keyring: await world.keyringOf(wong, place.compId) };
    const forged = expectOk(
      await sealEntry({ place, oid, content, signing: wong.device.signing, to, random: world.random }),
      "seal",
    );
    expect(await open(world, cheung, place, forged.envelope)).toMatchObject({
      ok: false,
      error: { code: "AUTHOR_INVALID" },
    });
  });
});

describe("a mark", () => {
  it("says who has read how far, and nobody else can say it", async () => {
    const { world, cheung, wong, place } = await room();
    const oid = bytesToId16<Oid>(world.random(16));
    if (oid === undefined) throw new Error("16 bytes");
    const to = { keyring: await world.keyringOf(wong, place.compId) };
    const mark = { author: wong.userId, delivered: 5, read: 4, t: 9 };
    const bytes = expectOk(
      await sealMark({ place, oid, mark, signing: wong.device.signing, to, random: world.random }),
      "seal",
    );
    const keyring = await world.keyringOf(cheung, place.compId);
    const base = { place, keyring, view: world.directory, at: world.nextMoment() };
    const envelope = expectOk(parseEnvelope(bytes), "envelope");
    expect(await openMark({ ...base, envelope })).toMatchObject({
      ok: true,
      value: { author: wong.userId, delivered: 5, read: 4 },
    });
    const asEntry = await openEntry({ ...base, envelope, comp: world.compState(place.compId) });
    expect(asEntry).toMatchObject({ ok: false, error: { code: "COSE_INVALID" } });
    const lie = { ...mark, author: cheung.userId };
    const forged = expectOk(
      await sealMark({ place, oid, mark: lie, signing: wong.device.signing, to, random: world.random }),
      "seal",
    );
    expect((await openMark({ ...base, envelope: expectOk(parseEnvelope(forged), "envelope") })).ok).toBe(false);
  });
});

describe("a blob", () => {
  it("opens as it was, and a change in header, at a segment's edge or anywhere else is refused", async () => {
    const { world } = await room();
    const plaintext = world.random(600_000);
    const { consortiumId, random } = world;
    const { descriptor, stored } = await sealBlob({
      consortiumId,
      plaintext,
      mediaType: "application/pdf",
      name: "letter.pdf",
      random,
    });
    const tree = treeOf(stored);
    expect(expectOk(await openBlob(descriptor, consortiumId, stored, tree), "open")).toEqual(plaintext);
    const edges = [FLOE_HEADER_BYTES, FLOE_HEADER_BYTES + SEGMENT_BYTES, FLOE_HEADER_BYTES + 2 * SEGMENT_BYTES];
    const some = Array.from(
      { length: 60 },
      (_, i) => FLOE_HEADER_BYTES + ((i * 10_007) % (stored.length - FLOE_HEADER_BYTES)),
    );
    for (const at of [...edges, ...edges.map((edge) => edge - 1).slice(1), ...some, stored.length - 1]) {
      const changed = flipByte(stored, at);
      expect((await openBlob(descriptor, consortiumId, changed, tree)).ok, `byte ${at}`).toBe(false);
      // A hub that also swaps the list of hashes meets the signed root.
      expect((await openBlob(descriptor, consortiumId, changed, treeOf(changed))).ok, `byte ${at}`).toBe(false);
    }
    for (let at = 0; at < FLOE_HEADER_BYTES; at++) {
      const lie = { ...descriptor, floeHeader: flipByte(descriptor.floeHeader, at) };
      expect((await openBlob(lie, consortiumId, stored, tree)).ok, `header ${at}`).toBe(false);
    }
    const shortened = toBytes(stored.subarray(0, FLOE_HEADER_BYTES + 2 * SEGMENT_BYTES));
    expect((await openBlob(descriptor, consortiumId, shortened, treeOf(shortened))).ok).toBe(false);
  });
});

function treeOf(stored: Uint8Array) {
  const leaves: Uint8Array[] = [];
  for (let at = FLOE_HEADER_BYTES; at < stored.length; at += SEGMENT_BYTES)
    leaves.push(leafHash(stored.subarray(at, at + SEGMENT_BYTES)));
  return concatBytes(...leaves);
}
