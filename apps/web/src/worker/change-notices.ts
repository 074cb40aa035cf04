import type { EngineEvent } from "../engine/engine.ts";

/** Tells the page what has changed: once for many changes that come together, so that a screen reads once. */
export type ChangeNotices = {
  readonly subscribe: (listener: (event: EngineEvent) => void) => void;
  readonly tell: (event: EngineEvent) => void;
};

const SOON_MS = 40;
/** A picture is large to hand over; while a record streams in, it is read a few times a second at most. */
const RECORD_MS = 300;

export function createChangeNotices(): ChangeNotices {
  const listeners = new Set<(event: EngineEvent) => void>();
  const waiting = new Set<string>();

  const tell: ChangeNotices["tell"] = (event) => {
    const key = "spaceId" in event ? `${event.type}:${event.spaceId}` : event.type;
    if (waiting.has(key)) return;
    waiting.add(key);
    setTimeout(
      () => {
        waiting.delete(key);
        for (const listener of listeners) listener(event);
      },
      event.type === "record" ? RECORD_MS : SOON_MS,
    );
  };
  return { tell, subscribe: (listener) => void listeners.add(listener) };
}
