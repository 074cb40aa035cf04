import { type Bytes, concatBytes } from "@caseroom/contract";

/** MLLP (HL7 v2 Transport Specification, Release 1, §2): 0B message 1C 0D. */
const START = 0x0b;
const END = 0x1c;
const CARRIAGE_RETURN = 0x0d;

export type MllpDecoder = {
  /** Messages that are complete now. Bytes between frames are ignored, as the specification asks. `too-large` ends the connection. */
  readonly push: (chunk: Uint8Array) => readonly Bytes[] | "too-large";
};

export function createMllpDecoder(maxBytes: number): MllpDecoder {
  let parts: Uint8Array[] = [];
  let size = 0;
  let isInside = false;
  /** An END was the last byte of the chunk before. */
  let sawEnd = false;

  const push: MllpDecoder["push"] = (chunk) => {
    const messages: Bytes[] = [];
    let from = 0;
    const keep = (until: number) => {
      if (until <= from) return;
      parts.push(chunk.slice(from, until));
      size += until - from;
    };
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (!isInside) {
        if (byte !== START) continue;
        isInside = true;
        parts = [];
        size = 0;
        from = i + 1;
      } else if (sawEnd && byte === CARRIAGE_RETURN) {
        keep(i);
        messages.push(withoutEnd(parts));
        isInside = false;
        parts = [];
      }
      sawEnd = isInside && byte === END;
      if (isInside && size + i - from > maxBytes) return "too-large";
    }
    if (isInside) keep(chunk.length);
    return size > maxBytes ? "too-large" : messages;
  };
  return { push };
}

function withoutEnd(parts: readonly Uint8Array[]): Bytes {
  const joined = concatBytes(...parts);
  return joined.slice(0, joined.length - 1);
}

export function encodeMllp(message: Uint8Array): Bytes {
  return concatBytes(new Uint8Array([START]), message, new Uint8Array([END, CARRIAGE_RETURN]));
}
