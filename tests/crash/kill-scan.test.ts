import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toBytes } from "@caseroom/contract";
import { gatewayOf, hasDcmtk, storeByDcmtk } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeInstance } from "../gateway/dicom-for-testing.ts";
import { filesOf, hashOfDataSet } from "../gateway/multipart-answer.ts";
import { bootCrashWorld, type CrashWorld } from "./crash-world.ts";
import { awaitUp, killTarget, READING, RECEIVING } from "./kill-target.ts";

const BASE_PORT = 18_900;
const IMAGES = 60;
const KILL_AFTER = [7, 31];

let world: CrashWorld;
beforeAll(async () => {
  world = await bootCrashWorld(BASE_PORT);
});
afterAll(() => world?.stop());

/** What the other institution's own systems get of a series: the hash of each data set. */
async function readAtOther(study: string): Promise<readonly string[]> {
  const { dicomweb, token } = gatewayOf(world.read(), READING);
  const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
  const reply = await fetch(`${dicomweb}/studies/${study}`, { headers: { authorization: `Bearer ${token}`, accept } });
  const hashes: string[] = [];
  for await (const file of filesOf(reply)) hashes.push(hashOfDataSet(file));
  return hashes;
}

describe.runIf(hasDcmtk())("a scanner whose gateway is killed twice in the middle of a series", () => {
  it("sends again what was not answered, and the other institution has every image once and as it was sent", async () => {
    const study = `1.2.826.0.1.3680043.9.7002.${Date.now()}`;
    const folder = join(world.folder, "scanner");
    mkdirSync(folder);
    const made = Array.from({ length: IMAGES }, (_, i) =>
      makeInstance({ study, series: `${study}.1`, number: i + 1, pixels: toBytes(randomBytes(131_072)), side: 256 }),
    );
    let left = made.map(({ sop, file }) => {
      const path = join(folder, `${sop}.dcm`);
      writeFileSync(path, file);
      return path;
    });
    const kills = [...KILL_AFTER];
    let killing: Promise<number> = Promise.resolve(0);
    while (left.length > 0) {
      await awaitUp(world.folder, "gateway", await killing);
      const killAfter = kills.shift();
      const stored = await storeByDcmtk(gatewayOf(world.read(), RECEIVING).dicom, left, (soFar) => {
        if (soFar.length === killAfter) killing = killTarget(world.folder, "gateway");
      });
      // What was answered is never sent again: if it were lost, it would be missing.
      left = left.filter((path) => !stored.includes(path));
    }
    expect(kills).toEqual([]);
    let read: readonly string[] = [];
    while (read.length < IMAGES) {
      await sleep(200);
      read = await readAtOther(study);
    }
    expect(read.toSorted()).toEqual(made.map(({ file }) => hashOfDataSet(file)).sort());
  });
});
