import { type Bytes, type CompId, expectOk, idToBytes } from "@caseroom/contract";
import { sign1 } from "@caseroom/crypto/sign";
import {
  type CborMap,
  type CborValue,
  decodeStrict,
  encodeCbor,
  isCborMap,
  SIGNED_TYPES,
} from "@caseroom/crypto/verify";
import { describe, expect, it } from "vitest";
import {
  createTestConsortium,
  createTestDevice,
  type TestConsortium,
  type TestUser,
} from "./consortium-for-testing.ts";
import { applyBatch } from "./directory.ts";
import { judgeAuthor } from "./entry.ts";
import { type ParsedLink, parseLink } from "./link.ts";
import { NOTHING_SEEN, signLink } from "./link-sign.ts";
import { createSpace, signSpaceStatement } from "./space-build.ts";
import {
  addDevice,
  createUser,
  encodeDeviceRequest,
  parseDeviceRequest,
  revokeDevice,
  rotatePuk,
  signPossession,
} from "./user-build.ts";

async function twoDoctors() {
  const world = await createTestConsortium();
  const cheung = await world.addUser("Dr Cheung");
  const wong = await world.addUser("Dr Wong");
  const { spaceId, compId } = await world.createRoom(cheung, [{ user: wong, role: "writer" }]);
  return { world, cheung, wong, spaceId, compId };
}

function userOf(world: TestConsortium, user: TestUser) {
  const state = world.directory.user(user.userId);
  if (state === undefined) throw new Error("no user");
  return state;
}

async function own(world: TestConsortium, user: TestUser) {
  return { ...world.common(user), user: userOf(world, user), seed: (await world.pukOf(user)).seed };
}

function onlyLink(draft: { readonly links: readonly ParsedLink[] }): ParsedLink {
  const [link] = draft.links;
  if (link === undefined) throw new Error("no link");
  return link;
}

/** The same link with another body or op, properly signed: what a member with a modified client would send. */
function signAgain(world: TestConsortium, user: TestUser, link: ParsedLink, change: { op?: string; body?: CborMap }) {
  if (link.p === null) throw new Error("not a genesis");
  const head = { chainId: link.chainId, n: link.n, hash: link.p };
  const draft = { ct: link.ct, head, op: link.op, body: link.body, cp: link.cp, nowMs: 1, ...change };
  return signLink(draft, [user.device.signing], world.consortiumId);
}

async function verdictOn(world: TestConsortium, ...links: readonly ParsedLink[]): Promise<string> {
  const verdict = await world.accept({ links, wraps: [] });
  return verdict.ok ? "accepted" : verdict.error.code;
}

function epochOf(link: ParsedLink): CborMap {
  const ep = link.body.get("ep");
  if (!isCborMap(ep)) throw new Error("no epoch");
  return ep;
}

describe("a person's next key", () => {
  it.each([
    ["an X25519 half of low order", (key: Bytes) => key.fill(0, 1184)],
    ["an X25519 half that is the point of order four", (key: Bytes) => key.fill(0, 1185).fill(1, 1184, 1185)],
    ["ML-KEM coefficients beyond the modulus", (key: Bytes) => key.fill(0xff, 0, 3)],
    ["a coefficient that is exactly the modulus", (key: Bytes) => key.fill(0x01, 0, 1).fill(0x0d, 1, 2)],
  ])("is refused with %s", async (_what, poison) => {
    const { world, wong } = await twoDoctors();
    const honest = onlyLink(await rotatePuk(await own(world, wong)));
    const pk = honest.body.get("pk");
    if (!(pk instanceof Uint8Array)) throw new Error("no key");
    const body = new Map(honest.body).set("pk", poison(new Uint8Array(pk)));
    expect(await verdictOn(world, await signAgain(world, wong, honest, { body }))).toBe("KEY_INVALID");
    expect(await verdictOn(world, honest)).toBe("accepted");
  });

  it("is refused when it goes to fewer devices than are active, or brings no history", async () => {
    const { world, wong } = await twoDoctors();
    const honest = onlyLink(await rotatePuk(await own(world, wong)));
    const withW = new Map(honest.body).set("w", []);
    expect(await verdictOn(world, await signAgain(world, wong, honest, { body: withW }))).toBe("LINK_REFUSED");
    const forgetful = new Map([...honest.body].filter(([key]) => key !== "hist"));
    expect(await verdictOn(world, await signAgain(world, wong, honest, { body: forgetful }))).toBe("LINK_INVALID");
  });
});

