import { useHashLocation } from "wouter/use-hash-location";
import type { Engine } from "./engine/engine.ts";
import { mountApp } from "./mount.tsx";

/** The screens on an engine that only pretends, for looking at them in `vite dev`: `/src/pretend.html?scenario=ready#/`. */
export function mountPretend(createEngine: (scenario: string) => Engine): void {
  const scenario = new URLSearchParams(location.search).get("scenario") ?? "ready";
  void mountApp({ connect: () => createEngine(scenario), locationHook: useHashLocation });
}
