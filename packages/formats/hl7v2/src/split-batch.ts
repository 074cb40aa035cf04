import { type Bytes, toBytes } from "@caseroom/contract";

/** What a file holds: messages one after another, in a batch or not. */
export type Hl7Batch = {
  readonly messages: readonly Bytes[];
  /** How many its trailers say that there are (BTS-1); `undefined` when they do not say. */
  readonly announced: number | undefined;
};

const LINE_ENDS = new Set([0x0a, 0x0b, 0x0d]);
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const TRAILERS = ["BHS", "BTS", "FHS", "FTS"];

/**
 * The messages of a file (HL7 v2.5.1 §2.10.3 batch protocol): between FHS, BHS, BTS and FTS, in MLLP frames, or merely one after another.
 * What stands before the first message is left out. Bytes without any MSH at the beginning of a line come back whole, for the reader to
 * refuse. Byte for byte: each message may have a character set of its own.
 */
export function splitHl7(bytes: Uint8Array): Hl7Batch {
  const starts = lineStarts(bytes, ["MSH"]);
  if (starts.length === 0) return { messages: [toBytes(bytes)], announced: undefined };
  const messages = starts.map((start, i) => {
    const whole = bytes.subarray(start, starts[i + 1] ?? bytes.length);
    const [trailer = whole.length] = lineStarts(whole, TRAILERS);
    return toBytes(whole.subarray(0, trailer));
  });
  const counts = lineStarts(bytes, ["BTS"]).map((start) => countOf(bytes.subarray(start, start + 16)));
  const known = counts.filter((count) => count !== undefined);
  const isKnown = counts.length > 0 && known.length === counts.length;
  return { messages, announced: isKnown ? known.reduce((sum, count) => sum + count, 0) : undefined };
}

/** Where lines begin with one of the segment names and a separator. */
function lineStarts(bytes: Uint8Array, names: readonly string[]): readonly number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length - 3; at++) {
    if (at > 0 && !LINE_ENDS.has(bytes[at - 1] ?? 0) && !followsMark(bytes, at)) continue;
    const name = String.fromCharCode(...bytes.subarray(at, at + 3));
    if (names.includes(name) && isSeparator(bytes[at + 3] ?? 0)) starts.push(at);
  }
  return starts;
}

function followsMark(bytes: Uint8Array, at: number): boolean {
  return at >= 3 && BYTE_ORDER_MARK.every((byte, i) => bytes[at - 3 + i] === byte);
}

/** Printable, and neither letter nor digit. */
function isSeparator(byte: number): boolean {
  return /[!-/:-@[-`{-~]/.test(String.fromCharCode(byte));
}

function countOf(trailer: Uint8Array): number | undefined {
  const digits = /^BTS.(\d{1,9})/.exec(String.fromCharCode(...trailer))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
