import { Writable } from "node:stream";
import { type Bytes, toBytes } from "@caseroom/contract";

/** One object of an association; the largest multi-frame objects of practice are below. */
export const MAX_DATA_SET_BYTES = 1_073_741_824;

/**
 * Keeps a data set exactly as it comes over the association: the library would write it anew and lose private elements. Too large a one
 * is counted to its end and not kept, so that its sender gets an answer.
 */
export class CapturedStream extends Writable {
  #pieces: Bytes[] = [];
  #size = 0;

  constructor() {
    // The library waits for a drain that it has missed: the buffer is never full.
    super({ highWaterMark: Number.MAX_SAFE_INTEGER });
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#size += chunk.length;
    if (this.#size <= MAX_DATA_SET_BYTES) this.#pieces.push(toBytes(chunk));
    else this.#pieces = [];
    done();
  }

  /** `undefined` when it was too large. */
  take(): Bytes | undefined {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (this.#size > MAX_DATA_SET_BYTES) return undefined;
    // Piece by piece: a sender of small fragments has more of them than a call takes arguments.
    const dataSet = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of pieces) {
      dataSet.set(piece, at);
      at += piece.length;
    }
    return dataSet;
  }
}
