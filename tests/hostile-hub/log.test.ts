import { setTimeout as sleep } from "node:timers/promises";
import {
  type Bytes,
  bytesToUtf8,
  directoryChains,
  entriesLeaves,
  expectOk,
  linksList,
  logCheckpoint,
  logProve,
  spacesList,
  systemRandom,
  utf8ToBytes,
} from "@caseroom/contract";
import { signCheckpoint, signingKeyFromSeed } from "@caseroom/crypto/sign";
import { encodeLogLeaf, parseLogLeaf } from "@caseroom/crypto/verify";
import { type LyingProxy, readDemoWorld, signInPerson, type TestPerson } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type FoundedCase, foundCase, mustHave, sayTo } from "./founded-case.ts";
import { withVictim } from "./victim.ts";

const world = readDemoWorld(inject("worldFolder"));
let mak: TestPerson;
let lam: TestPerson;
let founded: FoundedCase;
/** A checkpoint of before the case. */
let oldNote: string;
const attacked = () => ({ hubUrl: world.hub.url, victim: lam, spaceId: founded.spaceId });
const honestAtFirst = () => undefined;

beforeAll(async () => {
  mak = await signInPerson(world, "mak");
  lam = await signInPerson(world, "lam");
  oldNote = await newestNote();
  founded = await foundCase(mak, [lam]);
  await sayTo(mak, founded.room, "before", [lam]);
  await sayTo(mak, founded.room, "and after", [lam]);
});
afterAll(async () => {
  await Promise.all([mak?.stop(), lam?.stop()]);
});

describe("a person whose hub shows another log than it has shown", () => {
  it("refuses an older checkpoint than the one that was accepted", async () => {
    await withVictim(attacked(), honestAtFirst, async ({ person, proxy, mustAlarm }) => {
      const accepted = person.client.checkpoint().size;
      tellCheckpoint(proxy, oldNote);
      await person.client.sync();
      await mustAlarm("ROLLBACK", utf8ToBytes(oldNote));
      expect(person.client.checkpoint().size).toBe(accepted);
    });
  });

  it("refuses a checkpoint that somebody else has signed", async () => {
    const keys = {
      logKey: await signingKeyFromSeed(systemRandom(32)),
      cosignKey: await signingKeyFromSeed(systemRandom(32)),
    };
    const origin = oldNote.split("\n")[0] ?? "";
    const forged = await signCheckpoint({ origin, size: 1_000_000, root: systemRandom(32) }, keys, Date.now());
    await withVictim(
      attacked(),
      (proxy) => tellCheckpoint(proxy, forged),
      async ({ person, mustAlarm }) => {
        await mustAlarm("PROOF_INVALID", utf8ToBytes(forged));
        expect(person.client.checkpoint().size).toBe(0);
      },
    );
  });

  it("refuses a newer checkpoint that does not continue the accepted one", async () => {
    await withVictim(attacked(), honestAtFirst, async ({ person, proxy, mustAlarm }) => {
      const accepted = person.client.checkpoint().size;
      proxy.lie(logProve, (reply) => ({
        ...reply,
        head: { ...reply.head, consistency: reply.head.consistency?.map(() => systemRandom(32)) },
      }));
      await sayTo(mak, founded.room, "on another branch", [lam]);
      await mustAlarm("FORK");
      expect(person.client.checkpoint().size).toBe(accepted);
    });
  });

  it("learns from a colleague's message that the colleague is shown a longer history", async () => {
    await withVictim(attacked(), honestAtFirst, async ({ proxy, person, mustAlarm }) => {
      tellCheckpoint(proxy, await newestNote());
      await person.client.sync();
      await sayTo(mak, founded.room, "it goes on", [lam]);
      await seeMoreThan(person.client.checkpoint().size);
      await sayTo(mak, founded.room, "and on", [lam]);
      await mustAlarm("FORK");
    });
  });

  it("learns the same from a colleague's change of members", async () => {
    await withVictim(attacked(), honestAtFirst, async ({ proxy, person, mustAlarm }) => {
      tellCheckpoint(proxy, await newestNote());
      await person.client.sync();
      await sayTo(lam, founded.room, "to move the log", [mak]);
      await seeMoreThan(person.client.checkpoint().size);
      expectOk(await mak.client.commits.change([{ compId: founded.room, change: { refresh: true } }]), "a refresh");
      await mustAlarm("FORK");
    });
  });
});

