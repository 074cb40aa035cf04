import { type CompId, parseId32, type StreamFromHub, toBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { createStreamInbox } from "./stream-inbox.ts";

const compOf = (digit: string): CompId => parseId32<CompId>(digit.repeat(64)) ?? expect.fail();
const [ward, clinic] = [compOf("a"), compOf("b")];

function feed(compId: CompId, ...positions: readonly number[]) {
  const message: StreamFromHub = { type: "feed", compId, items: positions.map((n) => ({ n, kind: "entry" })) };
  return [message, positions.map((n) => toBytes([n]))] as const;
}

function takeAll(inbox: ReturnType<typeof createStreamInbox>) {
  const taken: unknown[] = [];
  for (let next = inbox.take(); next !== undefined; next = inbox.take()) {
    const { message, parts } = next;
    taken.push(message.type === "feed" ? [message.compId, parts.map((part) => part[0])] : message.type);
  }
  return taken;
}

describe("what a stream brings while a device is busy", () => {
  it("is taken together for each room, in order", () => {
    const inbox = createStreamInbox();
    for (const one of [feed(ward, 4), feed(clinic, 7, 8), feed(ward, 5, 6), feed(clinic, 9)]) inbox.put(...one);
    expect(takeAll(inbox)).toEqual([
      [ward, [4, 5, 6]],
      [clinic, [7, 8, 9]],
    ]);
  });

  it("is not taken across anything else, nor where a position is missing", () => {
    const inbox = createStreamInbox();
    inbox.put(...feed(ward, 4));
    inbox.put({ type: "pong" }, []);
    for (const one of [feed(ward, 5), feed(ward, 7)]) inbox.put(...one);
    expect(takeAll(inbox)).toEqual([[ward, [4]], "pong", [ward, [5]], [ward, [7]]]);
  });

  it("stays in pieces that can be kept in one write", () => {
    const inbox = createStreamInbox();
    for (let n = 0; n < 300; n++) inbox.put(...feed(ward, n));
    const sizes = takeAll(inbox).map((one) => (Array.isArray(one) && Array.isArray(one[1]) ? one[1].length : 0));
    expect(sizes).toEqual([256, 44]);
  });
});
