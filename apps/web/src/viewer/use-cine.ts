import { useEffect, useRef } from "react";
import type { Stack } from "./stack.ts";
import type { ImageViewport } from "./viewport.ts";

/** Where the object gives no speed. */
const USUAL_FRAME_MS = 66;

/** Plays the frames of a stack in a circle; a frame that is not here yet is waited for. */
export function useCine(viewport: ImageViewport | undefined, stack: Stack | undefined, isPlaying: boolean): void {
  const current = useRef(stack);
  current.current = stack;
  const frameMs = stack?.images[0]?.object.frameMs ?? USUAL_FRAME_MS;
  useEffect(() => {
    if (!isPlaying || viewport === undefined) return;
    const timer = setInterval(() => {
      const images = current.current?.images ?? [];
      const { index, painted, failure } = viewport.state();
      const wanted = images[index];
      const isShown = painted?.frame === wanted?.frame && painted?.object.sop === wanted?.object.sop;
      if (images.length > 1 && (isShown || failure !== undefined)) viewport.goTo((index + 1) % images.length);
    }, frameMs);
    return () => clearInterval(timer);
  }, [isPlaying, viewport, frameMs]);
}
