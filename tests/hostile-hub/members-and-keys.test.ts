import {
  type Bytes,
  type Digest,
  equalBytes,
  expectOk,
  idToBytes,
  linksList,
  systemRandom,
  toBytes,
  type UserId,
  wrapsGet,
} from "@caseroom/contract";
import { kemKeyFromSeed } from "@caseroom/crypto/secret";
import { type SigningKey, signingKeyFromSeed } from "@caseroom/crypto/sign";
import { createUser } from "@caseroom/space/secret";
import { type FeedLine, type LyingProxy, readDemoWorld, signInPerson, type TestPerson } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { alterLink, reencode, resignLink } from "./forgery.ts";
import { type FoundedCase, foundCase, mustHave, sayTo } from "./founded-case.ts";
import { ghostCommit, outsider, placedNext } from "./ghost.ts";
import { withVictim } from "./victim.ts";

const world = readDemoWorld(inject("worldFolder"));
let mak: TestPerson;
let lam: TestPerson;
let founded: FoundedCase;
let hubsKey: SigningKey;
const attacked = () => ({ hubUrl: world.hub.url, victim: lam, spaceId: founded.spaceId });
const ghost = () => outsider(mak, lam);

beforeAll(async () => {
  mak = await signInPerson(world, "mak");
  lam = await signInPerson(world, "lam");
  founded = await foundCase(mak, [lam]);
  await sayTo(mak, founded.room, "before", [lam]);
  expectOk(await mak.client.commits.change([{ compId: founded.room, change: { refresh: true } }]), "a refresh");
  await sayTo(mak, founded.room, "under a new key", [lam]);
  hubsKey = await signingKeyFromSeed(systemRandom(32));
});
afterAll(async () => {
  await Promise.all([mak?.stop(), lam?.stop()]);
});

describe("a person whose hub tells the truth", () => {
  it("sees everything and hears no alarm", async () => {
    await withVictim(
      { ...attacked(), spaceId: undefined },
      () => undefined,
      async ({ person, texts, mustHear }) => {
        await mustHear(founded.room, "under a new key");
        expect(texts(founded.room)).toEqual(["before", "under a new key"]);
        expect(person.client.alarms()).toEqual([]);
      },
    );
  });
});

describe("a person whose hub adds a reader behind the members' backs", () => {
  it("refuses a commit that the hub has signed itself, and keeps the members that were", async () => {
    const forged = await ghostCommit(mak, founded.room, { signing: hubsKey, ghost: ghost() });
    await withVictim(
      attacked(),
      () => undefined,
      async ({ person, proxy, mustHear, mustAlarm }) => {
        const known = mustHave(person.client.compartment(founded.room)).nextN();
        proxy.lieAboutFeed(founded.room, (items) =>
          items.length > known ? [...items, placedNext(items, forged)] : items,
        );
        await sayTo(mak, founded.room, "somebody listens", [lam]);
        await mustAlarm("LINK_REFUSED", forged);
        const members = person.client.compartment(founded.room)?.state()?.members;
        expect(members?.has(ghost())).toBe(false);
        expect(members?.has(mak.client.userId)).toBe(true);
        await mustHear(founded.room, "somebody listens");
      },
    );
  });

  it("refuses a member's commit that now names another reader", async () => {
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lieAboutFeed(founded.room, (items) =>
          swapLink(items, 2, (link) =>
            alterLink(link, (body) => {
              body.set("add", [
                new Map<string, Bytes | number | string>([
                  ["u", idToBytes(ghost())],
                  ["inc", 0],
                  ["role", "reader"],
                  ["hist", "all"],
                ]),
              ]);
            }),
          ),
        ),
      async ({ person, texts, mustAlarm }) => {
        await mustAlarm("SIGNATURE_INVALID");
        expect(person.client.compartment(founded.room)?.state()?.members.has(ghost()) ?? false).toBe(false);
        expect(texts(founded.room)).toEqual([]);
      },
    );
  });

  it("refuses a commit in another encoding of the same content", async () => {
    let told: Bytes | undefined;
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lieAboutFeed(founded.room, (items) =>
          swapLink(items, 2, (link) => {
            told = reencode(link);
            return told;
          }),
        ),
      async ({ texts, mustAlarm }) => {
        await mustAlarm("LINK_INVALID", told);
        expect(texts(founded.room)).not.toContain("before");
      },
    );
  });
});

