import { type Bytes, type CompId, expectOk, idToBytes, type UserId } from "@caseroom/contract";
import { type CborValue, digestOf } from "@caseroom/crypto/verify";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change } from "./commit-build.ts";
import {
  createTestConsortium,
  createTestDevice,
  type TestConsortium,
  type TestUser,
} from "./consortium-for-testing.ts";
import { applyBatch, createDirectory, type Directory } from "./directory.ts";
import { parseLink } from "./link.ts";
import { signLink } from "./link-sign.ts";
import { ROLES, type Role } from "./role.ts";
import {
  addDevice,
  encodeDeviceRequest,
  parseDeviceRequest,
  revokeDevice,
  rotatePuk,
  signPossession,
} from "./user-build.ts";

describe("a compartment", () => {
  it("lets a joiner open all of the history", async () => {
    const world = await createTestConsortium();
    const cheung = await world.addUser("Dr Cheung");
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(cheung, []);
    for (let i = 0; i < 3; i++) expectOk(await world.commit(cheung, compId, { refresh: true }), "refresh");
    expectOk(await world.commit(cheung, compId, { add: [{ userId: wong.userId, role: "writer" }] }), "add");
    const his = await world.keyringOf(wong, compId);
    const hers = await world.keyringOf(cheung, compId);
    expect(his.newest).toBe(4);
    for (const e of [1, 2, 3, 4]) expect(his.epoch(e)?.secret).toEqual(hers.epoch(e)?.secret);
  });

  it("gives a removed person no later key, and the removal a new epoch", async () => {
    const world = await createTestConsortium();
    const cheung = await world.addUser("Dr Cheung");
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(cheung, [{ user: wong, role: "writer" }]);
    const before = await world.keyringOf(wong, compId);
    expectOk(await world.commit(cheung, compId, { rm: [{ userId: wong.userId, code: "left" }] }), "rm");
    expect(world.compState(compId).epochs.at(-1)?.e).toBe(2);
    expect(before.newest).toBe(1);
    expect(await world.tryKeyring(wong, compId)).toMatchObject({ ok: false });
    const now = await world.keyringOf(cheung, compId);
    // Nothing that he holds opens a wrap of the new epoch.
    const puk = await world.pukOf(wong);
    for (const ref of world.compState(compId).wraps.values()) expect(puk.keyOf(ref.pukGen + 1)).toBeUndefined();
    expect(now.epoch(2)?.secret).not.toEqual(before.epoch(1)?.secret);
  });

  it("refuses a ghost: a wrap for somebody who is no member", async () => {
    const world = await createTestConsortium();
    const cheung = await world.addUser("Dr Cheung");
    const ghost = await world.addUser("Nobody's colleague");
    const { compId } = await world.createRoom(cheung, []);
    const draft = await world.draftCommit(cheung, compId, { refresh: true });
    const honest = draft.links[0]?.body;
    const ep = honest?.get("ep");
    if (!(ep instanceof Map)) throw new Error("no epoch");
    const wl: readonly CborValue[] = Array.isArray(ep.get("wl")) ? ep.get("wl") : [];
    const extended = [...wl, [idToBytes(ghost.userId), 1, idToBytes(digestOf(new Uint8Array(3)))]].sort((a, b) =>
      Buffer.compare(Buffer.from((a as [Bytes])[0]), Buffer.from((b as [Bytes])[0])),
    );
    const body = new Map(honest).set("ep", new Map(ep).set("wl", extended));
    const comp = world.compState(compId);
    const head = { chainId: compId, n: comp.head.n, hash: comp.head.hash };
    const cp = { size: 0, root: new Uint8Array(32) };
    const link = await signLink(
      { ct: "comp", head, op: "commit", body, cp, nowMs: 1 },
      [cheung.device.signing],
      world.consortiumId,
    );
    expect(await world.accept({ links: [link], wraps: draft.wraps })).toMatchObject({
      ok: false,
      error: { code: "STALE_VIEW" },
    });
  });

  it("lets no reader, writer or stranger add anybody", async () => {
    const world = await createTestConsortium();
    const cheung = await world.addUser("Dr Cheung");
    const nurse = await world.addUser("Nurse Lau");
    const other = await world.addUser("Mr Ho");
    for (const role of ["reader", "writer", "rotator"] as const) {
      const { compId } = await world.createRoom(cheung, [{ user: nurse, role }]);
      const draft = await world.draftCommit(nurse, compId, { add: [{ userId: other.userId, role: "writer" }] });
      expect(await world.accept(draft)).toMatchObject({ ok: false, error: { code: "LINK_REFUSED" } });
    }
  });

  it("is read by nobody but its readers: a depositor gets no wrap and cannot hand out keys", async () => {
    const world = await createTestConsortium();
    const cheung = await world.addUser("Dr Cheung");
    const lab = await world.addUser("Laboratory", "gateway");
    const { compId } = await world.createRoom(cheung, [{ user: lab, role: "depositor" }]);
    expect(world.compState(compId).wraps.has(lab.userId)).toBe(false);
    expect((await world.tryKeyring(lab, compId)).ok).toBe(false);
  });

  it("makes a commit that raced a new key look again", async () => {
    const world = await createTestConsortium();
    const cheung = await world.addUser("Dr Cheung");
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(cheung, [{ user: wong, role: "writer" }]);
    const late = await world.draftCommit(cheung, compId, { refresh: true });
    const user = world.directory.user(wong.userId);
    if (user === undefined) throw new Error("no user");
    const { seed } = await world.pukOf(wong);
    expectOk(await world.accept(await rotatePuk({ ...world.common(wong), user, seed })), "rotate");
    expect(await world.accept(late)).toMatchObject({ ok: false, error: { code: "STALE_VIEW" } });
    expectOk(await world.commit(cheung, compId, { refresh: true }), "looked again");
    expect((await world.keyringOf(wong, compId)).newest).toBe(2);
  });

  it("must let go of a member whom no institution vouches for any more", async () => {
    const world = await createTestConsortium();
    const cheung = await world.addUser("Dr Cheung");
    const wong = await world.addUser("Dr Wong");
    const ho = await world.addUser("Dr Ho");
    const { compId } = await world.createRoom(cheung, [{ user: wong, role: "writer" }]);
    const late = await world.draftCommit(cheung, compId, { add: [{ userId: ho.userId, role: "writer" }] });
    expectOk(await world.signForOrg({ op: "cred.revoke", userId: wong.userId }), "revoke");
    expect(await world.accept(late)).toMatchObject({ ok: false, error: { code: "STALE_VIEW" } });
    expectOk(await world.commit(cheung, compId, { add: [{ userId: ho.userId, role: "writer" }] }), "with the removal");
    expect(world.compState(compId).members.has(wong.userId)).toBe(false);
  });

  it("hides nothing: the same links give the same state to whoever replays them", async () => {
    const kinds = fc.constantFrom("add" as const, "rm" as const, "role" as const, "refresh" as const);
    const step = fc.record({ kind: kinds, who: fc.nat(3), role: fc.constantFrom(...ROLES) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const world = await createTestConsortium("random history");
        const admin = await world.addUser("Admin");
        const people: TestUser[] = [];
        for (let i = 0; i < 4; i++) people.push(await world.addUser(`Person ${i}`));
        const { compId } = await world.createRoom(admin, []);
        for (const { kind, who, role } of steps) {
          const user = people[who];
          if (user !== undefined) await play(world, { admin, user, compId, kind, role });
        }
        const replayed = await replay(world);
        expect(replayed.comp(compId)).toEqual(world.compState(compId));
        for (const person of people) await expectEntitled(world, admin, person, compId);
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});

type Play = {
  readonly admin: TestUser;
  readonly user: TestUser;
  readonly compId: CompId;
  readonly kind: "add" | "rm" | "role" | "refresh";
  readonly role: Role;
};

async function play(world: TestConsortium, { admin, user, compId, kind, role }: Play): Promise<void> {
  const held = world.compState(compId).members.get(user.userId);
  const change = changeFor(kind, user.userId, held?.role, role);
  if (change !== undefined) expectOk(await world.commit(admin, compId, change), kind);
}

function changeFor(kind: Play["kind"], userId: UserId, held: Role | undefined, role: Role): Change | undefined {
  if (kind === "refresh") return { refresh: true };
  if (kind === "add") return held === undefined ? { add: [{ userId, role }] } : undefined;
  if (held === undefined) return undefined;
  if (kind === "rm") return { rm: [{ userId, code: "left" }] };
  return held === role ? undefined : { role: [{ userId, role }] };
}

/** Batches were accepted whole; a genesis and its first link share one. */
async function replay(world: TestConsortium): Promise<Directory> {
  const replayed = createDirectory();
  for (let i = 0; i < world.accepted.length; ) {
    const rest = world.accepted.slice(i);
    const size = batchSize(rest);
    const layer = expectOk(await applyBatch(replayed, rest.slice(0, size)), "replay");
    for (const state of layer.states()) replayed.set(state);
    i += size;
  }
  return replayed;
}

/** Who reads opens every epoch; who does not opens none of the present. */
async function expectEntitled(world: TestConsortium, admin: TestUser, person: TestUser, compId: CompId): Promise<void> {
  const newest = await world.keyringOf(admin, compId);
  const role = world.compState(compId).members.get(person.userId)?.role;
  const opened = await world.tryKeyring(person, compId);
  expect(opened.ok).toBe(role !== undefined && role !== "depositor");
  if (!opened.ok) return;
  for (let e = 1; e <= newest.newest; e++) expect(opened.value.epoch(e)?.secret).toEqual(newest.epoch(e)?.secret);
}

function batchSize(
  rest: readonly { readonly link: { readonly ct: string; readonly op: string; readonly isGenesis: boolean } }[],
): number {
  const first = rest[0]?.link;
  if (first?.isGenesis !== true) return 1;
  if (first.ct === "user") return 2;
  return first.ct === "space" ? rest.findIndex((one) => one.link.op === "comp.add") + 1 : 1;
}

describe("a person's devices", () => {
  it("a further device opens everything the first one does, and nothing after it was revoked", async () => {
    const world = await createTestConsortium();
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(wong, []);
    const phone = await createTestDevice(world.random);
    const user = world.directory.user(wong.userId);
    if (user === undefined) throw new Error("no user");
    const possession = await signPossession({ consortiumId: world.consortiumId, user, device: phone.device });
    const request = expectOk(parseDeviceRequest(encodeDeviceRequest(phone.device, possession)), "request");
    const { seed } = await world.pukOf(wong);
    expectOk(
      await world.accept(
        await addDevice({ ...world.common(wong), user, seed, request, possession: request.possession }),
      ),
      "add",
    );
    const onPhone = await world.pukOf(wong, phone.kemKey, phone.device.signing.kid);
    expect(onPhone.seed).toEqual(seed);
    const now = world.directory.user(wong.userId);
    if (now === undefined) throw new Error("no user");
    const revoked = await revokeDevice({ ...world.common(wong), user: now, seed, kid: phone.device.signing.kid });
    expectOk(await world.accept(revoked), "revoke");
    await expect(world.pukOf(wong, phone.kemKey, phone.device.signing.kid)).rejects.toThrow("WRAP_INVALID");
    expectOk(await world.commit(wong, compId, { refresh: true }), "still works on the first");
  });

  it("nobody enrols a device that is not theirs", async () => {
    const world = await createTestConsortium();
    const wong = await world.addUser("Dr Wong");
    const stolen = await createTestDevice(world.random);
    const user = world.directory.user(wong.userId);
    if (user === undefined) throw new Error("no user");
    const mine = await createTestDevice(world.random);
    const possession = await signPossession({ consortiumId: world.consortiumId, user, device: mine.device });
    const request = expectOk(parseDeviceRequest(encodeDeviceRequest(stolen.device, possession)), "request");
    const { seed } = await world.pukOf(wong);
    const draft = await addDevice({ ...world.common(wong), user, seed, request, possession });
    expect(await world.accept(draft)).toMatchObject({ ok: false, error: { code: "SIGNATURE_INVALID" } });
  });
});

describe("a link", () => {
  it("has one encoding: two more that an easier decoder would accept are refused", async () => {
    const world = await createTestConsortium();
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(wong, []);
    const bytes = (await world.draftCommit(wong, compId, { refresh: true })).links[0]?.bytes ?? new Uint8Array(0);
    expect(parseLink(bytes).ok).toBe(true);
    // The array of four with an indefinite length, and with a length in two bytes.
    const indefinite = new Uint8Array([0x9f, ...bytes.subarray(1), 0xff]);
    const longer = new Uint8Array([0x98, 0x04, ...bytes.subarray(1)]);
    expect(parseLink(indefinite)).toMatchObject({ ok: false, error: { code: "COSE_INVALID" } });
    expect(parseLink(longer)).toMatchObject({ ok: false, error: { code: "COSE_INVALID" } });
  });

  it("does not survive a single changed byte", async () => {
    const world = await createTestConsortium();
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(wong, []);
    const draft = await world.draftCommit(wong, compId, { refresh: true });
    const bytes = draft.links[0]?.bytes ?? new Uint8Array(0);
    expect(bytes.length).toBeGreaterThan(1000);
    for (let i = 0; i < bytes.length; i++) {
      const changed = new Uint8Array(bytes);
      changed[i] = (changed[i] ?? 0) ^ 0x01;
      const parsed = parseLink(changed);
      if (!parsed.ok) continue;
      const verdict = await applyBatch(world.directory, [{ link: parsed.value, at: world.nextMoment() }]);
      expect(verdict.ok, `byte ${i}`).toBe(false);
    }
  });

  it("cannot publish a key to which nobody could seal", async () => {
    const world = await createTestConsortium();
    const wong = await world.addUser("Dr Wong");
    const { compId } = await world.createRoom(wong, []);
    const draft = await world.draftCommit(wong, compId, { refresh: true });
    const honest = draft.links[0]?.body;
    const ep = honest?.get("ep");
    if (!(ep instanceof Map)) throw new Error("no epoch");
    const poisoned = new Uint8Array(ep.get("ipk")).fill(0, 1184);
    const body = new Map(honest).set("ep", new Map(ep).set("ipk", poisoned));
    const comp = world.compState(compId);
    const head = { chainId: compId, n: comp.head.n, hash: comp.head.hash };
    const cp = { size: 0, root: new Uint8Array(32) };
    const link = await signLink(
      { ct: "comp", head, op: "commit", body, cp, nowMs: 1 },
      [wong.device.signing],
      world.consortiumId,
    );
    expect(await world.accept({ links: [link], wraps: draft.wraps })).toMatchObject({
      ok: false,
      error: { code: "KEY_INVALID" },
    });
  });
});
