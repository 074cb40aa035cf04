import { type Bytes, bytesToId16, expectOk, idToBytes, type Oid, type Result, toBytes } from "@caseroom/contract";
import { EMPTY_ROOT, FLOE_HEADER_BYTES, leafHash, SEGMENT_BYTES } from "@caseroom/crypto/verify";
import { describe, expect, it } from "vitest";
import { applyLink } from "./apply-link.ts";
import { createBlobReader } from "./blob.ts";
import { sealBlob } from "./blob-sealer.ts";
import { createTestConsortium, createTestDevice, flipByte, type TestConsortium } from "./consortium-for-testing.ts";
import { createDirectory } from "./directory.ts";
import { parseEnvelope } from "./envelope.ts";
import { type ParsedLink, parseLink } from "./link.ts";
import { openMark, sealMark } from "./mark.ts";
import type { Moment } from "./moment.ts";
import { verifyReceipt, verifySessionStatement, verifyTicket } from "./statements.ts";
import { signReceipt, signSession, signTicket } from "./statements-sign.ts";
import { addDevice, encodeDeviceRequest, parseDeviceRequest, revokeDevice, signPossession } from "./user-build.ts";
import { epochWrapInfo, openWrap, pukWrapInfo } from "./wrap.ts";

/** Objects up to this size are changed at every byte. */
const WHOLE_BYTES = 8192;

type Dated = { readonly link: ParsedLink; readonly at: Moment };

/** A history with every kind of link that hands out or takes away something. */
async function richHistory(): Promise<TestConsortium> {
  const world = await createTestConsortium("mutation");
  const cheung = await world.addUser("Dr Cheung");
  const wong = await world.addUser("Dr Wong");
  const { compId } = await world.createRoom(cheung, []);
  expectOk(await world.commit(cheung, compId, { add: [{ userId: wong.userId, role: "writer" }] }), "add");
  expectOk(await world.commit(cheung, compId, { rm: [{ userId: wong.userId, code: "left" }] }), "rm");
  const user = () => {
    const state = world.directory.user(wong.userId);
    if (state === undefined) throw new Error("a user");
    return state;
  };
  const phone = await createTestDevice(world.random);
  const possession = await signPossession({ consortiumId: world.consortiumId, user: user(), device: phone.device });
  const request = expectOk(parseDeviceRequest(encodeDeviceRequest(phone.device, possession)), "request");
  const { seed } = await world.pukOf(wong);
  expectOk(
    await world.accept(await addDevice({ ...world.common(wong), user: user(), seed, request, possession })),
    "device.add",
  );
  const kid = phone.device.signing.kid;
  expectOk(await world.accept(await revokeDevice({ ...world.common(wong), user: user(), seed, kid })), "device.revoke");
  expectOk(await world.signForOrg({ op: "cred.revoke", userId: wong.userId }), "cred.revoke");
  return world;
}

/** The batches in which links were accepted: a genesis and its first link share one. */
function batchesOf(accepted: readonly Dated[]): readonly (readonly Dated[])[] {
  const batches: Dated[][] = [];
  for (const dated of accepted) {
    const open = batches.at(-1);
    const first = open?.[0]?.link;
    const continuesUser = first?.ct === "user" && first.isGenesis && open?.length === 1;
    const continuesSpace = first?.ct === "space" && first.isGenesis && open?.at(-1)?.link.op !== "comp.add";
    if (open !== undefined && (continuesUser || continuesSpace)) open.push(dated);
    else batches.push([dated]);
  }
  return batches;
}

/** Every byte at which a changed copy is accepted where the original was; empty when the rules are whole. */
async function acceptedChanges(
  bytes: Bytes,
  accepts: (changed: Bytes) => Promise<boolean>,
): Promise<readonly number[]> {
  expect(bytes.length).toBeLessThanOrEqual(WHOLE_BYTES);
  const accepted: number[] = [];
  for (let i = 0; i < bytes.length; i++) if (await accepts(flipByte(bytes, i))) accepted.push(i);
  return accepted;
}