describe("a revoked device", () => {
  async function withPhone() {
    const { world, cheung, wong, compId } = await twoDoctors();
    const phone = await createTestDevice(world.random);
    const user = userOf(world, wong);
    const possession = await signPossession({ consortiumId: world.consortiumId, user, device: phone.device });
    const request = expectOk(parseDeviceRequest(encodeDeviceRequest(phone.device, possession)), "request");
    expectOk(await world.accept(await addDevice({ ...(await own(world, wong)), request, possession })), "add");
    const revoke = async () => {
      const kid = phone.device.signing.kid;
      expectOk(await world.accept(await revokeDevice({ ...(await own(world, wong)), kid })), "revoke");
    };
    return { world, cheung, wong, compId, phone, revoke };
  }

  it("makes every commit that was under way look again: STALE_VIEW", async () => {
    const { world, cheung, compId, revoke } = await withPhone();
    const ho = await world.addUser("Dr Ho");
    const refresh = await world.draftCommit(cheung, compId, { refresh: true });
    const addition = await world.draftCommit(cheung, compId, { add: [{ userId: ho.userId, role: "reader" }] });
    await revoke();
    for (const late of [refresh, addition])
      expect(await world.accept(late)).toMatchObject({ ok: false, error: { code: "STALE_VIEW" } });
    expectOk(await world.commit(cheung, compId, { add: [{ userId: ho.userId, role: "reader" }] }), "looked again");
    expect(world.compState(compId).epochs.at(-1)?.e).toBe(2);
  });

  it("signs nothing any more, neither for its person nor in a compartment", async () => {
    const { world, wong, compId, phone, revoke } = await withPhone();
    await revoke();
    const stolen: TestUser = { ...wong, device: phone.device };
    const rotation = onlyLink(await rotatePuk(await own(world, wong)));
    expect(await verdictOn(world, await signAgain(world, stolen, rotation, {}))).toBe("DEVICE_REVOKED");
    const commit = onlyLink(await world.draftCommit(wong, compId, { refresh: true }));
    expect(await verdictOn(world, await signAgain(world, stolen, commit, {}))).toBe("DEVICE_REVOKED");
  });
});

describe("the admins", () => {
  it("of a space never become none", async () => {
    const { world, cheung, wong, spaceId } = await twoDoctors();
    const state = (op: "admin.add" | "admin.remove", user: TestUser) => {
      const space = world.directory.space(spaceId);
      if (space === undefined) throw new Error("no space");
      return signSpaceStatement(world.common(cheung), space, { op, userId: user.userId });
    };
    expect(await verdictOn(world, await state("admin.remove", cheung))).toBe("LINK_REFUSED");
    expect(await verdictOn(world, await state("admin.add", wong))).toBe("accepted");
    expect(await verdictOn(world, await state("admin.remove", cheung))).toBe("accepted");
    expect(await verdictOn(world, await state("admin.add", cheung))).toBe("LINK_REFUSED");
  });

  it("of a compartment never become none, by removal or by a lesser role", async () => {
    const { world, cheung, wong, compId } = await twoDoctors();
    const { userId } = cheung;
    for (const change of [{ rm: [{ userId, code: "left" }] }, { role: [{ userId, role: "reader" as const }] }])
      expect(await verdictOn(world, onlyLink(await world.draftCommit(cheung, compId, change)))).toBe("LINK_REFUSED");
    expectOk(await world.commit(cheung, compId, { role: [{ userId: wong.userId, role: "admin" }] }), "second admin");
    expectOk(await world.commit(wong, compId, { rm: [{ userId, code: "left" }] }), "the first leaves");
  });
});

describe("a ban", () => {
  it("must be followed by the removal: nothing else is accepted first, and the person does not come back", async () => {
    const { world, cheung, wong, spaceId, compId } = await twoDoctors();
    const late = await world.draftCommit(cheung, compId, { refresh: true });
    const space = world.directory.space(spaceId);
    if (space === undefined) throw new Error("no space");
    const ban = await signSpaceStatement(world.common(cheung), space, { op: "ban", userId: wong.userId });
    expect(await verdictOn(world, ban)).toBe("accepted");
    expect(await world.accept(late)).toMatchObject({ ok: false, error: { code: "STALE_VIEW" } });
    expectOk(await world.commit(cheung, compId, { refresh: true }), "with the removal");
    expect(world.compState(compId).members.has(wong.userId)).toBe(false);
    expect((await world.tryKeyring(wong, compId)).ok).toBe(false);
    const back = await world.draftCommit(cheung, compId, { add: [{ userId: wong.userId, role: "writer" }] });
    expect(await world.accept(back)).toMatchObject({ ok: false, error: { code: "STALE_VIEW" } });
  });
});

