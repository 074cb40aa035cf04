import type { Engine, EngineEvent } from "./engine.ts";

type Listener = () => void;

/** The page's one line to the engine: a single subscription, shared by every screen that shows what an event changes. */
export type EngineLink = {
  readonly engine: Engine;
  /** Calls the listener on each event with that key; returns how to stop. */
  readonly listen: (topicKey: string, listener: Listener) => () => void;
  readonly reportCrash: () => void;
  readonly onCrash: (listener: Listener) => () => void;
};

export type Topic = EngineEvent;

/** One string a topic: `room:<space>` or just `cases`. */
export function topicKey(topic: Topic): string {
  return "spaceId" in topic ? `${topic.type}:${topic.spaceId}` : topic.type;
}

/** Opens the line. `connect` is handed what to call when the engine stops working. */
export function openEngineLink(connect: (onCrash: () => void) => Engine): EngineLink {
  const listeners = new Map<string, Set<Listener>>();
  const crashListeners = new Set<Listener>();
  const reportCrash = () => {
    for (const listener of crashListeners) listener();
  };
  const engine = connect(reportCrash);
  engine
    .subscribe((event) => {
      for (const listener of listeners.get(topicKey(event)) ?? []) listener();
    })
    .catch(reportCrash);
  return {
    engine,
    reportCrash,
    onCrash: (listener) => {
      crashListeners.add(listener);
      return () => crashListeners.delete(listener);
    },
    listen: (key, listener) => {
      const own = listeners.get(key) ?? new Set();
      listeners.set(key, own.add(listener));
      return () => own.delete(listener);
    },
  };
}