describe("a person whose hub swaps a colleague's keys", () => {
  it("refuses a colleague's link with other key bytes", async () => {
    const { publicKey } = await kemKeyFromSeed(systemRandom(32));
    await withVictim(
      attacked(),
      (proxy) =>
        swapLinksOf(proxy, mak.client.userId, (link, n) => (n === 1 ? alterLink(link, setKey(publicKey)) : link)),
      async ({ person, mustAlarm }) => {
        await mustAlarm("SIGNATURE_INVALID");
        expect(person.client.directory.user(mak.client.userId)?.puks).toEqual([]);
      },
    );
  });

  it("refuses the same link signed by the hub", async () => {
    const { publicKey } = await kemKeyFromSeed(systemRandom(32));
    const consortiumId = mustHave(mak.client.directory.consortium()?.id);
    const links = await linksOf(mak.client.userId);
    const forged = await resignLink(mustHave(links[1]), { key: hubsKey, consortiumId }, setKey(publicKey));
    await withVictim(
      attacked(),
      (proxy) => swapLinksOf(proxy, mak.client.userId, (link, n) => (n === 1 ? forged : link)),
      async ({ person, mustAlarm }) => {
        await mustAlarm("LINK_REFUSED", forged);
        expect(person.client.directory.user(mak.client.userId)?.puks).toEqual([]);
      },
    );
  });

  it("refuses another person's chain under the colleague's name", async () => {
    const consortiumId = mustHave(mak.client.directory.consortium()?.id);
    const kem = await kemKeyFromSeed(systemRandom(32));
    const device = { signing: hubsKey, kemPublicKey: kem.publicKey, kind: "test" };
    const forged = await createUser({ consortiumId, nowMs: Date.now(), random: systemRandom, kind: "person", device });
    await withVictim(
      attacked(),
      (proxy) => swapLinksOf(proxy, mak.client.userId, (link, n) => forged.links[n]?.bytes ?? link),
      async ({ person, mustAlarm }) => {
        await mustAlarm("LINK_INVALID", forged.links[0]?.bytes);
        expect(person.client.directory.user(mak.client.userId)).toBeUndefined();
        expect(person.client.directory.ownerOf(hubsKey.kid)).toBeUndefined();
      },
    );
  });

  it("refuses a colleague's link in another encoding of the same content", async () => {
    let told: Bytes | undefined;
    const tell = (link: Bytes, n: number) => {
      if (n !== 1) return link;
      told = reencode(link);
      return told;
    };
    await withVictim(
      attacked(),
      (proxy) => swapLinksOf(proxy, mak.client.userId, tell),
      async ({ person, mustAlarm }) => {
        await mustAlarm("COSE_INVALID", told);
        expect(person.client.directory.user(mak.client.userId)?.puks ?? []).toEqual([]);
      },
    );
  });
});

describe("a person whose hub hands out another wrapped key", () => {
  it("opens nothing with it, and says that the right one is withheld", async () => {
    const wraps = mustHave(mak.client.compartment(founded.room)?.state()?.wraps);
    const hers = mustHave(wraps.get(lam.client.userId)?.hash);
    const another = await wrapOf(mustHave(wraps.get(mak.client.userId)?.hash));
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lie(wrapsGet, (reply, { body }) =>
          new TextDecoder().decode(body).includes(hers) ? { ...reply, parts: [another] } : reply,
        ),
      async ({ texts, mustAlarm }) => {
        await mustAlarm("WRAP_INVALID", another);
        await mustAlarm("WITHHELD");
        expect(texts(founded.room)).toEqual([]);
      },
    );
  });
});

/** The n-th link of a feed, told otherwise. */
function swapLink(items: readonly FeedLine[], n: number, tell: (link: Bytes) => Bytes): readonly FeedLine[] {
  const at = items.flatMap((one, i) => (one.kind === "link" ? [i] : []))[n];
  return items.map((one, i) => (i === at ? { ...one, bytes: tell(one.bytes) } : one));
}

function swapLinksOf(proxy: LyingProxy, userId: UserId, tell: (link: Bytes, n: number) => Bytes): void {
  proxy.lie(linksList, (reply, { params }) => {
    if (params.chainId !== userId) return reply;
    return { ...reply, parts: reply.parts.map((link, i) => tell(link, reply.head.links[i]?.n ?? 0)) };
  });
}

function setKey(publicKey: Bytes) {
  return (body: Map<string | number, unknown>) => void body.set("pk", publicKey);
}

async function linksOf(userId: UserId): Promise<readonly Bytes[]> {
  return expectOk(await mak.api.call(linksList, { params: { chainId: userId } }), "links").parts;
}

async function wrapOf(hash: Digest): Promise<Bytes> {
  const reply = expectOk(await mak.api.call(wrapsGet, { head: { hashes: [hash] } }), "a wrap");
  const wrap = mustHave(reply.parts[0]);
  expect(equalBytes(wrap, toBytes([]))).toBe(false);
  return wrap;
}