describe("a genesis", () => {
  it("of a compartment without its first commit is refused, and leaves nothing behind", async () => {
    const { world, cheung } = await twoDoctors();
    const plan = { kind: "case" as const, comps: [{ tier: 11, members: [] }] };
    const created = expectOk(await createSpace({ ...world.common(cheung), userId: cheung.userId }, plan), "space");
    const halved = created.links.filter((link) => link.op !== "commit");
    expect(await verdictOn(world, ...halved)).toBe("LINK_INVALID");
    expect(world.directory.space(created.spaceId)).toBeUndefined();
    expect(await verdictOn(world, ...created.links)).toBe("accepted");
  });

  it("of a person without the first key is refused", async () => {
    const { world } = await twoDoctors();
    const { device } = await createTestDevice(world.random);
    const { consortiumId, random } = world;
    const { links, userId } = await createUser({ consortiumId, kind: "person", device, nowMs: 1, random });
    expect(await verdictOn(world, ...links.slice(0, 1))).toBe("LINK_INVALID");
    expect(world.directory.user(userId)).toBeUndefined();
    expect(await verdictOn(world, ...links)).toBe("accepted");
  });

  it("and all that comes with it are taken whole: a bad last link leaves nothing of the batch", async () => {
    const { world, cheung, wong } = await twoDoctors();
    const created = expectOk(
      await createSpace(
        { ...world.common(cheung), userId: cheung.userId },
        { kind: "case", comps: [{ tier: 11, members: [] }] },
      ),
      "space",
    );
    const last = created.links.at(-1);
    if (last === undefined) throw new Error("no link");
    const foreign = await signAgain(world, wong, last, {});
    expect(await verdictOn(world, ...created.links.slice(0, -1), foreign)).toBe("LINK_REFUSED");
    expect(world.directory.space(created.spaceId)).toBeUndefined();
    for (const { compId } of created.comps) expect(world.directory.comp(compId)).toBeUndefined();
  });
});

describe("what phase 1 does not build", () => {
  it("history that is cut, handed out by segment or as a ring is refused by name", async () => {
    const { world, cheung, compId } = await twoDoctors();
    const ho = await world.addUser("Dr Ho");
    const refresh = onlyLink(await world.draftCommit(cheung, compId, { refresh: true }));
    const cut = new Map(refresh.body).set("ep", new Map(epochOf(refresh)).set("h", new Map([["m", "cut"]])));
    const ring = new Map(refresh.body).set("rl", []);
    const addition = onlyLink(
      await world.draftCommit(cheung, compId, { add: [{ userId: ho.userId, role: "reader" }] }),
    );
    const added = new Map<string, CborValue>([
      ["u", idToBytes(ho.userId)],
      ["inc", 0],
      ["role", "reader"],
      ["hist", "segment"],
    ]);
    const segment = new Map(addition.body).set("add", [added]);
    for (const [link, body] of [
      [refresh, cut],
      [refresh, ring],
      [addition, segment],
    ] as const)
      expect(await verdictOn(world, await signAgain(world, cheung, link, { body }))).toBe("HISTORY_CUT");
  });

  it("a newer version, suite or key of a link asks for an update, and is not called false", async () => {
    const { world, cheung, compId } = await twoDoctors();
    const link = onlyLink(await world.draftCommit(cheung, compId, { refresh: true }));
    if (!("one" in link.cose)) throw new Error("one signature");
    const decoded = decodeStrict(link.cose.one.payload);
    if (!decoded.ok || !isCborMap(decoded.value)) throw new Error("a map");
    for (const [key, value] of [
      ["v", 2],
      ["s", 2],
      ["future", 1],
    ] as const) {
      const payload = encodeCbor(new Map(decoded.value).set(key, value));
      const aad = idToBytes(world.consortiumId);
      const newer = await sign1({ typ: SIGNED_TYPES.link, key: cheung.device.signing, payload, aad });
      expect(parseLink(newer), key).toMatchObject({ ok: false, error: { code: "UPDATE_REQUIRED" } });
    }
    const body = new Map(link.body).set("future", 1);
    expect(await verdictOn(world, await signAgain(world, cheung, link, { body }))).toBe("UPDATE_REQUIRED");
  });

  it("an unknown op of any chain asks for an update", async () => {
    const { world, cheung, spaceId, compId } = await twoDoctors();
    const chains = [
      world.directory.consortium(),
      world.directory.org(world.org.orgId),
      world.directory.user(cheung.userId),
      world.directory.space(spaceId),
      world.directory.comp(compId),
    ];
    for (const state of chains) {
      if (state === undefined) throw new Error("no chain");
      const head = { chainId: state.id, n: state.head.n, hash: state.head.hash };
      const draft = { ct: state.ct, head, op: "future.op", body: new Map(), cp: NOTHING_SEEN, nowMs: 1 };
      const keyByType = { cons: world.rootKey, org: world.org.caKey };
      const key = state.ct === "cons" || state.ct === "org" ? keyByType[state.ct] : cheung.device.signing;
      expect(await verdictOn(world, await signLink(draft, [key], world.consortiumId)), state.ct).toBe(
        "UPDATE_REQUIRED",
      );
    }
  });
});

