import {
  type Bytes,
  type CompId,
  decodeFramed,
  encodeFramed,
  InvariantError,
  type StreamFromHub,
  streamFromClient,
} from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import type { WebSocket } from "ws";
import type { FeedItem } from "../../notices.ts";
import { itemHead, readFeed } from "../entries/feed-store.ts";
import type { Session } from "../sessions/session-store.ts";
import type { Access } from "../spaces/access.ts";

/** One connected device: what it follows, and how far it has been sent. */
export type Follower = {
  readonly session: Session;
  readonly send: (head: StreamFromHub, parts?: readonly Uint8Array[]) => void;
  /** A feed has grown. `frame` makes the message for who had everything before, once for all; none when it would be too large. */
  readonly onFeed: (compId: CompId, items: readonly FeedItem[], frame: () => Bytes | undefined) => void;
  /** Bytes that were sent and have not left yet. */
  readonly buffered: () => number;
  readonly isFollowing: (compId: CompId) => boolean;
  /** Stops what is no longer allowed, and says so. */
  readonly checkRights: (compId?: CompId) => void;
  readonly close: (code: number) => void;
};

/** RFC 6455 §7.4.1. */
const CLOSE_UNREADABLE = 1003;
const CLOSE_POLICY = 1008;
const CLOSE_FAILED = 1011;

type Cursor = { next: number };

const BATCH_ITEMS = 256;
const BATCH_BYTES = 1_048_576;
/** Above this a socket is not pushed to; its cursor waits, and the database has what it misses. */
const HIGH_WATER = 4_194_304;
const MAX_FOLLOWED = 10_000;
const LIMITS = { maxHeadBytes: 1_048_576, maxParts: 0, maxPartBytes: 0 };

export function createFollower(
  socket: WebSocket,
  session: Session,
  deps: { readonly sql: Sql; readonly access: Access; readonly onError: (error: unknown) => void },
): Follower {
  const cursors = new Map<CompId, Cursor>();
  const behind = new Set<CompId>();
  let isPumping = false;

  const isOpen = () => socket.readyState === socket.OPEN;
  const isFull = () => socket.bufferedAmount > HIGH_WATER;
  const sendBytes = (bytes: Uint8Array): void => {
    // The callback comes when the bytes have left: then whoever waits behind them goes on.
    if (isOpen()) socket.send(bytes, { binary: true }, () => wake());
  };
  const send: Follower["send"] = (head, parts = []) => sendBytes(encodeFramed({ head, parts: parts.map(copy) }));

  const wake = (): void => {
    if (isPumping || behind.size === 0 || isFull() || !isOpen()) return;
    isPumping = true;
    pump()
      .catch((error: unknown) => {
        deps.onError(error);
        socket.close(CLOSE_FAILED);
      })
      .finally(() => {
        isPumping = false;
        wake();
      });
  };

  const pump = async (): Promise<void> => {
    for (const compId of behind) {
      while (behind.has(compId) && isOpen() && !isFull()) await sendBatch(compId);
    }
  };

  const sendBatch = async (compId: CompId): Promise<void> => {
    // Cleared before the read: what comes in meanwhile sets it again.
    behind.delete(compId);
    const cursor = cursors.get(compId);
    const found = deps.access.reader(compId, session.userId);
    if (cursor === undefined) return;
    if (!found.ok) return refuse(compId, found.error.code);
    const page = { from: cursor.next, limit: BATCH_ITEMS, maxBytes: BATCH_BYTES };
    const items = await readFeed(deps.sql, { spaceId: found.value.spaceId, compId }, page);
    if (cursors.get(compId) !== cursor || items.length === 0) return;
    // A removal that was accepted during the read counts.
    const still = deps.access.reader(compId, session.userId);
    if (!still.ok) return refuse(compId, still.error.code);
    sendBytes(feedFrame(compId, items));
    cursor.next += items.length;
    behind.add(compId);
  };

  const refuse = (compId: CompId, code: string): void => {
    behind.delete(compId);
    cursors.delete(compId);
    send({ type: "refused", compId, code });
  };

  const receive = (data: Uint8Array): void => {
    const framed = decodeFramed(data, LIMITS);
    const message = framed.ok ? streamFromClient.safeParse(framed.value.head) : undefined;
    if (message?.success !== true) socket.close(CLOSE_UNREADABLE);
    else if (message.data.type === "ping") send({ type: "pong" });
    else follow(message.data.comps);
  };

  const follow = (comps: readonly { readonly compId: CompId; readonly from: number }[]): void => {
    for (const { compId, from } of comps) {
      if (cursors.size >= MAX_FOLLOWED) {
        socket.close(CLOSE_POLICY);
        return;
      }
      const found = deps.access.reader(compId, session.userId);
      if (found.ok) {
        cursors.set(compId, { next: from });
        behind.add(compId);
      } else refuse(compId, found.error.code);
    }
    wake();
  };

  socket.on("message", (data) => {
    if (data instanceof Buffer) receive(data);
    else socket.close(CLOSE_UNREADABLE);
  });

  return {
    session,
    send,
    buffered: () => socket.bufferedAmount,
    isFollowing: (compId) => cursors.has(compId),
    onFeed: (compId, items, frame) => {
      const cursor = cursors.get(compId);
      const first = items[0];
      if (cursor === undefined || first === undefined) return;
      const found = deps.access.reader(compId, session.userId);
      if (!found.ok) return refuse(compId, found.error.code);
      const isDue = cursor.next === first.n && !behind.has(compId) && !isPumping && !isFull();
      const bytes = isDue ? frame() : undefined;
      if (bytes !== undefined) {
        cursor.next += items.length;
        sendBytes(bytes);
        return;
      }
      behind.add(compId);
      wake();
    },
    checkRights: (compId) => {
      for (const followed of compId === undefined ? [...cursors.keys()] : [compId]) {
        const found = deps.access.reader(followed, session.userId);
        if (!found.ok && cursors.has(followed)) refuse(followed, found.error.code);
      }
    },
    close: (code) => socket.close(code),
  };
}

/** Whether items may go out as one message. */
export function fitsOneFrame(items: readonly FeedItem[]): boolean {
  return items.length <= BATCH_ITEMS && items.reduce((sum, { bytes }) => sum + bytes.length, 0) <= BATCH_BYTES;
}

export function feedFrame(compId: CompId, items: readonly FeedItem[]): Bytes {
  const head: StreamFromHub = { type: "feed", compId, items: items.map(itemHead) };
  return encodeFramed({ head, parts: items.map(({ bytes }) => bytes) });
}

function copy(bytes: Uint8Array): Bytes {
  if (bytes.length > BATCH_BYTES) throw new InvariantError("a message of the stream is small");
  return new Uint8Array(bytes);
}
