import { systemClock, systemRandom } from "@caseroom/contract";
import { expose } from "comlink";
import { createEngine } from "./engine.ts";

/** Everything that touches keys or content runs here, away from the page. */
expose(
  createEngine({
    origin: location.origin,
    // Called as a plain function: a browser's fetch refuses to be a method of something else.
    fetch: (input, init) => fetch(input, init),
    locks: navigator.locks,
    nowMs: systemClock.nowMs,
    random: systemRandom,
  }),
);
