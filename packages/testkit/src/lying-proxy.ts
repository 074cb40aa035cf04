import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createHubApi, createLane, type Reply } from "@caseroom/client";
import {
  type Bytes,
  bytesToBase64url,
  type CompId,
  concatBytes,
  decodeFramed,
  encodeFramed,
  entriesList,
  expectOk,
  InvariantError,
  OPERATIONS,
  type Operation,
  parseJson,
  STREAM_PATH,
  STREAM_PROTOCOL,
  streamFromClient,
  streamFromHub,
  toBytes,
} from "@caseroom/contract";
import { type RawData, WebSocket, WebSocketServer } from "ws";

/** Stands between one person and the real hub and lies where it is told to; all else passes as it is. */
export type LyingProxy = {
  readonly url: string;
  /** From now on every good reply of this operation is changed before the person sees it. */
  readonly lie: <O extends Operation>(operation: O, tell: Tale<O>) => void;
  /** From now on a compartment's feed is another one, over HTTP and over the stream. Positions are as in the told feed. */
  readonly lieAboutFeed: (compId: CompId, tell: FeedTale) => void;
  readonly close: () => Promise<void>;
};

export type Tale<O extends Operation> = (reply: Reply<O>, asked: Asked) => Reply<O>;
export type Asked = { readonly params: Readonly<Record<string, string>>; readonly body: Bytes };
export type FeedTale = (items: readonly FeedLine[]) => readonly FeedLine[];
export type FeedLine = {
  readonly kind: "entry" | "link";
  readonly bytes: Bytes;
  readonly logIndex?: number | undefined;
  readonly ts?: number | undefined;
};

type Rewrite = (reply: Bytes, asked: Asked) => Bytes;

