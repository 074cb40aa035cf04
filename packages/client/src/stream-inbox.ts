import type { Bytes, StreamFromHub } from "@caseroom/contract";

export type StreamMessage = { readonly message: StreamFromHub; readonly parts: readonly Bytes[] };
type FeedMessage = StreamMessage & { readonly message: Extract<StreamFromHub, { readonly type: "feed" }> };

/**
 * What the stream brought and nobody has taken yet, in order. Items of one feed that queue up behind something slow become one message, so
 * that a device that is behind takes them together, with one write, instead of falling further behind.
 */
export type StreamInbox = {
  readonly put: (message: StreamFromHub, parts: readonly Bytes[]) => void;
  readonly take: () => StreamMessage | undefined;
};

/** What is taken together is also kept in one write. */
const MAX_ITEMS = 256;
const MAX_BYTES = 1_048_576;

export function createStreamInbox(): StreamInbox {
  let waiting: readonly StreamMessage[] = [];

  /** An earlier message of the same feed, if nothing but feeds has come since: whatever else comes keeps its place. */
  const findJoinable = ({ message }: FeedMessage): number => {
    for (let i = waiting.length - 1; i >= 0; i--) {
      const earlier = waiting[i];
      if (earlier === undefined || !isFeed(earlier)) return -1;
      if (earlier.message.compId === message.compId) return i;
    }
    return -1;
  };

  return {
    put: (message, parts) => {
      const added = { message, parts };
      const at = isFeed(added) ? findJoinable(added) : -1;
      const earlier = waiting[at];
      const joined = earlier !== undefined && isFeed(earlier) && isFeed(added) ? join(earlier, added) : undefined;
      waiting = joined === undefined ? [...waiting, added] : waiting.with(at, joined);
    },
    take: () => {
      const [first, ...rest] = waiting;
      waiting = rest;
      return first;
    },
  };
}

function isFeed(one: StreamMessage): one is FeedMessage {
  return one.message.type === "feed";
}

/** `undefined` unless the second goes on where the first ends, and both are small enough together. */
function join(first: FeedMessage, second: FeedMessage): FeedMessage | undefined {
  const items = [...first.message.items, ...second.message.items];
  const parts = [...first.parts, ...second.parts];
  const follows = second.message.items[0]?.n === (first.message.items.at(-1)?.n ?? -1) + 1;
  const isWhole = first.parts.length === first.message.items.length;
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (!follows || !isWhole || items.length > MAX_ITEMS || bytes > MAX_BYTES) return undefined;
  return { message: { ...first.message, items }, parts };
}
