import type { SpaceId } from "@caseroom/contract";
import { useEffect, useState } from "react";
import type { RoomItem } from "../engine/engine.ts";
import { useEngineLink } from "../engine/use-engine.tsx";

/** The first of the last `unread` messages of others: above it stands the line. `undefined` when everything has been read. */
export function firstUnread(items: readonly RoomItem[], unread: number): string | undefined {
  const others = items.filter((item) => item.type === "message" && !item.mine);
  return unread === 0 ? undefined : others.at(-Math.min(unread, others.length))?.id;
}

/**
 * Where the unread line stands, as it was on arrival: it does not jump while one reads. What is on the screen counts as read only
 * while the page is in sight.
 */
export function useUnreadLine(spaceId: SpaceId, items: readonly RoomItem[], isShown: boolean) {
  const link = useEngineLink();
  const [line, setLine] = useState<{ readonly at: string | undefined } | undefined>(undefined);
  const isKnown = line !== undefined;
  const lastId = items.at(-1)?.id;

  useEffect(() => {
    if (isKnown) return;
    let stopped = false;
    link.engine.cases().then(
      (cases) => {
        const unread = cases.find((summary) => summary.spaceId === spaceId)?.unread ?? 0;
        if (!stopped) setLine({ at: firstUnread(items, unread) });
      },
      () => link.reportCrash(),
    );
    return () => {
      stopped = true;
    };
  }, [isKnown, items, link, spaceId]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last item is what has to be marked as read
  useEffect(() => {
    if (!isKnown || !isShown) return;
    const mark = () => {
      if (document.visibilityState === "visible") link.engine.markRead(spaceId).catch(() => link.reportCrash());
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [isKnown, isShown, lastId, link, spaceId]);

  return line;
}
