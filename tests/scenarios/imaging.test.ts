import { createHash, randomBytes, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseImagingManifest, parsePackIndex } from "@caseroom/client";
import { expectOk, toBytes } from "@caseroom/contract";
import { dataSetOf } from "@caseroom/dicom";
import { gatewayOf, readDemoWorld, signInPerson, type TestPerson } from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { makeInstance } from "../gateway/dicom-for-testing.ts";

const world = readDemoWorld(inject("worldFolder"));
const kdc = gatewayOf(world, "kdc");
const chc = gatewayOf(world, "chc");
const study = `1.2.826.0.1.3680043.9.7001.${randomInt(2 ** 40)}`;
const series = `${study}.1`;
const instances = Array.from({ length: 30 }, (_, i) =>
  makeInstance({ study, series, number: i + 1, pixels: toBytes(randomBytes(131_072)) }),
);
let wong: TestPerson;

beforeAll(async () => {
  wong = await signInPerson(world, "mak");
});
afterAll(() => wong?.stop());

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const dataSets = () => instances.map(({ file }) => hashOf(dataSetOf(file))).sort();
const ask = (path: string, accept: string) =>
  fetch(`${chc.url}/dicomweb${path}`, { headers: { authorization: `Bearer ${chc.token}`, accept } });

/** How many instances of the study the other institution's own systems find. */
async function countAtChc(): Promise<number> {
  const reply = await ask(`/studies/${study}/instances`, "application/dicom+json");
  const found: unknown = reply.status === 200 ? await reply.json() : [];
  return Array.isArray(found) ? found.length : 0;
}

describe("a scan", () => {
  it("stored at one institution is retrieved at another with the very data sets that were sent", async () => {
    const boundary = "scan";
    const line = (text: string) => Buffer.from(text, "latin1");
    const body = Buffer.concat([
      ...instances.flatMap(({ file }) => [
        line(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
        file,
        line("\r\n"),
      ]),
      line(`--${boundary}--\r\n`),
    ]);
    const stored = await fetch(`${kdc.url}/dicomweb/studies`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${kdc.token}`,
        "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
      },
      body,
    });
    expect(stored.status).toBe(200);
    while ((await countAtChc()) < instances.length) await sleep(100);
    const reply = await ask(`/studies/${study}/series/${series}`, 'multipart/related; type="application/dicom"');
    expect(reply.status).toBe(200);
    const separator = `--${/boundary=([^;]+)/.exec(reply.headers.get("content-type") ?? "")?.[1]}`;
    const answer = Buffer.from(await reply.arrayBuffer());
    const hashes: string[] = [];
    for (let at = answer.indexOf(separator); ; ) {
      const start = answer.indexOf("\r\n\r\n", at);
      const end = answer.indexOf(`\r\n${separator}`, start);
      if (start < 0 || end < 0) break;
      hashes.push(hashOf(dataSetOf(toBytes(answer.subarray(start + 4, end)))));
      at = end + 2;
    }
    expect(hashes.sort()).toEqual(dataSets());
  });

  it("is opened by a surgeon's own device, image by image", async () => {
    const isWhole = (count: number) => count === instances.length;
    const received = await wong.awaitEntry((one) => {
      const manifest = one.entry.kind === "manifest" ? parseImagingManifest(one.entry.body) : undefined;
      return manifest?.series === series && isWhole(manifest.packs.reduce((sum, pack) => sum + pack.instances, 0));
    });
    const hashes: string[] = [];
    for (const pack of parseImagingManifest(received.entry.body)?.packs ?? []) {
      const open = wong.client.blobs.open(received.compId, pack.index);
      const index = expectOk(await open.read(0, open.size), "index");
      const images = wong.client.blobs.open(received.compId, pack.blob);
      for (const row of expectOk(parsePackIndex(index), "rows"))
        hashes.push(hashOf(dataSetOf(expectOk(await images.read(row.offset, row.offset + row.length), "image"))));
    }
    expect(hashes.sort()).toEqual(dataSets());
  });
});
