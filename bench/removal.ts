import { type CompId, expectOk, InvariantError } from "@caseroom/contract";
import { digestOf } from "@caseroom/crypto/verify";
import { buildCommit, openKeyring } from "@caseroom/space/secret";
import { applyBatch, parseLink } from "@caseroom/space/verify";
import {
  createTestConsortium,
  type TestConsortium,
  type TestUser,
} from "../packages/space/src/consortium-for-testing.ts";
import type { Bench, Row } from "./figures.ts";
import { median } from "./latencies.ts";
import { createRawHpke } from "./wrap-rates.ts";

export const removal: Bench = {
  name: "removal",
  summary: "one person removed from a room: new epoch, wraps for all others, the rules, a reader's opening",
  run: async ({ isShort, say }) => {
    const rows: Row[] = [];
    for (const readers of isShort ? [8, 32] : [8, 32, 128]) {
      say(`a room of ${readers} readers`);
      rows.push(...(await removeOneOf(readers, isShort ? 3 : 15)));
    }
    return rows;
  },
};

/** `readers` stay after one has gone. Nothing is accepted before all is measured, so that every round starts from the same room. */
async function removeOneOf(readers: number, rounds: number): Promise<readonly Row[]> {
  const world = await createTestConsortium("bench");
  const founder = await world.addUser("Dr Cheung");
  const others: TestUser[] = [];
  for (let i = 0; i < readers; i++) others.push(await world.addUser(`Dr ${i}`));
  const [gone, reader] = others;
  if (gone === undefined || reader === undefined) throw new InvariantError("a room has readers");
  const members = others.map((user) => ({ user, role: "writer" as const }));
  const { compId } = await world.createRoom(founder, members);
  const keyring = await world.keyringOf(founder, compId);
  const raw = await createRawHpke();
  const times = {
    build: [] as number[],
    seals: [] as number[],
    apply: [] as number[],
    open: [] as number[],
    unwrap: [] as number[],
  };
  const change = { rm: [{ userId: gone.userId, code: "left" }] };
  const build = async () =>
    expectOk(await buildCommit({ ...world.common(founder), comp: world.compState(compId), keyring }, change), "commit");
  let draft = await build();
  for (let round = 0; round < rounds; round++) {
    times.build.push(await timeOf(async () => (draft = await build())));
    times.seals.push(await timeOf(() => Promise.all(Array.from({ length: readers }, raw.seal))));
    times.apply.push(
      await timeOf(async () => {
        const dated = draft.links.map(({ bytes }) => ({
          link: expectOk(parseLink(bytes), "link"),
          at: world.nextMoment(),
        }));
        for (const wrap of draft.wraps) digestOf(wrap);
        expectOk(await applyBatch(world.directory, dated), "rules");
      }),
    );
  }
  expectOk(await world.accept(draft), "accept");
  for (let round = 0; round < rounds; round++) {
    times.open.push(await openAs(world, reader, compId));
    times.unwrap.push(await timeOf(raw.open));
  }
  const linkBytes = draft.links.reduce((sum, link) => sum + link.bytes.length, 0);
  const wrapBytes = draft.wraps.reduce((sum, wrap) => sum + wrap.length, 0);
  const label = `${readers} readers`;
  const ms = (figure: string, samples: readonly number[], beside?: Row["beside"]): Row => ({
    figure: `${label}: ${figure}`,
    value: median(samples),
    unit: "ms",
    better: "lower",
    ...(beside === undefined ? {} : { beside }),
  });
  return [
    ms("build the commit", times.build, { name: `${readers} raw HPKE seals`, value: median(times.seals) }),
    ms("parse, hash, apply the rules", times.apply),
    ms("a reader opens the new epoch", times.open, { name: "raw HPKE open", value: median(times.unwrap) }),
    { figure: `${label}: link`, value: linkBytes, unit: "bytes", better: "lower" },
    { figure: `${label}: link and wraps, sent`, value: linkBytes + wrapBytes, unit: "bytes", better: "lower" },
  ];
}

/** From the chain and the wrap in hand to all epochs open; the reader's own key ring is open already. */
async function openAs(world: TestConsortium, reader: TestUser, compId: CompId): Promise<number> {
  const puk = await world.pukOf(reader);
  const { consortiumId, fetchWrap } = world;
  const comp = world.compState(compId);
  return timeOf(async () => expectOk(await openKeyring({ consortiumId, comp, puk, fetchWrap }), "keyring"));
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
