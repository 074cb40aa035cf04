import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 120;

/**
 * Keeps a stream at its newest item while one is near it, and leaves it alone while one reads further up. On arrival it shows the
 * unread line (`data-unread-line`), else the newest.
 */
export function useStickToNewest(length: number, isReady: boolean) {
  const scroller = useRef<HTMLDivElement>(null);
  const hasArrived = useRef(false);
  const isNear = useRef(true);
  const [isAway, setAway] = useState(false);

  const toNewest = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    isNear.current = true;
    setAway(false);
    element.scrollTop = element.scrollHeight;
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a longer stream is the reason to scroll
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || !isReady) return;
    if (!hasArrived.current) {
      hasArrived.current = true;
      const line = element.querySelector("[data-unread-line]");
      if (line instanceof HTMLElement) element.scrollTop = line.offsetTop - 48;
      else element.scrollTop = element.scrollHeight;
      return;
    }
    if (isNear.current) element.scrollTop = element.scrollHeight;
  }, [length, isReady]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = () => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
      isNear.current = near;
      setAway(!near);
    };
    // A shorter stream, e.g. above a keyboard that slides in, keeps its end in sight.
    const resize = new ResizeObserver(() => {
      if (isNear.current) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener("scroll", look, { passive: true });
    resize.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      resize.disconnect();
    };
  }, []);

  return { scroller, isAway, toNewest };
}
