import { randomBytes } from "node:crypto";
import type { ByteSpan, Client } from "@caseroom/client";
import type { Bytes, Failure, Result } from "@caseroom/contract";
import type { ImagingObject } from "./wado-store.ts";

/** 16 segments of a blob: one request to the hub, and what a reader holds at a time. */
const PIECE_BYTES = 4 * 1024 * 1024;

export type Part = { readonly contentType: string; readonly location?: string; readonly chunks: AsyncIterable<Bytes> };

/** A body of multipart/related (RFC 2387) as it is produced, and its Content-Type. */
export function multipartRelated(
  type: string,
  parts: AsyncIterable<Part>,
): { readonly contentType: string; readonly body: AsyncGenerator<Bytes> } {
  const boundary = `caseroom-${randomBytes(16).toString("hex")}`;
  return { contentType: `multipart/related; type="${type}"; boundary=${boundary}`, body: writeParts(boundary, parts) };
}

async function* writeParts(boundary: string, parts: AsyncIterable<Part>): AsyncGenerator<Bytes> {
  const line = (text: string): Bytes => new Uint8Array(Buffer.from(text, "latin1"));
  for await (const part of parts) {
    const location = part.location === undefined ? "" : `Content-Location: ${part.location}\r\n`;
    yield line(`--${boundary}\r\nContent-Type: ${part.contentType}\r\n${location}\r\n`);
    yield* part.chunks;
    yield line("\r\n");
  }
  yield line(`--${boundary}--\r\n`);
}

/** A failure in the midst of an answer: all that can still be done is to break it off, so that nobody takes it for whole. */
export class BrokenOff extends Error {
  readonly code: Failure["code"];
  constructor(code: Failure["code"]) {
    super(code);
    this.code = code;
  }
}

/** Bytes of an instance, piece by piece; the next piece is on its way while one is written. */
export async function* readChunks(
  client: Pick<Client, "blobs">,
  object: ImagingObject,
  span: ByteSpan = { offset: 0, length: object.length },
): AsyncGenerator<Bytes> {
  const blob = client.blobs.open(object.compId, object.descriptor);
  const end = object.offset + span.offset + span.length;
  const read = (from: number) => (from < end ? blob.read(from, Math.min(end, from + PIECE_BYTES)) : undefined);
  let at = object.offset + span.offset;
  let next = read(at);
  while (next !== undefined) {
    const piece: Result<Bytes, Failure> = await next;
    if (!piece.ok) throw new BrokenOff(piece.error.code);
    at += PIECE_BYTES;
    next = read(at);
    yield piece.value;
  }
}
