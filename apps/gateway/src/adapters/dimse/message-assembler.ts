import type { Bytes } from "@caseroom/contract";
import { COMMAND, type CommandSet, ELEMENT, hasDataSet, numberIn, readCommandSet } from "./command-set.ts";

/** One object of an association; the largest multi-frame objects of practice are below. */
export const MAX_DATA_SET_BYTES = 1_073_741_824;
/** The keys of a query. */
const MAX_IDENTIFIER_BYTES = 262_144;
const MAX_COMMAND_BYTES = 16_384;
const MIN_BLOCK_BYTES = 65_536;

export type Message = {
  readonly contextId: number;
  readonly command: CommandSet;
  /** `undefined` when there is none, or when it was too large. */
  readonly dataSet: Bytes | undefined;
};

const LAST = 0x02;
const OF_COMMAND = 0x01;

/**
 * Puts messages together from the fragments of P-DATA PDUs (PS3.8 annex E, PS3.7 §6.3). What is too large is counted to its end and not kept,
 * so that its sender gets an answer. `undefined` when a PDU does not hold what it should.
 */
export function createMessageAssembler(): (body: Bytes) => readonly Message[] | undefined {
  let contextId = 0;
  let pieces = createPieces(MAX_COMMAND_BYTES);
  let command: CommandSet | undefined;

  /** A complete message, true when there is more to come, false when this fragment cannot be. */
  const take = (context: number, control: number, data: Bytes): Message | boolean => {
    const isOfCommand = (control & OF_COMMAND) !== 0;
    if (isOfCommand !== (command === undefined)) return false;
    if ((command !== undefined || pieces.size() > 0) && context !== contextId) return false;
    contextId = context;
    pieces.add(data);
    if ((control & LAST) === 0) return true;
    const whole = pieces.take();
    if (command !== undefined) {
      const message = { contextId, command, dataSet: whole };
      command = undefined;
      pieces = createPieces(MAX_COMMAND_BYTES);
      return message;
    }
    const read = whole === undefined ? undefined : readCommandSet(whole);
    if (read === undefined) return false;
    if (!hasDataSet(read)) return { contextId, command: read, dataSet: undefined };
    command = read;
    const isStore = numberIn(read, ELEMENT.commandField) === COMMAND.storeRequest;
    pieces = createPieces(isStore ? MAX_DATA_SET_BYTES : MAX_IDENTIFIER_BYTES);
    return true;
  };

  return (body) => {
    const messages: Message[] = [];
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    let at = 0;
    while (at + 6 <= body.length) {
      const length = view.getUint32(at);
      const end = at + 4 + length;
      if (length < 2 || end > body.length) return undefined;
      const taken = take(view.getUint8(at + 4), view.getUint8(at + 5), body.subarray(at + 6, end));
      if (taken === false) return undefined;
      if (taken !== true) messages.push(taken);
      at = end;
    }
    return at === body.length ? messages : undefined;
  };
}

/** Bytes that come in pieces, up to a limit. Copied into blocks: a sender of single bytes must not make an object of each. */
function createPieces(limit: number) {
  let blocks: Bytes[] = [];
  let inLast = 0;
  let size = 0;
  const keep = (piece: Bytes) => {
    let at = 0;
    while (at < piece.length) {
      let last = blocks.at(-1);
      if (last === undefined || inLast === last.length) {
        last = new Uint8Array(Math.max(MIN_BLOCK_BYTES, piece.length - at));
        blocks.push(last);
        inLast = 0;
      }
      const taken = Math.min(last.length - inLast, piece.length - at);
      last.set(piece.subarray(at, at + taken), inLast);
      inLast += taken;
      at += taken;
    }
  };
  return {
    size: () => size,
    add: (piece: Bytes) => {
      size += piece.length;
      if (size <= limit) keep(piece);
      else blocks = [];
    },
    /** `undefined` when it was too much. */
    take: (): Bytes | undefined => {
      const whole = size > limit ? undefined : new Uint8Array(size);
      let at = 0;
      for (const block of whole === undefined ? [] : blocks) {
        whole?.set(block.subarray(0, size - at), at);
        at += block.length;
      }
      blocks = [];
      size = 0;
      return whole;
    },
  };
}
