import { encodeChat, keysFromSeeds, ownDevice, SEED_VAULT_BYTES } from "@caseroom/client";
import {
  type Bytes,
  bytesToId16,
  type CompId,
  entriesLeaves,
  entriesList,
  expectOk,
  idToBytes,
  type Oid,
  systemRandom,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import {
  addDevice,
  encodeDeviceRequest,
  parseDeviceRequest,
  revokeDevice,
  type SealTo,
  sealEntry,
  signPossession,
} from "@caseroom/space/secret";
import { type FeedLine, readDemoWorld, signInPerson, type TestPerson, until } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { reencode } from "./forgery.ts";
import { type FoundedCase, foundCase, mustHave, sayTo } from "./founded-case.ts";
import { ghostCommit, placedNext } from "./ghost.ts";
import { withVictim } from "./victim.ts";

const world = readDemoWorld(inject("worldFolder"));
let mak: TestPerson;
let lam: TestPerson;
let ho: TestPerson;
let founded: FoundedCase;
/** The key of a device of mak's that is revoked by now. */
let revoked: SigningKey;
/** How the removed person could still seal: the keys of before. */
let oldKeys: SealTo;
const attacked = () => ({ hubUrl: world.hub.url, victim: lam, spaceId: founded.spaceId });
/** Later than the ten seconds for which a right that has ended still covers what was accepted before. */
const later = () => Date.now() + 15_000;

beforeAll(async () => {
  mak = await signInPerson(world, "mak");
  lam = await signInPerson(world, "lam");
  ho = await signInPerson(world, "ho");
  founded = await foundCase(mak, [lam, ho]);
  const { room, decision } = founded;
  await sayTo(mak, room, "one", [lam, ho]);
  await sayTo(mak, room, "two", [lam]);
  await sayTo(mak, room, "three", [lam]);
  await sayTo(ho, room, "from a colleague", [mak, lam]);
  await sayTo(mak, decision, "decided elsewhere", [lam]);
  revoked = await addAndRevokeDevice(mak);
  const keyring = mustHave(await ho.client.compartment(room)?.ensureKeyring());
  oldKeys = { keyring };
  const rm = [{ userId: ho.client.userId, code: "left" }];
  expectOk(await mak.client.commits.change([{ compId: room, change: { rm } }]), "removing a colleague");
  await sayTo(mak, room, "without him", [lam]);
});
afterAll(async () => {
  await Promise.all([mak?.stop(), lam?.stop(), ho?.stop()]);
});

describe("a person whose hub tampers with what a colleague said", () => {
  it("notices that two messages come in the other order", async () => {
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lieAboutFeed(founded.room, (items) => {
          const [i, j] = [positionOf(items, 0), positionOf(items, 1)];
          return items.map((one, at) => mustHave(at === i ? items[j] : at === j ? items[i] : one));
        }),
      async ({ texts, mustAlarm }) => {
        await mustAlarm("SEQUENCE_GAP");
        await mustAlarm("DUPLICATE");
        await mustAlarm("FORK");
        expect(texts(founded.room)).not.toContain("one");
        expect(texts(founded.room)).toContain("three");
      },
    );
  });

  it("sees that a message is missing, and everything that is not", async () => {
    await withVictim(
      attacked(),
      () => undefined,
      async ({ person, proxy, texts, mustHear, mustAlarm }) => {
        await mustHear(founded.room, "without him");
        expect(person.client.alarms()).toEqual([]);
        const known = mustHave(person.client.compartment(founded.room)).nextN();
        proxy.lieAboutFeed(founded.room, (items) => items.filter((_, at) => at !== known));
        await sayTo(mak, founded.room, "withheld", [lam]);
        await sayTo(mak, founded.room, "after it", [lam]);
        await mustHear(founded.room, "after it");
        await mustAlarm("SEQUENCE_GAP");
        await untilLogged();
        await sayTo(mak, founded.room, "long after it", [lam]);
        await mustAlarm("FORK");
        expect(texts(founded.room)).not.toContain("withheld");
        expect(texts(founded.room)).toContain("one");
      },
    );
  });

  it("learns from the log that the newest message is kept back", async () => {
    await withVictim(
      attacked(),
      () => undefined,
      async ({ person, proxy, texts, mustAlarm }) => {
        const known = mustHave(person.client.compartment(founded.room)).nextN();
        proxy.lieAboutFeed(founded.room, (items) => items.slice(0, known));
        await sayTo(mak, founded.room, "kept back", [lam]);
        await mustAlarm("WITHHELD");
        expect(texts(founded.room)).not.toContain("kept back");
      },
    );
  });

  it("refuses a message that comes a second time", async () => {
    await withVictim(
      attacked(),
      (proxy) => proxy.lieAboutFeed(founded.room, (items) => insertAfterEntry(items, 3, entryOf(items, 0))),
      async ({ texts, mustAlarm }) => {
        await mustAlarm("DUPLICATE");
        expect(texts(founded.room).filter((text) => text === "one")).toHaveLength(1);
      },
    );
  });

  it("refuses a message in another encoding of the same content", async () => {
    let told: Bytes | undefined;
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lieAboutFeed(founded.room, (items) => {
          told = reencode(entryOf(items, 2));
          return items.map((one, at) => (at === positionOf(items, 2) ? { ...one, bytes: mustHave(told) } : one));
        }),
      async ({ texts, mustAlarm }) => {
        await mustAlarm("CBOR_INVALID", told);
        expect(texts(founded.room)).not.toContain("three");
      },
    );
  });

  it("refuses a message that was written in another compartment", async () => {
    const moved = await firstEntryOf(founded.decision);
    await withVictim(
      attacked(),
      (proxy) => proxy.lieAboutFeed(founded.room, (items) => insertAfterEntry(items, 2, moved)),
      async ({ texts, mustAlarm }) => {
        await mustAlarm("CONTEXT_MISMATCH", moved);
        expect(texts(founded.room)).not.toContain("decided elsewhere");
      },
    );
  });

  it("notices a hole in the positions, and a feed that has become shorter", async () => {
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lie(entriesList, (reply, { params }) => {
          const items = reply.head.items.map((one, i) => (i < 3 ? one : { ...one, n: one.n + 1 }));
          return params.compId === founded.room ? { ...reply, head: { ...reply.head, items } } : reply;
        }),
      ({ mustAlarm }) => mustAlarm("WITHHELD"),
    );
    await withVictim(
      attacked(),
      () => undefined,
      async ({ person, proxy, mustAlarm }) => {
        proxy.lieAboutFeed(founded.room, (items) => items.slice(0, -1));
        await person.client.sync();
        await mustAlarm("ROLLBACK");
      },
    );
  });

  it("notices that the log does not take up what the hub shows", async () => {
    let skewMs = 0;
    await withVictim(
      attacked(),
      (proxy) => proxy.lie(entriesLeaves, (reply) => ({ ...reply, head: { leaves: [] } })),
      async ({ person, mustHear, mustAlarm }) => {
        await mustHear(founded.room, "without him");
        expect(person.client.alarms().some((one) => one.code === "WITHHELD")).toBe(false);
        skewMs = 61_000;
        await person.client.sync();
        await mustAlarm("WITHHELD");
      },
      () => Date.now() + skewMs,
    );
  });
});

