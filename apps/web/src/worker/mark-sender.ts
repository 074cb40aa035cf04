import type { Client } from "@caseroom/client";
import type { CompId } from "@caseroom/contract";
import type { Position } from "./delivery.ts";

/** Tells the other members how far this device has received and its person has read: soon, and once for many entries. */
export type MarkSender = {
  readonly schedule: (compId: CompId) => void;
  /** Nothing is said before everything kept has been opened: a first word of "read nothing" would stand at the hub. */
  readonly begin: () => void;
  /** After an interruption nobody knows what arrived of what was said. */
  readonly repeat: () => void;
  readonly stop: () => void;
};

const SOON_MS = 300;

export function createMarkSender(deps: {
  readonly client: Pick<Client, "mark">;
  readonly position: (compId: CompId) => Position;
}): MarkSender {
  const due = new Set<CompId>();
  const said = new Map<CompId, Position>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasBegun = false;

  const send = async () => {
    const comps = [...due];
    due.clear();
    for (const compId of comps) {
      const position = deps.position(compId);
      const before = said.get(compId);
      if (before?.delivered === position.delivered && before.read === position.read) continue;
      said.set(compId, position);
      await deps.client.mark(compId, position);
    }
  };
  const arm = () => {
    if (!hasBegun || due.size === 0) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      send().catch(reportError);
    }, SOON_MS);
  };

  return {
    schedule: (compId) => {
      due.add(compId);
      arm();
    },
    begin: () => {
      hasBegun = true;
      arm();
    },
    repeat: () => {
      for (const compId of said.keys()) due.add(compId);
      said.clear();
      arm();
    },
    stop: () => {
      hasBegun = false;
      clearTimeout(timer);
    },
  };
}