describe("a hub that wants clients to stop", () => {
  it("cannot make them think that they are too old: a newer op counts only with the signature that its chain asks for", async () => {
    const { world, cheung } = await twoDoctors();
    for (const state of [world.directory.consortium(), world.directory.org(world.org.orgId)]) {
      if (state === undefined) throw new Error("no chain");
      const head = { chainId: state.id, n: state.head.n, hash: state.head.hash };
      const draft = { ct: state.ct, head, op: "future.op", body: new Map(), cp: NOTHING_SEEN, nowMs: 1 };
      const forged = await signLink(draft, [cheung.device.signing], world.consortiumId);
      expect(await verdictOn(world, forged), state.ct).toBe("SIGNATURE_INVALID");
    }
  });
});

describe("a credential that expires", () => {
  async function expiring(): Promise<{
    world: TestConsortium;
    cheung: TestUser;
    wong: TestUser;
    compId: CompId;
    exp: number;
  }> {
    const { world, cheung, wong, compId } = await twoDoctors();
    const org = world.directory.org(world.org.orgId);
    if (org === undefined) throw new Error("no org");
    const exp = world.nowMs() + 3_600_000;
    const body = new Map<string, CborValue>([
      ["user", idToBytes(wong.userId)],
      ["staff", "wong"],
      ["name", "Dr Wong"],
      ["role", "attending"],
      ["exp", exp],
    ]);
    const head = { chainId: org.id, n: org.head.n, hash: org.head.hash };
    const draft = { ct: "org", head, op: "cred.issue", body, cp: NOTHING_SEEN, nowMs: 1 } as const;
    expect(await verdictOn(world, await signLink(draft, [world.org.caKey], world.consortiumId))).toBe("accepted");
    return { world, cheung, wong, compId, exp };
  }

  it("lets its person change keys until then, and not after", async () => {
    const { world, wong, compId, exp } = await expiring();
    const link = onlyLink(await world.draftCommit(wong, compId, { refresh: true }));
    const { index } = world.nextMoment();
    expect(await applyBatch(world.directory, [{ link, at: { index, ts: exp - 1 } }])).toMatchObject({ ok: true });
    expect(await applyBatch(world.directory, [{ link, at: { index, ts: exp } }])).toMatchObject({
      ok: false,
      error: { code: "LINK_REFUSED" },
    });
  });

  it("suspends its person at once, and only after seven days must a commit remove them", async () => {
    const { world, cheung, compId, exp } = await expiring();
    const link = onlyLink(await world.draftCommit(cheung, compId, { refresh: true }));
    const { index } = world.nextMoment();
    const week = 7 * 24 * 3_600_000;
    expect(await applyBatch(world.directory, [{ link, at: { index, ts: exp + week - 1 } }])).toMatchObject({
      ok: true,
    });
    expect(await applyBatch(world.directory, [{ link, at: { index, ts: exp + week } }])).toMatchObject({
      ok: false,
      error: { code: "STALE_VIEW" },
    });
  });

  it("makes what its person writes valid until then, and not after", async () => {
    const { world, wong, compId, exp } = await expiring();
    const entry = { author: wong.userId, kid: wong.device.signing.kid, kind: "chat" };
    const { index } = world.nextMoment();
    const judge = (ts: number) =>
      judgeAuthor({ entry, view: world.directory, comp: world.compState(compId), at: { index, ts } });
    expect(judge(exp - 1)).toMatchObject({ ok: true });
    expect(judge(exp + 60_000)).toMatchObject({ ok: false, error: { code: "AUTHOR_INVALID" } });
  });
});
