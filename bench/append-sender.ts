import { connect } from "node:net";
import { encodeFramed, FRAMED_MEDIA_TYPE, InvariantError } from "@caseroom/contract";
import type { Room, SealedTemplate, Sender } from "./bench-institution.ts";

/** One kept connection that appends, one request at a time, with as little work of its own as a load generator can do. */
export type AppendSender = {
  /** Resolves when the hub has answered that all entries of the request are stored, none of them a repeat. */
  readonly append: () => Promise<void>;
  readonly close: () => void;
};

/**
 * The entries of a request were sealed before. Each request gives them object ids that nobody has used: the hub cannot tell such an envelope
 * from a freshly sealed one, since all it can read is the header.
 */
export function openAppendSender(
  hubUrl: string,
  sender: Sender,
  room: Room,
  sealed: readonly SealedTemplate[],
): AppendSender {
  const { hostname, port } = new URL(hubUrl);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const template = buildRequest({ host: `${hostname}:${port}`, token: sender.token, room, sealed });
  const places = sealed.map(({ oid }) => findPlaces(template, oid));
  const prefix = crypto.getRandomValues(Buffer.alloc(8));
  let counter = 0;
  let received = Buffer.alloc(0);
  let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  const fail = () => settle?.reject(new InvariantError("the hub closed the connection"));
  socket.on("error", fail);
  socket.on("close", fail);
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const reply = takeReply(received);
    if (reply === undefined) return;
    received = Buffer.alloc(0);
    const waiting = settle;
    settle = undefined;
    if (isAllStored(reply, sealed.length)) waiting?.resolve();
    else waiting?.reject(new InvariantError(`the hub did not store everything: ${reply.slice(0, 200)}`));
  });

  const nextRequest = (): Buffer => {
    const request = Buffer.from(template);
    for (const { text, raw } of places) {
      const oid = Buffer.concat([prefix, Buffer.alloc(8)]);
      oid.writeBigUInt64BE(BigInt(counter++), 8);
      request.write(oid.toString("hex"), text, "latin1");
      oid.copy(request, raw);
    }
    return request;
  };

  return {
    append: () =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(nextRequest());
      }),
    close: () => {
      settle = undefined;
      socket.destroy();
    },
  };
}

function buildRequest(input: {
  readonly host: string;
  readonly token: string;
  readonly room: Room;
  readonly sealed: readonly SealedTemplate[];
}): Buffer {
  const head = { entries: input.sealed.map(({ oid }) => ({ oid })) };
  const body = encodeFramed({ head, parts: input.sealed.map(({ envelope }) => envelope) });
  const lines = [
    `POST /v1/comps/${input.room.compId}/entries HTTP/1.1`,
    `host: ${input.host}`,
    `authorization: Bearer ${input.token}`,
    `content-type: ${FRAMED_MEDIA_TYPE}`,
    `content-length: ${body.length}`,
    "",
    "",
  ];
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), body]);
}

/** Where an object id stands in a request: as text in the head, as bytes in the envelope's header. */
function findPlaces(request: Buffer, oid: string): { readonly text: number; readonly raw: number } {
  const text = request.indexOf(oid, 0, "latin1");
  const raw = request.indexOf(Buffer.from(oid, "hex"));
  if (text < 0 || raw < 0) throw new InvariantError("a request names its objects twice");
  return { text, raw };
}

/** The whole reply, once it is there (RFC 9112 §6.2: the hub sends Content-Length). */
function takeReply(received: Buffer): string | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = received.toString("latin1", 0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length)) throw new InvariantError("a reply has a length");
  return received.length < end + 4 + length ? undefined : received.toString("latin1");
}

function isAllStored(reply: string, count: number): boolean {
  const fresh = reply.split('"repeated":false').length - 1;
  return reply.startsWith("HTTP/1.1 200 ") && reply.includes('"stopped":null') && fresh === count;
}