describe("a person whose hub gives no good proof", () => {
  it("does not take an entry for logged that the log does not hold", async () => {
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lie(logProve, (reply) => ({
          ...reply,
          head: { ...reply.head, inclusion: reply.head.inclusion.map((proof) => proof.map(() => systemRandom(32))) },
        })),
      async ({ person, mustAlarm }) => {
        await mustAlarm("PROOF_INVALID");
        expect(person.client.compartment(founded.room)?.coveredN()).toBe(0);
        expect(person.entries().every((one) => !one.logged)).toBe(true);
      },
    );
  });

  it("notices that a line of the log was moved to another time", async () => {
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lie(entriesLeaves, (reply) => ({
          ...reply,
          head: { leaves: reply.head.leaves.map((one) => ({ ...one, leaf: earlier(one.leaf) })) },
        })),
      async ({ person, mustAlarm }) => {
        await mustAlarm("PROOF_INVALID");
        expect(person.client.compartment(founded.room)?.coveredN()).toBe(0);
      },
    );
  });

  it("notices that a colleague's link was moved to another time", async () => {
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lie(linksList, (reply, { params }) => {
          const links = reply.head.links.map((one) => ({ ...one, ts: one.ts - 60_000 }));
          return params.chainId === mak.client.userId ? { ...reply, head: { ...reply.head, links } } : reply;
        }),
      ({ mustAlarm }) => mustAlarm("PROOF_INVALID"),
    );
  });

  it("notices that a line of the log about the room is left out", async () => {
    await withVictim(
      attacked(),
      (proxy) =>
        proxy.lie(entriesLeaves, (reply, { params }) =>
          params.compId === founded.room ? { ...reply, head: { leaves: reply.head.leaves.slice(1) } } : reply,
        ),
      async ({ person, mustAlarm }) => {
        await mustAlarm("FORK");
        expect(person.client.compartment(founded.room)?.coveredN()).toBe(0);
      },
    );
  });
});

describe("a person whose hub takes the directory back", () => {
  it("notices a chain that is shorter than before, and keeps what it held", async () => {
    await withVictim(attacked(), honestAtFirst, async ({ person, proxy, mustAlarm }) => {
      const before = person.client.directory.user(mak.client.userId)?.head.n;
      proxy.lie(directoryChains, (reply) => ({
        ...reply,
        head: {
          chains: reply.head.chains.map((one) => (one.chainId === mak.client.userId ? { ...one, n: one.n - 1 } : one)),
        },
      }));
      await person.client.sync();
      await mustAlarm("ROLLBACK");
      expect(person.client.directory.user(mak.client.userId)?.head.n).toBe(before);
    });
  });

  it("notices a chain that is gone, and links that are listed and not handed out", async () => {
    await withVictim(attacked(), honestAtFirst, async ({ person, proxy, mustAlarm }) => {
      proxy.lie(directoryChains, (reply) => ({
        ...reply,
        head: { chains: reply.head.chains.filter((one) => one.chainId !== mak.client.userId) },
      }));
      await person.client.sync();
      await mustAlarm("ROLLBACK");
      proxy.lie(directoryChains, (reply) => ({
        ...reply,
        head: { chains: reply.head.chains.map((one) => ({ ...one, n: one.n + 1 })) },
      }));
      await person.client.sync();
      await mustAlarm("WITHHELD");
    });
  });

  it("notices that the chain of the case is shorter than before", async () => {
    await withVictim(attacked(), honestAtFirst, async ({ person, proxy, mustHear, mustAlarm }) => {
      await mustHear(founded.room, "before");
      proxy.lie(spacesList, (reply) => ({
        ...reply,
        head: { spaces: reply.head.spaces.map((one) => ({ ...one, n: one.n - 1 })) },
      }));
      await person.client.sync();
      await mustAlarm("ROLLBACK");
    });
  });
});

/** Waits until the colleague has accepted a longer log than this. */
async function seeMoreThan(size: number): Promise<void> {
  while (mak.client.checkpoint().size <= size) {
    await mak.client.sync();
    await sleep(50);
  }
}

function tellCheckpoint(proxy: LyingProxy, note: string): void {
  proxy.lie(logCheckpoint, (reply) => ({ ...reply, raw: utf8ToBytes(note) }));
}

async function newestNote(): Promise<string> {
  return mustHave(bytesToUtf8(expectOk(await mak.api.call(logCheckpoint, {}), "a checkpoint").raw));
}

function earlier(leaf: Bytes): Bytes {
  const parsed = expectOk(parseLogLeaf(leaf), "a leaf");
  return encodeLogLeaf({ ...parsed, ts: parsed.ts - 60_000 });
}
