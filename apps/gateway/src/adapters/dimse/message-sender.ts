import { once } from "node:events";
import type { Socket } from "node:net";
import { type Bytes, concatBytes } from "@caseroom/contract";
import { PDU, writePdu } from "./pdu-reader.ts";

/** Bytes of a known length that come piece by piece. */
export type ByteSource = { readonly length: number; readonly pieces: AsyncIterable<Bytes> };
export type MessageSender = {
  /** Resolves when the connection has taken everything; rejects when it has ended. */
  readonly send: (contextId: number, command: Bytes, dataSet?: Bytes | ByteSource) => Promise<void>;
};

const OUR_MAX_BYTES = 131_072;
/** Length, context and control of a fragment (PS3.8 §9.3.5.1). */
const FRAGMENT_HEAD = 6;
const OF_COMMAND = 0x01;
const LAST = 0x02;

/** Sends messages in fragments of what the peer takes, no faster than it takes them. */
export function createMessageSender(socket: Socket, peerMaxPduBytes: number, ended: AbortSignal): MessageSender {
  const limit = peerMaxPduBytes === 0 ? OUR_MAX_BYTES : Math.min(peerMaxPduBytes, OUR_MAX_BYTES);
  // Fragments have an even number of bytes.
  const size = (limit - FRAGMENT_HEAD) & ~1;

  const write = async (contextId: number, control: number, data: Bytes): Promise<void> => {
    ended.throwIfAborted();
    const head = new Uint8Array(FRAGMENT_HEAD);
    new DataView(head.buffer).setUint32(0, data.length + 2);
    head[4] = contextId;
    head[5] = control;
    const isTaken = socket.write(writePdu(PDU.data, concatBytes(head, data)));
    if (!isTaken) await once(socket, "drain", { signal: ended });
  };

  const sendBytes = async (contextId: number, kind: number, { length, pieces }: ByteSource): Promise<void> => {
    let left = length;
    for await (const piece of pieces)
      for (let at = 0; at < piece.length; at += size) {
        const fragment = piece.subarray(at, at + size);
        left -= fragment.length;
        await write(contextId, left === 0 ? kind | LAST : kind, fragment);
      }
  };

  return {
    send: async (contextId, command, dataSet) => {
      await sendBytes(contextId, OF_COMMAND, whole(command));
      if (dataSet !== undefined) await sendBytes(contextId, 0, "pieces" in dataSet ? dataSet : whole(dataSet));
    },
  };
}

function whole(bytes: Bytes): ByteSource {
  const pieces = async function* () {
    yield bytes;
  };
  return { length: bytes.length, pieces: pieces() };
}
