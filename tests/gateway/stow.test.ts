import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { afterAll, describe, expect, it } from "vitest";
import { createReceptionMemory } from "../../apps/gateway/src/features/imaging/gathered-bytes.ts";
import type { ReceiveDeps } from "../../apps/gateway/src/features/imaging/receive-instance.ts";
import { readMultipart } from "../../apps/gateway/src/features/imaging/stow-multipart.ts";
import { registerStow } from "../../apps/gateway/src/features/imaging/stow-routes.ts";
import { makeInstance } from "./dicom-for-testing.ts";

const folder = mkdtempSync(join(tmpdir(), "caseroom-stow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BOUNDARY = "b0undary";
const HEAD = `--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`;
const messageOf = (bodies: readonly (string | Uint8Array)[]) =>
  Buffer.concat([
    Buffer.from("a preamble for people\r\n"),
    ...bodies.flatMap((body) => [Buffer.from(HEAD), Buffer.from(body), Buffer.from("\r\n")]),
    Buffer.from(`--${BOUNDARY}--\r\nan epilogue`),
  ]);

async function* cut(message: Buffer, size: number) {
  for (let at = 0; at < message.length; at += size) yield message.subarray(at, at + size);
}

async function read(message: Buffer, size: number, limits: Partial<Parameters<typeof readMultipart>[2]> = {}) {
  const found: string[] = [];
  const all = { maxParts: 100, memory: createReceptionMemory(), ...limits };
  for await (const { body, release } of readMultipart(cut(message, size), BOUNDARY, all)) {
    found.push(body.ok ? Buffer.from(body.value).toString() : body.error.code);
    release();
  }
  return found;
}

describe("a multipart message", () => {
  it("is the same parts however the network cuts it, also where a part looks like a boundary", async () => {
    const bodies = ["one", `\r\n--b0undar`, "", `--${BOUNDARY} within a line`, "\r\n\r\n"];
    const message = messageOf(bodies);
    for (const size of [1, 2, 7, 64, message.length]) expect(await read(message, size), String(size)).toEqual(bodies);
  });

  it("gives what came before it broke off, and says that it did", async () => {
    const message = messageOf(["one", "two"]);
    expect(await read(message.subarray(0, message.indexOf("two") + 2), 16)).toEqual(["one", "BAD_REQUEST"]);
    expect(await read(messageOf(["1", "2", "3"]), 16, { maxParts: 2 })).toEqual(["1", "2", "BAD_REQUEST"]);
    expect(await read(Buffer.from("nothing of it"), 5)).toEqual(["BAD_REQUEST"]);
  });

  it("may have a part that is too large, or for which others have the memory; the next one is read all the same", async () => {
    const message = messageOf(["x".repeat(2000), "small"]);
    expect(await read(message, 100, { maxPartBytes: 1999 })).toEqual(["TOO_LARGE", "small"]);
    const large = messageOf(["x".repeat(3_000_000), "small"]);
    const memory = createReceptionMemory(4_000_000);
    expect(await read(large, 65_536, { memory })).toEqual(["UNAVAILABLE", "small"]);
    // All of it has come back.
    expect(memory.borrow(4_000_000)).toHaveLength(4_000_000);
  });
});

describe("a gateway whose disk is full", () => {
  /** A database that answers every question like a new one, until it has to write the row of this one. */
  const databaseFullFor = (sop: string) => {
    const sql = async (text: TemplateStringsArray, ...values: readonly unknown[]) => {
      const words = text.join("?");
      if (words.includes("SELECT DISTINCT p.id")) return [{ id: "1", birth_date: null, sex: null }];
      if (!words.includes("INSERT INTO imaging_instance")) return [];
      if (values.includes(sop)) throw Object.assign(new Error("No space left"), { code: "53100" });
      return [{ sop: values[0] }];
    };
    return sql as unknown as ReceiveDeps["sql"];
  };
  const series = "1.2.3.1";
  const image = (number: number) => makeInstance({ study: "1.2.3", series, number, pixels: new Uint8Array(64) });
  const post = async (numbers: readonly number[], fullFor: number) => {
    const app = Fastify();
    const receive = {
      sql: databaseFullFor(image(fullFor).sop),
      dataDir: folder,
      defaultIssuer: "KDC",
      nowMs: () => 0,
      onReceived: () => undefined,
    };
    registerStow(app, {
      receive,
      memory: createReceptionMemory(),
      baseUrl: "http://gateway.test",
      isToken: () => true,
      onAssociationEnd: () => undefined,
    });
    const reply = await app.inject({
      method: "POST",
      url: "/dicomweb/studies",
      headers: { "content-type": `multipart/related; type="application/dicom"; boundary=${BOUNDARY}` },
      payload: messageOf(numbers.map((number) => image(number).file)),
    });
    await app.close();
    return reply;
  };

  it("says of which images it has no room, by their names, and keeps the others", async () => {
    const reply = await post([1, 2, 3], 2);
    expect(reply.statusCode).toBe(202);
    const stored = reply.json()["00081199"].Value.map((one: Record<string, { Value: string[] }>) => one["00081155"]);
    expect(stored.map(({ Value }: { Value: string[] }) => Value[0]).sort()).toEqual(["1.2.3.1.1", "1.2.3.1.3"]);
    expect(reply.json()["00081198"].Value).toMatchObject([
      { "00081155": { Value: ["1.2.3.1.2"] }, "00081197": { Value: [0xa700] } },
    ]);
  });

  it("asks to come again later when it has room for none", async () => {
    const reply = await post([4], 4);
    expect(reply.statusCode).toBe(503);
    expect(reply.headers["retry-after"]).toBe("60");
  });
});
