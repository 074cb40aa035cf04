import { useEffect } from "react";

/** The viewer is a large part of the program and comes by itself. */
export const loadViewer = () => import("./viewer.tsx");

async function prepare(): Promise<void> {
  (await loadViewer()).prepareViewer();
}

const SOON_MS = 400;

/** Fetches the viewer while images are in sight, so that the first tap does not wait for it. */
export function useViewerAhead(): void {
  useEffect(() => {
    // When it cannot be had now, it is asked for again with the tap.
    const timer = setTimeout(() => void prepare().catch(() => undefined), SOON_MS);
    return () => clearTimeout(timer);
  }, []);
}
