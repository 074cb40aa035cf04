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
  /** The open frame so far, or `undefined` between frames. */
  let frame: Uint8Array[] | undefined;
  let size = 0;
  /** The last byte of the frame so far is END: with CARRIAGE_RETURN next, the frame is complete. */
  let endsWithEnd = false;

  const keep = (part: Uint8Array): void => {
    if (part.length === 0) return;
    frame?.push(part.slice());
    size += part.length;
    endsWithEnd = part.at(-1) === END;
  };

  const open = (): void => {
    frame = [];
    size = 0;
    endsWithEnd = false;
  };

  const close = (): Bytes => {
    const joined = concatBytes(...(frame ?? []));
    frame = undefined;
    return joined.slice(0, joined.length - 1);
  };

  /** Where the open frame ends in `rest`: the position of its CARRIAGE_RETURN, or −1. */
  const findEnd = (rest: Uint8Array): number => {
    if (endsWithEnd && rest[0] === CARRIAGE_RETURN) return 0;
    for (let i = rest.indexOf(END); i >= 0; i = rest.indexOf(END, i + 1))
      if (rest[i + 1] === CARRIAGE_RETURN) return i + 1;
    return -1;
  };

  const push: MllpDecoder["push"] = (chunk) => {
    const messages: Bytes[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (frame === undefined) {
        const start = rest.indexOf(START);
        if (start < 0) break;
        open();
        rest = rest.subarray(start + 1);
        continue;
      }
      const end = findEnd(rest);
      keep(rest.subarray(0, end < 0 ? rest.length : end));
      if (size > maxBytes + 1) return "too-large";
      if (end < 0) break;
      messages.push(close());
      rest = rest.subarray(end + 1);
    }
    return messages;
  };
  return { push };
}

export function encodeMllp(message: Uint8Array): Bytes {
  return concatBytes(new Uint8Array([START]), message, new Uint8Array([END, CARRIAGE_RETURN]));
}
