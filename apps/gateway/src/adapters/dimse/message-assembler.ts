import { type Bytes, toBytes } from "@caseroom/contract";
import {
  type GatheredBytes,
  gatherBytes,
  MAX_OBJECT_BYTES,
  type ReceptionMemory,
} from "../../features/imaging/gathered-bytes.ts";
import { COMMAND, type CommandSet, ELEMENT, hasDataSet, numberIn, readCommandSet } from "./command-set.ts";

/** The keys of a query. */
const MAX_IDENTIFIER_BYTES = 262_144;
const MAX_COMMAND_BYTES = 16_384;

export type Message = {
  readonly contextId: number;
  readonly command: CommandSet;
  /** `undefined` when there is none. Its memory is the assembler's again when the next message is asked for. */
  readonly dataSet: GatheredBytes | undefined;
};

export type MessageAssembler = {
  /** The messages that are complete, one after another; `undefined` when the PDU does not hold what it should. */
  readonly take: (body: Bytes) => Generator<Message | undefined>;
  /** The connection has ended. */
  readonly release: () => void;
};

const LAST = 0x02;
const OF_COMMAND = 0x01;

/**
 * Puts messages together from the fragments of P-DATA PDUs (PS3.8 annex E, PS3.7 §6.3). What is too large is counted to its end and not kept,
 * so that its sender gets an answer.
 */
export function createMessageAssembler(memory: ReceptionMemory): MessageAssembler {
  let contextId = 0;
  let gathered = gatherBytes(MAX_COMMAND_BYTES, memory);
  let command: CommandSet | undefined;
  const next = (limit: number) => {
    gathered.release();
    gathered = gatherBytes(limit, memory);
  };

  /** A complete message, true when there is more to come, false when this fragment cannot be. */
  const add = (context: number, control: number, data: Bytes): Message | boolean => {
    const isOfCommand = (control & OF_COMMAND) !== 0;
    if (isOfCommand !== (command === undefined)) return false;
    if ((command !== undefined || gathered.size() > 0) && context !== contextId) return false;
    contextId = context;
    gathered.add(data);
    if ((control & LAST) === 0) return true;
    if (command !== undefined) return { contextId, command, dataSet: gathered };
    const whole = gathered.whole();
    // A copy: the values of a command are asked for as long as it is answered.
    const read = whole.ok ? readCommandSet(toBytes(whole.value)) : undefined;
    if (read === undefined) return false;
    if (!hasDataSet(read)) return { contextId, command: read, dataSet: undefined };
    command = read;
    next(numberIn(read, ELEMENT.commandField) === COMMAND.storeRequest ? MAX_OBJECT_BYTES : MAX_IDENTIFIER_BYTES);
    return true;
  };

  return {
    take: function* (body) {
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      let at = 0;
      while (at + 6 <= body.length) {
        const length = view.getUint32(at);
        const end = at + 4 + length;
        const added =
          length >= 2 &&
          end <= body.length &&
          add(view.getUint8(at + 4), view.getUint8(at + 5), body.subarray(at + 6, end));
        if (added === false) break;
        at = end;
        if (added === true) continue;
        yield added;
        command = undefined;
        next(MAX_COMMAND_BYTES);
      }
      if (at < body.length) yield undefined;
    },
    release: () => gathered.release(),
  };
}
