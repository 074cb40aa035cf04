import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toBytes } from "@caseroom/contract";
import { gatewayOf, storeByDcmtk } from "@caseroom/testkit";
import { makeInstance } from "../gateway/dicom-for-testing.ts";
import { filesOf, hashOfDataSet } from "../gateway/multipart-answer.ts";
import type { CrashWorld } from "./crash-world.ts";
import { awaitUp, killTarget, READING, RECEIVING } from "./kill-target.ts";

const IMAGES = 40;
const KILL_AFTER = [7, 23];

/**
 * A scanner sends a series and the receiving gateway is killed twice meanwhile; what was not answered is sent again. Answers the kills, and the
 * hashes of the data sets as they were sent and as the other institution has them, when it has as many.
 */
export async function sendScanThroughKills(world: CrashWorld): Promise<{
  readonly kills: number;
  readonly sent: readonly string[];
  readonly read: readonly string[];
}> {
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
  let read: readonly string[] = [];
  while (read.length < IMAGES) {
    await sleep(200);
    read = await readAtOther(world, study);
  }
  return {
    kills: KILL_AFTER.length - kills.length,
    sent: made.map(({ file }) => hashOfDataSet(file)).sort(),
    read: read.toSorted(),
  };
}

/** What the other institution's own systems get of a series: the hash of each data set. */
async function readAtOther(world: CrashWorld, study: string): Promise<readonly string[]> {
  const { dicomweb, token } = gatewayOf(world.read(), READING);
  const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
  const reply = await fetch(`${dicomweb}/studies/${study}`, { headers: { authorization: `Bearer ${token}`, accept } });
  const hashes: string[] = [];
  for await (const file of filesOf(reply)) hashes.push(hashOfDataSet(file));
  return hashes;
}
