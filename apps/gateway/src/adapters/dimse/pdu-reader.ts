import type { Bytes } from "@caseroom/contract";

/** What a peer may announce as one PDU. We ask for a quarter of it; an association request with every class of the standard is far below. */
export const MAX_PDU_BYTES = 1_048_576;

export const PDU = {
  associateRequest: 0x01,
  associateAccept: 0x02,
  associateReject: 0x03,
  data: 0x04,
  releaseRequest: 0x05,
  releaseReply: 0x06,
  abort: 0x07,
} as const;

/** A protocol data unit of the upper layer (PS3.8 §9.3): its type, and what follows its length. */
export type Pdu = { readonly type: number; readonly body: Bytes };

const HEAD = 6;

/**
 * Puts PDUs together from what the connection delivers, one after another: a body lies where the one before it lay. `undefined` as soon as one
 * announces more than it may: what a peer says of itself decides how much memory is kept for it.
 */
export function createPduReader(): (chunk: Uint8Array) => Generator<Pdu | undefined> {
  const head = new Uint8Array(HEAD);
  let inHead = 0;
  let room: Bytes = new Uint8Array();
  let body = room;
  let inBody = 0;
  const beginBody = (): boolean => {
    const length = new DataView(head.buffer).getUint32(2);
    if (length > MAX_PDU_BYTES) return false;
    if (room.length < length) room = new Uint8Array(length);
    body = room.subarray(0, length);
    inBody = 0;
    return true;
  };
  return function* (chunk) {
    let at = 0;
    while (at < chunk.length) {
      if (inHead < HEAD) {
        head[inHead] = chunk[at] ?? 0;
        inHead += 1;
        at += 1;
        if (inHead < HEAD) continue;
        if (!beginBody()) return yield undefined;
      }
      const taken = Math.min(body.length - inBody, chunk.length - at);
      body.set(chunk.subarray(at, at + taken), inBody);
      inBody += taken;
      at += taken;
      if (inBody < body.length) break;
      inHead = 0;
      yield { type: head[0] ?? 0, body };
    }
  };
}

/** A PDU as it goes over the wire. */
export function writePdu(type: number, body: Uint8Array): Bytes {
  const pdu = new Uint8Array(HEAD + body.length);
  pdu[0] = type;
  new DataView(pdu.buffer).setUint32(2, body.length);
  pdu.set(body, HEAD);
  return pdu;
}
