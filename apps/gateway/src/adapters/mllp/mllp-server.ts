import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Bytes } from "@caseroom/contract";
import { createMllpDecoder, encodeMllp } from "./mllp-framing.ts";

/** Answers one message; resolves when the answer may be given, that is: when the message is on disk. */
export type ReceiveHl7 = (message: Bytes) => Promise<Bytes>;

export type MllpServer = { readonly start: () => Promise<void>; readonly stop: () => Promise<void> };

const MAX_MESSAGE_BYTES = 4_194_304;
const IDLE_MS = 10 * 60_000;
const MAX_CONNECTIONS = 256;
/** Messages of one connection that may wait for their answer before reading pauses. */
const MAX_PENDING = 64;

/**
 * HL7 v2 over MLLP on node:net, or node:tls. Messages of a connection are answered in order; a sender may send ahead. What is too large or
 * too slow ends its own connection and nothing else.
 */
export function createMllpServer(
  options: {
    readonly host: string;
    readonly port: number;
    readonly tls: { readonly key: string; readonly cert: string; readonly ca: string | undefined } | undefined;
  },
  receive: ReceiveHl7,
): MllpServer {
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, receive);
  };
  const server: Server =
    options.tls === undefined
      ? createServer(onConnection)
      : createTlsServer(
          {
            key: readFileSync(options.tls.key),
            cert: readFileSync(options.tls.cert),
            ...(options.tls.ca === undefined
              ? {}
              : { ca: readFileSync(options.tls.ca), requestCert: true, rejectUnauthorized: true }),
            minVersion: "TLSv1.2",
          },
          onConnection,
        );
  server.maxConnections = MAX_CONNECTIONS;
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(options.port, options.host, () => resolve());
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroySoon();
      }),
  };
}

function serve(socket: Socket, receive: ReceiveHl7): void {
  const decoder = createMllpDecoder(MAX_MESSAGE_BYTES);
  let pending = 0;
  let answers: Promise<void> = Promise.resolve();
  socket.setNoDelay(true);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const messages = decoder.push(chunk);
    if (messages === "too-large") {
      socket.destroy();
      return;
    }
    for (const message of messages) {
      pending += 1;
      if (pending >= MAX_PENDING) socket.pause();
      const answer = receive(message);
      answers = answers
        .then(async () => {
          const bytes = await answer;
          if (!socket.destroyed) socket.write(encodeMllp(bytes));
        })
        // Without an answer the sender tries again: a connection that ends is the honest sign of "not stored".
        .catch(() => {
          socket.destroy();
        })
        .finally(() => {
          pending -= 1;
          if (pending < MAX_PENDING / 2) socket.resume();
        });
    }
  });
}