describe("a person whose hub helps somebody who has lost the right", () => {
  it("refuses what a removed colleague seals with the keys of before", async () => {
    const injected = await forgedEntry(ho, ho.keys.signing, oldKeys);
    await mustRefuse(injected, "STALE_EPOCH");
  });

  it("refuses what a removed colleague seals to the new key", async () => {
    const injected = await forgedEntry(ho, ho.keys.signing, presentInbox());
    await mustRefuse(injected, "AUTHOR_INVALID");
  });

  it("refuses what a colleague's revoked device writes", async () => {
    const injected = await forgedEntry(mak, revoked, presentInbox());
    await mustRefuse(injected, "AUTHOR_INVALID");
  });

  it("refuses a commit by which a removed colleague comes back in", async () => {
    const by = { signing: ho.keys.signing, ghost: ho.client.userId };
    const forged = await ghostCommit(mak, founded.room, by);
    await withVictim(
      attacked(),
      (proxy) => proxy.lieAboutFeed(founded.room, (items) => [...items, placedNext(items, forged)]),
      async ({ person, mustAlarm }) => {
        await mustAlarm("LINK_REFUSED", forged);
        expect(person.client.compartment(founded.room)?.state()?.members.has(by.ghost)).toBe(false);
      },
    );
  });
});