const holds = async (result: Promise<Result<unknown, unknown>>): Promise<boolean> => (await result).ok;

describe("a change of a single byte", () => {
  it("makes any link of any chain unacceptable in its place", async () => {
    const world = await richHistory();
    const directory = createDirectory();
    for (const batch of batchesOf(world.accepted)) {
      // Within a batch each link stands on those before it.
      const layer = createDirectory(directory);
      for (const { link, at } of batch) {
        const changes = await acceptedChanges(link.bytes, async (changed) => {
          const parsed = parseLink(changed);
          return parsed.ok && (await holds(applyLink(layer, parsed.value, at)));
        });
        expect(changes, `${link.ct}/${link.op}`).toEqual([]);
        layer.set(expectOk(await applyLink(layer, link, at), "the history itself"));
      }
      for (const state of layer.states()) directory.set(state);
    }
  }, 300_000);

  it("makes a wrap of a user's key, or of an epoch, open nothing", async () => {
    const world = await createTestConsortium("wraps");
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(wong, []);
    const { consortiumId } = world;
    const user = world.directory.user(wong.userId);
    const own = user?.wraps.get(wong.device.signing.kid);
    const puk = user?.puks.at(-1);
    const comp = world.compState(compId);
    const ref = comp.wraps.get(wong.userId);
    const epoch = comp.epochs.at(-1);
    if (own === undefined || puk === undefined || ref === undefined || epoch === undefined) throw new Error("wraps");
    const pukPlace = {
      consortiumId,
      userId: wong.userId,
      g: own.generation,
      p: own.p,
      device: wong.device.signing.kid,
    };
    const pukWrap = toBytes(world.wraps.get(own.hash) ?? []);
    const openPukWrap = (wrap: Bytes) =>
      openWrap({ key: wong.kemKey, wrap, info: pukWrapInfo(pukPlace), aad: puk.publicKey });
    expect(await holds(openPukWrap(pukWrap))).toBe(true);
    expect(await acceptedChanges(pukWrap, (changed) => holds(openPukWrap(changed)))).toEqual([]);
    const key = (await world.pukOf(wong)).keyOf(ref.pukGen);
    if (key === undefined) throw new Error("a key");
    const place = {
      consortiumId,
      compId,
      e: ref.generation,
      p: ref.p,
      recipient: wong.userId,
      pukGen: ref.pukGen,
      signer: ref.signer,
    };
    const epochWrap = toBytes(world.wraps.get(ref.hash) ?? []);
    const openEpochWrap = (wrap: Bytes) => openWrap({ key, wrap, info: epochWrapInfo(place), aad: epoch.commitment });
    expect(await holds(openEpochWrap(epochWrap))).toBe(true);
    expect(await acceptedChanges(epochWrap, (changed) => holds(openEpochWrap(changed)))).toEqual([]);
  }, 180_000);

  it("makes a mark, a sign-in, a receipt and a ticket false", async () => {
    const world = await createTestConsortium("statements");
    const wong = await world.addUser("Dr Wong");
    const { spaceId, compId } = await world.createRoom(wong, []);
    const { consortiumId } = world;
    const key = wong.device.signing;
    const place = { consortiumId, spaceId, compId };
    const oid = bytesToId16<Oid>(world.random(16));
    if (oid === undefined) throw new Error("16 bytes");
    const keyring = await world.keyringOf(wong, compId);
    const mark = { author: wong.userId, delivered: 3, read: 2, t: 1 };
    const sealed = expectOk(
      await sealMark({ place, oid, mark, signing: key, to: { keyring }, random: world.random }),
      "mark",
    );
    const opens = async (bytes: Bytes) => {
      const envelope = parseEnvelope(bytes);
      return (
        envelope.ok &&
        holds(openMark({ envelope: envelope.value, place, keyring, view: world.directory, at: world.nextMoment() }))
      );
    };
    expect(await opens(sealed)).toBe(true);
    expect(await acceptedChanges(sealed, opens)).toEqual([]);

    const challenge = world.random(32);
    const session = await signSession({ key, consortiumId }, { challenge, audience: "http://hub.test" });
    const signsIn = (bytes: Bytes) =>
      holds(
        verifySessionStatement(bytes, {
          challenge,
          audience: "http://hub.test",
          consortiumId,
          publicKeyOf: () => key.publicKey,
        }),
      );
    expect(await signsIn(session)).toBe(true);
    expect(await acceptedChanges(session, signsIn)).toEqual([]);

    const receipt = await signReceipt({ key, consortiumId }, { spaceId, compId, n: 5, head: EMPTY_ROOT });
    const isReceipt = (bytes: Bytes) => holds(verifyReceipt(bytes, key.publicKey, consortiumId));
    expect(await isReceipt(receipt)).toBe(true);
    expect(await acceptedChanges(receipt, isReceipt)).toEqual([]);

    const { orgId, caKey } = world.org;
    const ticket = await signTicket(
      { key: caKey, consortiumId },
      { userId: wong.userId, orgId, staffId: "wong", exp: 2000 },
    );
    const admits = (bytes: Bytes) =>
      holds(verifyTicket(bytes, { consortiumId, caKeyOf: () => ({ orgId, publicKey: caKey.publicKey }), nowMs: 1000 }));
    expect(await admits(ticket)).toBe(true);
    expect(await acceptedChanges(ticket, admits)).toEqual([]);
    expect(idToBytes(consortiumId)).toHaveLength(32);
  }, 180_000);

  it("makes a blob's segment open nothing: header, edges of segments, and two thousand other places", async () => {
    const world = await createTestConsortium("blobs");
    const { consortiumId, random } = world;
    const plaintext = random(2 * SEGMENT_BYTES + 5000);
    const { descriptor, stored } = await sealBlob({
      consortiumId,
      plaintext,
      mediaType: "application/dicom",
      name: "ct.dcm",
      random,
    });
    const segments: Bytes[] = [];
    for (let at = FLOE_HEADER_BYTES; at < stored.length; at += SEGMENT_BYTES)
      segments.push(toBytes(stored.subarray(at, at + SEGMENT_BYTES)));
    const tree = toBytes(segments.flatMap((segment) => [...leafHash(segment)]));
    const reader = expectOk(await createBlobReader(descriptor, consortiumId, tree), "reader");
    const opens = async (index: number, bytes: Bytes) => (await reader.openSegment(index, bytes)).ok;
    for (const [index, segment] of segments.entries()) expect(await opens(index, segment)).toBe(true);
    const draw = new DataView(random(4 * 2000).buffer);
    const places = [
      ...segments.flatMap((segment, index) =>
        [0, 1, 2, 3, 4, 15, 16, segment.length - 17, segment.length - 1].map((at) => ({ index, at })),
      ),
      ...Array.from({ length: 2000 }, (_, i) => {
        const index = i % segments.length;
        return { index, at: draw.getUint32(4 * i) % (segments[index]?.length ?? 1) };
      }),
    ];
    const accepted: string[] = [];
    for (const { index, at } of places) {
      const segment = segments[index];
      if (segment !== undefined && (await opens(index, flipByte(segment, at)))) accepted.push(`${index}:${at}`);
    }
    expect(accepted).toEqual([]);
    for (let at = 0; at < FLOE_HEADER_BYTES; at++) {
      const lie = { ...descriptor, floeHeader: flipByte(descriptor.floeHeader, at) };
      const lying = await createBlobReader(lie, consortiumId, tree);
      expect(lying.ok && (await lying.value.openSegment(0, segments[0] ?? toBytes([]))).ok, `header ${at}`).toBe(false);
    }
  }, 180_000);
});
