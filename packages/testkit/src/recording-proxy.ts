import { appendFileSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";

/** Stands before the hub and keeps every byte of every body and frame that passes: in memory, or in a file that it appends to. */
export type RecordingProxy = {
  readonly url: string;
  readonly recorded: () => Buffer;
  readonly close: () => Promise<void>;
};

export async function startRecordingProxy(hubUrl: string, port: number, file?: string): Promise<RecordingProxy> {
  const target = new URL(hubUrl);
  const kept: Buffer[] = [];
  const keep = (chunk: Buffer) => {
    if (file === undefined) kept.push(Buffer.from(chunk));
    else appendFileSync(file, chunk);
  };
  const server = createServer((incoming, response) => {
    const outgoing = request(
      {
        host: target.hostname,
        port: target.port,
        path: incoming.url,
        method: incoming.method,
        headers: { ...incoming.headers, host: target.host },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on("data", keep);
        answer.pipe(response);
      },
    );
    outgoing.on("error", () => response.destroy());
    incoming.on("data", keep);
    incoming.pipe(outgoing);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket) => {
    const upstream = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries({ ...incoming.headers, host: target.host }).map(
        ([name, value]) => `${name}: ${String(value)}`,
      );
      upstream.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
      upstream.on("data", keep);
      upstream.pipe(socket);
      socket.pipe(upstream);
    });
    // What a client sends is masked (RFC 6455 §5.3): unmasked copies are searched, so the mask hides nothing.
    const unmask = createUnmasker(keep);
    socket.on("data", unmask);
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    recorded: () => (file === undefined ? Buffer.concat(kept) : readFileSync(file)),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Takes client frames apart and passes their payload on in clear. */
function createUnmasker(keep: (chunk: Buffer) => void): (chunk: Buffer) => void {
  let waiting = Buffer.alloc(0);
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (;;) {
      const frame = readFrame(waiting);
      if (frame === undefined) return;
      keep(frame.payload);
      waiting = waiting.subarray(frame.size);
    }
  };
}

function readFrame(bytes: Buffer): { readonly payload: Buffer; readonly size: number } | undefined {
  if (bytes.length < 6) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 6 + wide) return undefined;
  const length = wide === 0 ? short : wide === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const start = 2 + wide + 4;
  if (bytes.length < start + length) return undefined;
  const mask = bytes.subarray(2 + wide, start);
  const payload = Buffer.from(bytes.subarray(start, start + length));
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return { payload, size: start + length };
}
