import { decodeFramed, encodeFramed, expectOk, toBytes } from "@caseroom/contract";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openHubStream, type SocketLike } from "./hub-stream.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A line that opens when the test says so; `answers` false is a line that somebody cut without a word. */
function openLine() {
  const sockets: ReturnType<typeof createSocket>[] = [];
  const happened: string[] = [];
  const stream = openHubStream(
    {
      baseUrl: "http://hub.test",
      token: () => "token",
      openSocket: () => {
        const socket = createSocket();
        sockets.push(socket);
        return socket.like;
      },
    },
    {
      onMessage: (message) => happened.push(message.type),
      onOpen: () => happened.push("open"),
      onClose: () => happened.push("close"),
    },
  );
  return { stream, sockets, happened };
}

function createSocket() {
  const listeners = new Map<string, (event: { readonly data: unknown }) => void>();
  const emit = (type: string, data?: unknown) => listeners.get(type)?.({ data });
  const socket = { isAnswering: true, readyState: 0 };
  const like: SocketLike = {
    binaryType: "",
    get readyState() {
      return socket.readyState;
    },
    send: (data) => {
      const { head } = expectOk(decodeFramed(toBytes(data)), "frame");
      if (socket.isAnswering && JSON.stringify(head) === '{"type":"ping"}')
        emit("message", encodeFramed({ head: { type: "pong" }, parts: [] }));
    },
    // As a browser does on a dead line: the close event comes a long time later, if ever.
    close: () => undefined,
    addEventListener: (type: string, listener: (event: { readonly data: unknown }) => void) =>
      void listeners.set(type, listener),
  };
  const open = () => {
    socket.readyState = 1;
    emit("open");
  };
  const cut = () => {
    socket.isAnswering = false;
  };
  return { like, open, emit, cut };
}

describe("the line to the hub", () => {
  it("that went dead without a word is noticed within two pings, said, and opened anew", () => {
    const { stream, sockets, happened } = openLine();
    sockets[0]?.open();
    vi.advanceTimersByTime(65_000);
    expect(happened.filter((one) => one !== "pong")).toEqual(["open"]);
    sockets[0]?.cut();
    vi.advanceTimersByTime(41_000);
    expect(happened.at(-1)).toBe("close");
    expect(sockets).toHaveLength(2);
    sockets[1]?.open();
    expect(happened.at(-1)).toBe("open");
    stream.close();
  });

  it("says nothing of a socket that it has given up, which comes late", () => {
    const { stream, sockets, happened } = openLine();
    sockets[0]?.open();
    sockets[0]?.cut();
    vi.advanceTimersByTime(41_000);
    const before = happened.length;
    sockets[0]?.emit("close");
    sockets[0]?.emit("message", encodeFramed({ head: { type: "pong" }, parts: [] }));
    expect(happened.length).toBe(before);
    stream.close();
  });
});
