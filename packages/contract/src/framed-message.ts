import { type Bytes, bytesToUtf8, concatBytes, toBytes, utf8ToBytes } from "./bytes.ts";
import { type Failure, failure } from "./errors.ts";
import { err, ok, type Result } from "./result.ts";

/**
 * A framed message: a JSON head and any number of opaque byte parts. It carries ciphertext over HTTP and WebSocket
 * without the third that base64 would add.
 *
 *     message = u32be(head length) ‖ head (UTF-8 JSON) ‖ { u32be(part length) ‖ part }*
 */
export type FramedMessage = {
  readonly head: unknown;
  readonly parts: readonly Bytes[];
};

export const FRAMED_MEDIA_TYPE = "application/vnd.caseroom.framed";

export type FramedLimits = {
  readonly maxHeadBytes: number;
  readonly maxParts: number;
  readonly maxPartBytes: number;
};

export const DEFAULT_FRAMED_LIMITS: FramedLimits = {
  maxHeadBytes: 262_144,
  maxParts: 2_048,
  maxPartBytes: 262_144,
};

export function encodeFramed(message: FramedMessage): Bytes {
  const chunks: Uint8Array[] = [];
  for (const chunk of [utf8ToBytes(JSON.stringify(message.head)), ...message.parts]) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, chunk.length);
    chunks.push(length, chunk);
  }
  return concatBytes(...chunks);
}

/** Splits a framed message. The head is still `unknown`: the operation's schema types it. */
export function decodeFramed(
  bytes: Uint8Array,
  limits: FramedLimits = DEFAULT_FRAMED_LIMITS,
): Result<FramedMessage, Failure<"BAD_REQUEST" | "TOO_LARGE">> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Bytes[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 4 > bytes.length) return err(failure("BAD_REQUEST", "a frame is cut short"));
    const length = view.getUint32(offset);
    const limit = chunks.length === 0 ? limits.maxHeadBytes : limits.maxPartBytes;
    if (length > limit) return err(failure("TOO_LARGE", "a part exceeds its limit"));
    if (chunks.length > limits.maxParts) return err(failure("TOO_LARGE", "too many parts"));
    offset += 4;
    if (offset + length > bytes.length) return err(failure("BAD_REQUEST", "a frame is cut short"));
    chunks.push(toBytes(bytes.subarray(offset, offset + length)));
    offset += length;
  }
  const [headBytes, ...parts] = chunks;
  const text = headBytes === undefined ? undefined : bytesToUtf8(headBytes);
  if (text === undefined) return err(failure("BAD_REQUEST", "the head is missing or not UTF-8"));
  const head = parseJson(text);
  return head.ok ? ok({ head: head.value, parts }) : head;
}

/** The one place where JSON text of the wire becomes a value. */
export function parseJson(text: string): Result<unknown, Failure<"BAD_REQUEST">> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err(failure("BAD_REQUEST", "not valid JSON"));
  }
}
