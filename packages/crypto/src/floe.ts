import {
  type Bytes,
  concatBytes,
  equalBytes,
  err,
  type Failure,
  failure,
  InvariantError,
  ok,
  type Random,
  type Result,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import { type AesGcmKey, aesGcmKey } from "./aes-gcm.ts";
import { FLOE_HEADER_BYTES, SEGMENT_BYTES, SEGMENT_OVERHEAD, SEGMENT_PLAINTEXT } from "./floe-layout.ts";
import { hmac } from "./hkdf.ts";

/**
 * FLOE (c2sp.org/FLOE, Eurocrypt 2026): random-access, chunked, key-committing AES-256-GCM. Parameters: AES-GCM-256,
 * HKDF-EXPAND-SHA-384, 32-byte IV, encrypted segments of 262,144 bytes. Whether a segment is the last is always the caller's knowledge
 * (from a signed length), never read from the data.
 */
export type FloeWriter = {
  readonly header: Bytes;
  readonly sealSegment: (position: number, isFinal: boolean, plaintext: Bytes) => Promise<Bytes>;
};
export type FloeReader = {
  readonly openSegment: (position: number, isFinal: boolean, segment: Bytes) => Promise<Result<Bytes, DecryptFailure>>;
};
type DecryptFailure = Failure<"DECRYPT_FAILED">;
type FloeState = {
  readonly messageKey: Bytes;
  readonly iv: Bytes;
  readonly aad: Bytes;
  readonly parameters: Bytes;
};
/** Segment length differs only in published test vectors. */
type FloeParameters = { readonly segmentBytes?: number };

const IV_BYTES = 32;
const AEAD_IV_BYTES = 12;
const MESSAGE_KEY_BYTES = 48;
const INTERNAL_MARK = 0xffff_ffff;
/** A new AEAD key every 2^20 segments. */
const ROTATION = 2 ** 20;

/** Starts sealing: a fresh IV, and the header whose tag commits to key and associated data. */
export async function createFloeWriter(
  input: {
    readonly key: Bytes;
    readonly aad: Bytes;
    readonly random: Random;
  } & FloeParameters,
): Promise<FloeWriter> {
  const { key, aad, random, segmentBytes = SEGMENT_BYTES } = input;
  const iv = random(IV_BYTES);
  const parameters = encodeParameters(segmentBytes);
  const prefix = { iv, aad, parameters };
  const header = concatBytes(parameters, iv, await floeKdf(key, prefix, utf8ToBytes("HEADER_TAG:"), 32));
  const state = {
    ...prefix,
    messageKey: await floeKdf(key, prefix, utf8ToBytes("MESSAGE_KEY:"), MESSAGE_KEY_BYTES),
  };
  const deks = createSegmentKeys(state, "encrypt");
  const maxPlaintext = segmentBytes - SEGMENT_OVERHEAD;
  const sealSegment: FloeWriter["sealSegment"] = async (position, isFinal, plaintext) => {
    const fits = isFinal ? plaintext.length <= maxPlaintext : plaintext.length === maxPlaintext;
    if (!fits) throw new InvariantError("only the last segment may be shorter than the others");
    const nonce = random(AEAD_IV_BYTES);
    const sealed = await (await deks(position)).seal(nonce, segmentAad(position, isFinal), plaintext);
    const mark = u32be(isFinal ? 4 + AEAD_IV_BYTES + sealed.length : INTERNAL_MARK);
    return concatBytes(mark, nonce, sealed);
  };
  return { header, sealSegment };
}

/** Starts opening: the header's tag must be that of this key and this associated data. */
export async function createFloeReader(
  input: {
    readonly key: Bytes;
    readonly aad: Bytes;
    readonly header: Bytes;
  } & FloeParameters,
): Promise<Result<FloeReader, DecryptFailure>> {
  const { key, aad, header, segmentBytes = SEGMENT_BYTES } = input;
  const parameters = encodeParameters(segmentBytes);
  if (header.length !== FLOE_HEADER_BYTES || !equalBytes(header.subarray(0, parameters.length), parameters)) {
    return err(failure("DECRYPT_FAILED"));
  }
  const iv = toBytes(header.subarray(parameters.length, parameters.length + IV_BYTES));
  const prefix = { iv, aad, parameters };
  const expected = await floeKdf(key, prefix, utf8ToBytes("HEADER_TAG:"), 32);
  if (!equalInConstantTime(expected, header.subarray(parameters.length + IV_BYTES)))
    return err(failure("DECRYPT_FAILED"));
  const state = {
    ...prefix,
    messageKey: await floeKdf(key, prefix, utf8ToBytes("MESSAGE_KEY:"), MESSAGE_KEY_BYTES),
  };
  const deks = createSegmentKeys(state, "decrypt");
  const openSegment: FloeReader["openSegment"] = async (position, isFinal, segment) => {
    if (!hasSegmentShape(segment, isFinal, segmentBytes)) return err(failure("DECRYPT_FAILED"));
    const key = await deks(position);
    const plaintext = await key.open(segment.subarray(4, 16), segmentAad(position, isFinal), segment.subarray(16));
    return plaintext === undefined ? err(failure("DECRYPT_FAILED")) : ok(plaintext);
  };
  return ok({ openSegment });
}

/** Seals a whole plaintext in memory. */
export async function floeSeal(input: {
  readonly key: Bytes;
  readonly aad: Bytes;
  readonly plaintext: Bytes;
  readonly random: Random;
}): Promise<{ readonly header: Bytes; readonly body: Bytes }> {
  const writer = await createFloeWriter(input);
  const count = Math.max(1, Math.ceil(input.plaintext.length / SEGMENT_PLAINTEXT));
  const segments: Bytes[] = [];
  for (let i = 0; i < count; i++) {
    const plaintext = toBytes(input.plaintext.subarray(i * SEGMENT_PLAINTEXT, (i + 1) * SEGMENT_PLAINTEXT));
    segments.push(await writer.sealSegment(i, i === count - 1, plaintext));
  }
  return { header: writer.header, body: concatBytes(...segments) };
}

/** Opens a whole body in memory. */
export async function floeOpen(input: {
  readonly key: Bytes;
  readonly aad: Bytes;
  readonly header: Bytes;
  readonly body: Bytes;
}): Promise<Result<Bytes, DecryptFailure>> {
  const reader = await createFloeReader(input);
  if (!reader.ok) return reader;
  const count = Math.max(1, Math.ceil(input.body.length / SEGMENT_BYTES));
  const parts: Bytes[] = [];
  for (let i = 0; i < count; i++) {
    const segment = toBytes(input.body.subarray(i * SEGMENT_BYTES, (i + 1) * SEGMENT_BYTES));
    const opened = await reader.value.openSegment(i, i === count - 1, segment);
    if (!opened.ok) return opened;
    parts.push(opened.value);
  }
  return ok(concatBytes(...parts));
}

/** FLOE_KDF(key, iv, aad, purpose, len): HKDF-Expand-SHA-384 with one block, since no output exceeds 48 bytes. */
async function floeKdf(
  key: Bytes,
  state: Omit<FloeState, "messageKey">,
  purpose: Bytes,
  length: number,
): Promise<Bytes> {
  const info = concatBytes(state.parameters, state.iv, purpose, state.aad);
  return toBytes((await hmac("SHA-384", key, concatBytes(info, toBytes([1])))).subarray(0, length));
}

/** DERIVE_KEY with the last key kept: segments are read and written in runs. */
function createSegmentKeys(state: FloeState, usage: "encrypt" | "decrypt"): (position: number) => Promise<AesGcmKey> {
  let kept: { readonly rotation: number; readonly key: Promise<AesGcmKey> } | undefined;
  return (position) => {
    const rotation = Math.floor(position / ROTATION);
    if (kept?.rotation !== rotation)
      kept = {
        rotation,
        key: deriveSegmentKey(state, rotation * ROTATION, usage),
      };
    return kept.key;
  };
}

async function deriveSegmentKey(state: FloeState, masked: number, usage: "encrypt" | "decrypt"): Promise<AesGcmKey> {
  const purpose = concatBytes(utf8ToBytes("DEK:"), u64be(masked));
  return aesGcmKey(await floeKdf(state.messageKey, state, purpose, 32), usage);
}

function hasSegmentShape(segment: Bytes, isFinal: boolean, segmentBytes: number): boolean {
  if (segment.length < SEGMENT_OVERHEAD || segment.length > segmentBytes) return false;
  const mark = new DataView(segment.buffer, segment.byteOffset).getUint32(0);
  return isFinal ? mark === segment.length : segment.length === segmentBytes && mark === INTERNAL_MARK;
}

/** AEAD id 0, KDF id 0, segment length, IV length. */
function encodeParameters(segmentBytes: number): Bytes {
  return concatBytes(toBytes([0, 0]), u32be(segmentBytes), u32be(IV_BYTES));
}

function segmentAad(position: number, isFinal: boolean): Bytes {
  return concatBytes(u64be(position), toBytes([isFinal ? 1 : 0]));
}

function u32be(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function u64be(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
