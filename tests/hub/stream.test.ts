import {
  type Bytes,
  decodeFramed,
  encodeFramed,
  expectOk,
  STREAM_PATH,
  STREAM_PROTOCOL,
  type StreamFromHub,
  streamFromHub,
  toBytes,
} from "@caseroom/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Room, startTestHub, type TestHub, type TestPerson } from "./hub-for-testing.ts";

let hub: TestHub;
let cheung: TestPerson;
let wong: TestPerson;

beforeAll(async () => {
  hub = await startTestHub();
  cheung = await hub.addPerson("cheung");
  wong = await hub.addPerson("wong");
}, 60_000);
afterAll(() => hub.stop());

type Received = { readonly head: StreamFromHub; readonly parts: readonly Bytes[] };

async function listen(token: string) {
  const received: Received[] = [];
  const socket = new WebSocket(hub.baseUrl.replace("http", "ws") + STREAM_PATH, [STREAM_PROTOCOL, `bearer.${token}`]);
  socket.on("message", (data) => {
    const framed = expectOk(decodeFramed(toBytes(data as Buffer)), "frame");
    received.push({ head: streamFromHub.parse(framed.head), parts: framed.parts });
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  const opened = await new Promise<boolean>((resolve) => {
    socket.on("open", () => resolve(true));
    socket.on("error", () => resolve(false));
  });
  const items = ({ compId }: Room) =>
    received.flatMap(({ head, parts }) =>
      head.type === "feed" && head.compId === compId ? head.items.map((item, i) => ({ ...item, bytes: parts[i] })) : [],
    );
  return {
    opened,
    closed,
    protocol: () => socket.protocol,
    received,
    items,
    follow: ({ compId }: Room, from: number) =>
      socket.send(encodeFramed({ head: { type: "follow", comps: [{ compId, from }] }, parts: [] })),
    until: (condition: () => boolean) => expect.poll(condition, { timeout: 10_000 }).toBe(true),
    close: () => socket.close(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

/** What waits at the hub for all sockets together, as its operator sees it. */
async function bufferedBytes(): Promise<number> {
  const metrics = await (await fetch(`${hub.baseUrl}/metrics`)).text();
  return Number(/^caseroom_stream_buffered_bytes (\d+)/m.exec(metrics)?.[1]);
}

describe("a connected device", () => {
  it("gets what it missed and then what comes, each item once and in order", async () => {
    const room = await hub.createRoom(cheung, [{ user: wong, role: "writer" }]);
    const say = async (text: string) =>
      expectOk(await hub.append(cheung, room, [await hub.seal(cheung, room, text)]), text);
    for (let i = 0; i < 5; i++) await say(`before ${i}`);
    const device = await listen(wong.token);
    expect(device.protocol()).toBe(STREAM_PROTOCOL);
    device.follow(room, 0);
    for (let i = 0; i < 5; i++) await say(`after ${i}`);
    await device.until(() => device.items(room).length >= 12);
    const items = device.items(room);
    expect(items.map((item) => item.n)).toEqual(Array.from({ length: 12 }, (_, n) => n));
    expect(items.slice(0, 2).every((item) => item.kind === "link" && item.logIndex !== undefined)).toBe(true);
    await device.until(() => device.received.some(({ head }) => head.type === "leaves" && head.n === 12));
    device.close();
  });

  it("that reads slowly makes nobody wait and the hub keep little; later it gets everything, each item once and in order", async () => {
    const room = await hub.createRoom(cheung, [{ user: wong, role: "writer" }]);
    const slow = await listen(wong.token);
    const quick = await listen(cheung.token);
    slow.follow(room, 0);
    quick.follow(room, 0);
    await slow.until(() => slow.items(room).length === 2);
    slow.pause();
    // More than the operating system takes in for a socket that nobody reads.
    const [requests, each] = [22, 16];
    for (let i = 0; i < requests; i++) {
      const sealed = [];
      for (let k = 0; k < each; k++) sealed.push(await hub.seal(cheung, room, "x".repeat(58_000)));
      expectOk(await hub.append(cheung, room, sealed), "append");
    }
    const total = 2 + requests * each;
    await quick.until(() => quick.items(room).length === total);
    expect(slow.items(room).length).toBeLessThan(total);
    expect(await bufferedBytes()).toBeLessThan(6 * 1_048_576);
    slow.resume();
    await slow.until(() => slow.items(room).length === total);
    expect(slow.items(room).map((item) => item.n)).toEqual(Array.from({ length: total }, (_, n) => n));
    slow.close();
    quick.close();
  });

  it("hears of a new space, and is refused the moment its person is removed", async () => {
    const device = await listen(wong.token);
    const room = await hub.createRoom(cheung, [{ user: wong, role: "writer" }]);
    await device.until(() =>
      device.received.some(({ head }) => head.type === "space" && head.spaceId === room.spaceId),
    );
    device.follow(room, 0);
    await device.until(() => device.items(room).length === 2);
    expectOk(await hub.commit(cheung, room, { rm: [{ userId: wong.userId, code: "left" }] }), "remove");
    expectOk(await hub.append(cheung, room, [await hub.seal(cheung, room, "without him")]), "after");
    await device.until(() =>
      device.received.some(({ head }) => head.type === "refused" && head.compId === room.compId),
    );
    expect(device.items(room).length).toBe(2);
    device.close();
  });

  it("gets in with a session only, and is told when the hub goes away", async () => {
    expect((await listen("A".repeat(43))).opened).toBe(false);
    const device = await listen(wong.token);
    await hub.restart();
    expect(await device.closed).toBe(1001);
  });
});
