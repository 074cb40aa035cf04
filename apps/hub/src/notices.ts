import type { Bytes, ChainId, CompId, Kid, SpaceId, UserId } from "@caseroom/contract";
import type { ChainType } from "@caseroom/space/verify";

/** An item of a feed as it goes out. */
export type FeedItem = {
  readonly n: number;
  readonly kind: "entry" | "link";
  readonly logIndex?: number;
  readonly ts?: number;
  readonly bytes: Bytes;
};

/** What has become true and is durable, for whoever is connected. */
export type Notice =
  | { readonly type: "feed"; readonly compId: CompId; readonly items: readonly FeedItem[] }
  | { readonly type: "leaves"; readonly compId: CompId; readonly n: number }
  | { readonly type: "chain"; readonly chainId: ChainId; readonly ct: ChainType; readonly n: number }
  | { readonly type: "space"; readonly spaceId: SpaceId; readonly users: readonly UserId[] }
  | { readonly type: "mark"; readonly compId: CompId; readonly kid: Kid; readonly mark: Bytes }
  | { readonly type: "device-request"; readonly userId: UserId }
  | { readonly type: "session-ended"; readonly tokenHash: string };

export type Notices = {
  readonly publish: (notice: Notice) => void;
  readonly subscribe: (listener: (notice: Notice) => void) => void;
};

export function createNotices(): Notices {
  const listeners: ((notice: Notice) => void)[] = [];
  return {
    publish: (notice) => {
      for (const listener of listeners) listener(notice);
    },
    subscribe: (listener) => {
      listeners.push(listener);
    },
  };
}