async function mustRefuse(injected: Bytes, code: "STALE_EPOCH" | "AUTHOR_INVALID"): Promise<void> {
  await withVictim(
    attacked(),
    (proxy) => proxy.lieAboutFeed(founded.room, (items) => [...items, { kind: "entry", bytes: injected }]),
    async ({ texts, mustHear, mustAlarm }) => {
      await mustHear(founded.room, "without him");
      await mustAlarm(code, injected);
      expect(texts(founded.room)).not.toContain("forged");
    },
    later,
  );
}

/** Sealed as the person's own device would, at a moment when it may not. */
async function forgedEntry(author: TestPerson, signing: SigningKey, to: SealTo): Promise<Bytes> {
  const { client } = mak;
  const compartment = mustHave(client.compartment(founded.room));
  const head = compartment.head();
  const comp = mustHave(compartment.state());
  const sealed = await sealEntry({
    place: {
      consortiumId: mustHave(client.directory.consortium()?.id),
      spaceId: compartment.spaceId,
      compId: founded.room,
    },
    oid: mustHave(bytesToId16<Oid>(systemRandom(16))),
    content: {
      author: author.client.userId,
      as: 99,
      ap: null,
      see: { n: comp.head.n, hash: idToBytes(comp.head.hash), feedN: head.n, feedHead: head.root },
      cp: client.checkpoint(),
      t: Date.now(),
      kind: "chat",
      role: "writer",
      body: encodeChat({ text: "forged" }),
    },
    signing,
    to,
    random: systemRandom,
  });
  return expectOk(sealed, "a forged entry").envelope;
}

function presentInbox(): SealTo {
  const epoch = mustHave(mak.client.compartment(founded.room)?.state()?.epochs.at(-1));
  return { e: epoch.e, inboxKey: epoch.inboxKey };
}

/** Waits until the log has everything that was said in the room. */
async function untilLogged(): Promise<void> {
  const room = mustHave(mak.client.compartment(founded.room));
  await until(() => (room.coveredN() >= room.nextN() ? true : undefined), 20_000, "not everything is logged");
}

/** A second device that its person adds and, when it is lost, revokes. */
async function addAndRevokeDevice(person: TestPerson): Promise<SigningKey> {
  const { client } = person;
  const lost = await keysFromSeeds(systemRandom(SEED_VAULT_BYTES), "lost", systemRandom);
  const device = ownDevice(lost);
  const own = async () => {
    expectOk(await client.sync(), "sync");
    return {
      consortiumId: mustHave(client.directory.consortium()?.id),
      nowMs: Date.now(),
      random: systemRandom,
      cp: client.checkpoint(),
      user: mustHave(client.directory.user(client.userId)),
      signing: person.keys.signing,
      seed: mustHave(await client.puk()).seed,
    };
  };
  const before = await own();
  const possession = await signPossession({ consortiumId: before.consortiumId, user: before.user, device });
  const request = expectOk(parseDeviceRequest(encodeDeviceRequest(device, possession)), "a request");
  expectOk(await client.commits.send(await addDevice({ ...before, request, possession })), "adding a device");
  const revocation = await revokeDevice({ ...(await own()), kid: lost.signing.kid });
  expectOk(await client.commits.send(revocation), "revoking it");
  expectOk(await client.sync(), "sync");
  return lost.signing;
}

async function firstEntryOf(compId: CompId): Promise<Bytes> {
  const reply = expectOk(await mak.api.call(entriesList, { params: { compId }, query: { from: 0 } }), "a feed");
  return mustHave(reply.parts[reply.head.items.findIndex((one) => one.kind === "entry")]);
}

/** Where the k-th entry of a feed stands. */
function positionOf(items: readonly FeedLine[], k: number): number {
  return mustHave(items.flatMap((one, at) => (one.kind === "entry" ? [at] : []))[k]);
}

function entryOf(items: readonly FeedLine[], k: number): Bytes {
  return mustHave(items[positionOf(items, k)]).bytes;
}

function insertAfterEntry(items: readonly FeedLine[], k: number, entry: Bytes): readonly FeedLine[] {
  const at = positionOf(items, k) + 1;
  return [...items.slice(0, at), { kind: "entry", bytes: entry }, ...items.slice(at)];
}