export async function startLyingProxy(hubUrl: string): Promise<LyingProxy> {
  const rewrites = new Map<string, Rewrite>();
  const feeds = new Map<string, FeedTale>();

  /** The feed as the person is told it. */
  const toldFeed = async (compId: string, bearer: string, tell: FeedTale): Promise<readonly FeedLine[]> => {
    const hub = createHubApi({ baseUrl: hubUrl, fetch, token: () => bearer });
    const items: FeedLine[] = [];
    for (;;) {
      const query = { from: items.length, limit: 512 };
      const { head, parts } = expectOk(await hub.call(entriesList, { params: { compId }, query }), "the true feed");
      for (const [i, { kind, logIndex, ts }] of head.items.entries())
        items.push({ kind, bytes: parts[i] ?? toBytes([]), logIndex, ts });
      if (head.items.length === 0 || items.length >= head.total) return tell(items);
    }
  };

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readAll(incoming);
    const url = new URL(incoming.url ?? "/", hubUrl);
    const found = findOperation(incoming.method ?? "", url.pathname);
    const tale = found?.operation.id === entriesList.id ? feeds.get(found.params.compId ?? "") : undefined;
    if (tale !== undefined) {
      const bearer = (incoming.headers.authorization ?? "").replace(/^Bearer /, "");
      const told = await toldFeed(found?.params.compId ?? "", bearer, tale);
      const items = linesFrom(told, Number(url.searchParams.get("from") ?? 0));
      response.end(encodeFramed({ head: { items: headsOf(items), total: told.length }, parts: partsOf(items) }));
      return;
    }
    const reply = await fetch(url, {
      method: incoming.method ?? "GET",
      headers: passedHeaders(incoming),
      ...(body.length === 0 ? {} : { body }),
    });
    const bytes = toBytes(new Uint8Array(await reply.arrayBuffer()));
    const rewrite = reply.ok && found !== undefined ? rewrites.get(found.operation.id) : undefined;
    response.writeHead(reply.status, { "content-type": reply.headers.get("content-type") ?? "text/plain" });
    response.end(rewrite === undefined ? bytes : rewrite(bytes, { params: found?.params ?? {}, body }));
  };

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => STREAM_PROTOCOL });
  server.on("upgrade", (incoming, socket, head) => {
    sockets.handleUpgrade(incoming, socket, head, (person) =>
      joinStream({ hubUrl, incoming, person, feeds, toldFeed }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new InvariantError("the proxy has a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    lie: (operation, tell) => {
      rewrites.set(operation.id, (bytes, asked) => encodeReply(operation, tell(decodeReply(operation, bytes), asked)));
    },
    lieAboutFeed: (compId, tell) => {
      feeds.set(compId, tell);
    },
    close: () =>
      new Promise((resolve) => {
        for (const person of sockets.clients) person.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** One person's stream: what the hub says about a feed that is lied about only tells when to speak of the told one. */
function joinStream(deps: {
  readonly hubUrl: string;
  readonly incoming: IncomingMessage;
  readonly person: WebSocket;
  readonly feeds: ReadonlyMap<string, FeedTale>;
  readonly toldFeed: (compId: string, bearer: string, tell: FeedTale) => Promise<readonly FeedLine[]>;
}): void {
  const { person, feeds } = deps;
  const protocols = (deps.incoming.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
  const bearer = protocols.find((one) => one.startsWith("bearer."))?.slice("bearer.".length) ?? "";
  const url = new URL(STREAM_PATH, deps.hubUrl);
  url.protocol = "ws:";
  const hub = new WebSocket(url, protocols);
  const lane = createLane();
  const cursors = new Map<string, number>();

  const speakOfFeed = async (compId: string, tell: FeedTale): Promise<void> => {
    const items = linesFrom(await deps.toldFeed(compId, bearer, tell), cursors.get(compId) ?? 0);
    if (items.length === 0) return;
    cursors.set(compId, (items.at(-1)?.n ?? 0) + 1);
    person.send(encodeFramed({ head: { type: "feed", compId, items: headsOf(items) }, parts: partsOf(items) }));
  };
  const fromHub = async (data: Bytes): Promise<void> => {
    const framed = decodeFramed(data);
    const head = framed.ok ? streamFromHub.safeParse(framed.value.head) : undefined;
    const compId = head?.success === true && head.data.type === "feed" ? head.data.compId : undefined;
    const tell = compId === undefined ? undefined : feeds.get(compId);
    if (compId !== undefined && tell !== undefined) await speakOfFeed(compId, tell);
    else if (person.readyState === WebSocket.OPEN) person.send(data);
  };
  const fromPerson = (data: Bytes): void => {
    const framed = decodeFramed(data);
    const head = framed.ok ? streamFromClient.safeParse(framed.value.head) : undefined;
    if (head?.success === true && head.data.type === "follow")
      for (const { compId, from } of head.data.comps) cursors.set(compId, from);
    hub.send(data);
  };
  const opened = new Promise<void>((resolve) => hub.once("open", () => resolve()));
  person.on("message", (data) => void opened.then(() => fromPerson(bytesOf(data))));
  // A person who has gone needs no more lies.
  hub.on("message", (data) => void lane.run(() => fromHub(bytesOf(data))).catch(() => person.terminate()));
  person.on("close", () => hub.terminate());
  hub.on("close", () => person.close());
  hub.on("error", () => person.terminate());
}

type NumberedLine = FeedLine & { readonly n: number };

function linesFrom(told: readonly FeedLine[], from: number): readonly NumberedLine[] {
  return told.map((line, n) => ({ ...line, n })).slice(from);
}

function headsOf(items: readonly NumberedLine[]): readonly Omit<NumberedLine, "bytes">[] {
  return items.map(({ n, kind, logIndex, ts }) => ({ n, kind, logIndex, ts }));
}

function partsOf(items: readonly NumberedLine[]): readonly Bytes[] {
  return items.map(({ bytes }) => bytes);
}

function decodeReply<O extends Operation>(operation: O, raw: Bytes): Reply<O> {
  const { response } = operation;
  if (response.kind === "none" || response.kind === "raw") return asReply<O>(undefined, [], raw);
  const framed = response.kind === "framed" ? expectOk(decodeFramed(raw), "a framed reply") : undefined;
  const head = framed?.head ?? expectOk(parseJson(new TextDecoder().decode(raw)), "a JSON reply");
  return asReply<O>(response.schema.parse(head), framed?.parts ?? [], raw);
}

function asReply<O extends Operation>(head: unknown, parts: readonly Bytes[], raw: Bytes): Reply<O> {
  // The schema of this very operation has just produced the head.
  return { head: head as Reply<O>["head"], parts, raw };
}

/** Bytes go back into the base64url text that the contract has them in; ids are text already. */
function encodeReply<O extends Operation>(operation: O, reply: Reply<O>): Bytes {
  const { kind } = operation.response;
  if (kind === "none" || kind === "raw") return reply.raw;
  const text = JSON.stringify(reply.head, (_, value: unknown) =>
    value instanceof Uint8Array ? bytesToBase64url(value) : value,
  );
  if (kind === "json") return toBytes(new TextEncoder().encode(text));
  return encodeFramed({ head: expectOk(parseJson(text), "own JSON"), parts: reply.parts });
}

function findOperation(
  method: string,
  path: string,
): { readonly operation: Operation; readonly params: Readonly<Record<string, string>> } | undefined {
  for (const operation of OPERATIONS) {
    const pattern = new RegExp(`^${operation.path.replaceAll(/:([a-zA-Z]+)/g, "(?<$1>[^/]+)")}$`);
    const match = operation.method === method ? pattern.exec(path) : null;
    if (match !== null) return { operation, params: { ...match.groups } };
  }
  return undefined;
}

function passedHeaders(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const name of ["authorization", "content-type", "range"]) {
    const value = incoming.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  return headers;
}

async function readAll(incoming: IncomingMessage): Promise<Bytes> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) if (chunk instanceof Buffer) chunks.push(chunk);
  return concatBytes(...chunks);
}

function bytesOf(data: RawData): Bytes {
  if (Array.isArray(data)) return concatBytes(...data);
  return toBytes(new Uint8Array(data));
}
