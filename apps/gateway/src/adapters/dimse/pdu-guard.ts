/** What a peer may announce as one PDU. Ours are a quarter of it; an association request with every class of the standard is far below. */
export const MAX_PDU_BYTES = 1_048_576;

const HEAD = 6;

/**
 * Follows the frames of the upper layer protocol (PS3.8 §9.3.1) as they come in. False as soon as one announces more than it may: the library
 * would gather it in memory and copy all of it again with every packet.
 */
export function createPduGuard(): (chunk: Uint8Array) => boolean {
  let head: number[] = [];
  let left = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (left > 0) {
        const taken = Math.min(left, chunk.length - at);
        left -= taken;
        at += taken;
        continue;
      }
      head.push(chunk[at] ?? 0);
      at += 1;
      if (head.length < HEAD) continue;
      const [, , a = 0, b = 0, c = 0, d = 0] = head;
      left = ((a * 256 + b) * 256 + c) * 256 + d;
      head = [];
      if (left > MAX_PDU_BYTES) return false;
    }
    return true;
  };
}
