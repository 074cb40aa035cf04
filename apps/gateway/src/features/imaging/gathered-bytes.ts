import { type Bytes, err, type Failure, failure, InvariantError, ok, type Result } from "@caseroom/contract";

/** One object that comes in; the largest multi-frame objects of practice are below. */
export const MAX_OBJECT_BYTES = 1_073_741_824;
/** What a file has before the data set (PS3.10 §7.1), with every attribute that we write. */
const HEADROOM = 1024;
/** All that is coming in at the same moment, by whatever door: one of the largest objects while its room grows, and others beside it. */
const MAX_RECEPTION_BYTES = 2 * MAX_OBJECT_BYTES;
const ROOM_BYTES = 1_048_576;
/** Kept for the next object: memory that is fresh each time costs more than everything that is done to a CT image. */
const SPARE_ROOMS = 16;

/** The memory that everything which is being received shares: many large objects at once cannot take all there is. */
export type ReceptionMemory = {
  /** Of at least that size; `undefined` when so much is not left. Holds whatever was in it before. */
  readonly borrow: (bytes: number) => Bytes | undefined;
  readonly giveBack: (room: Bytes) => void;
};

export function createReceptionMemory(maxBytes = MAX_RECEPTION_BYTES): ReceptionMemory {
  const spare: Bytes[] = [];
  let left = maxBytes;
  return {
    borrow: (bytes) => {
      const size = Math.max(bytes, ROOM_BYTES);
      if (size > left) return undefined;
      left -= size;
      return (size === ROOM_BYTES ? spare.pop() : undefined) ?? new Uint8Array(size);
    },
    giveBack: (room) => {
      left += room.length;
      if (room.length === ROOM_BYTES && spare.length < SPARE_ROOMS) spare.push(room);
    },
  };
}

/** Bytes that come in pieces. What is too much is counted to its end and not kept, so that its sender gets an answer. */
export type GatheredBytes = {
  readonly size: () => number;
  readonly add: (piece: Uint8Array) => void;
  /**
   * All of it in one, with something short before it. A view of memory that is not the caller's any more after `release`. TOO_LARGE beyond
   * the limit, UNAVAILABLE when others have the memory.
   */
  readonly whole: (head?: Bytes) => Result<Bytes, Failure<"TOO_LARGE" | "UNAVAILABLE">>;
  readonly release: () => void;
};

export function gatherBytes(limit: number, memory: ReceptionMemory): GatheredBytes {
  let room: Bytes | undefined;
  let size = 0;
  let problem: Failure<"TOO_LARGE" | "UNAVAILABLE"> | undefined;
  const release = () => {
    if (room !== undefined) memory.giveBack(room);
    room = undefined;
  };
  /** Twice as large each time: what was there is copied as often as that. */
  const roomFor = (bytes: number): Bytes | undefined => {
    if (room !== undefined && room.length >= HEADROOM + bytes) return room;
    const larger = memory.borrow(HEADROOM + Math.max(bytes, Math.min(limit, 2 * (room?.length ?? 0))));
    if (room !== undefined) larger?.set(room);
    release();
    room = larger;
    return larger;
  };
  const refuse = (code: "TOO_LARGE" | "UNAVAILABLE") => {
    problem = failure(code);
    release();
  };
  return {
    size: () => size,
    add: (piece) => {
      const at = HEADROOM + size;
      size += piece.length;
      if (problem !== undefined) return;
      const place = size > limit ? undefined : roomFor(size);
      if (place === undefined) refuse(size > limit ? "TOO_LARGE" : "UNAVAILABLE");
      else place.set(piece, at);
    },
    whole: (head = new Uint8Array()) => {
      if (problem !== undefined) return err(problem);
      if (head.length > HEADROOM) throw new InvariantError("a head as long as a body");
      const place = roomFor(size);
      if (place === undefined) return err(failure("UNAVAILABLE"));
      const from = HEADROOM - head.length;
      place.set(head, from);
      return ok(place.subarray(from, HEADROOM + size));
    },
    release,
  };
}
