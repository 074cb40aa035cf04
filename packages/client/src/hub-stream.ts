import {
  type Bytes,
  type CompId,
  decodeFramed,
  encodeFramed,
  STREAM_PATH,
  STREAM_PROTOCOL,
  type StreamFromHub,
  streamFromHub,
  toBytes,
} from "@caseroom/contract";

/** What the client needs of a WebSocket: the browser's, or Node's, or a recording one. */
export type SocketLike = {
  binaryType: string;
  readonly readyState: number;
  send(data: Bytes): void;
  close(): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
};
export type OpenSocket = (url: string, protocols: string[]) => SocketLike;

export type HubStream = {
  /** Follows compartments from these positions on; remembered over reconnects through `cursors`. */
  readonly follow: (comps: readonly { readonly compId: CompId; readonly from: number }[]) => void;
  readonly isOpen: () => boolean;
  readonly close: () => void;
};

export type StreamHandlers = {
  readonly onMessage: (message: StreamFromHub, parts: readonly Bytes[]) => void;
  /** After every (re)connection: what was missed must be fetched. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
};

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
/** A line on which nothing is heard from one ping to the next is dead, whatever TCP still hopes. */
const PING_MS = 20_000;
const OPEN = 1;

/** One WebSocket for all spaces of this device; reconnects with back-off until closed. */
export function openHubStream(
  deps: { readonly baseUrl: string; readonly token: () => string | undefined; readonly openSocket: OpenSocket },
  handlers: StreamHandlers,
): HubStream {
  let socket: SocketLike | undefined;
  let retryMs = FIRST_RETRY_MS;
  let isClosed = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  const send = (head: unknown) => {
    if (socket?.readyState === OPEN) socket.send(encodeFramed({ head, parts: [] }));
  };
  let isHeard = true;
  const ping = setInterval(() => {
    if (socket?.readyState !== OPEN) return;
    if (!isHeard) return lose(socket);
    isHeard = false;
    send({ type: "ping" });
  }, PING_MS);

  /** Goes on without waiting for the other side to say goodbye. */
  const lose = (lost: SocketLike) => {
    if (socket !== lost) return;
    socket = undefined;
    lost.close();
    handlers.onClose();
    if (isClosed) return;
    retryTimer = setTimeout(connect, retryMs);
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  };

  const connect = () => {
    const token = deps.token();
    if (isClosed || token === undefined) return;
    const url = new URL(STREAM_PATH, deps.baseUrl);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const current = deps.openSocket(url.href, [STREAM_PROTOCOL, `bearer.${token}`]);
    current.binaryType = "arraybuffer";
    socket = current;
    current.addEventListener("open", () => {
      if (socket !== current) return;
      retryMs = FIRST_RETRY_MS;
      isHeard = true;
      handlers.onOpen();
    });
    current.addEventListener("message", ({ data }) => {
      if (socket !== current) return;
      isHeard = true;
      receive(data, handlers);
    });
    current.addEventListener("error", () => lose(current));
    current.addEventListener("close", () => lose(current));
  };
  connect();

  return {
    follow: (comps) => {
      if (comps.length > 0) send({ type: "follow", comps });
    },
    isOpen: () => socket?.readyState === OPEN,
    close: () => {
      isClosed = true;
      clearInterval(ping);
      clearTimeout(retryTimer);
      socket?.close();
    },
  };
}

function receive(data: unknown, handlers: StreamHandlers): void {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data instanceof Uint8Array ? data : undefined;
  const framed = bytes === undefined ? undefined : decodeFramed(toBytes(bytes));
  const head = framed?.ok === true ? streamFromHub.safeParse(framed.value.head) : undefined;
  // A message outside the contract is dropped: what it announced is fetched and checked at the next sync anyway.
  if (framed?.ok === true && head?.success === true) handlers.onMessage(head.data, framed.value.parts);
}
