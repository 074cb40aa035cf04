import type { CompId, Kid, UserId } from "@caseroom/contract";
import type { Mark } from "@caseroom/space/secret";
import type { DeliveryState } from "../engine/engine.ts";

/** How many feed items somebody's devices have received, and the person has read. */
export type Position = { readonly delivered: number; readonly read: number };

/** What the signed marks of a compartment say (phase-1 §2.21). A mark never takes back an earlier one. */
export type DeliveryIndex = {
  readonly take: (compId: CompId, mark: Pick<Mark, "author" | "kid" | "delivered" | "read">) => void;
  /** The furthest of each person's devices. */
  readonly positions: (compId: CompId) => ReadonlyMap<UserId, Position>;
};

const START: Position = { delivered: 0, read: 0 };

export function createDeliveryIndex(): DeliveryIndex {
  const comps = new Map<CompId, Map<Kid, Position & { readonly author: UserId }>>();
  return {
    take: (compId, { author, kid, delivered, read }) => {
      const marks = comps.get(compId) ?? new Map();
      comps.set(compId, marks.set(kid, { author, ...furthest(marks.get(kid), { delivered, read }) }));
    },
    positions: (compId) => {
      const positions = new Map<UserId, Position>();
      for (const { author, delivered, read } of comps.get(compId)?.values() ?? [])
        positions.set(author, furthest(positions.get(author), { delivered, read }));
      return positions;
    },
  };
}

export type Delivery = {
  readonly state: Exclude<DeliveryState, "queued">;
  /** Received and not read yet. */
  readonly deliveredTo: readonly UserId[];
  readonly readBy: readonly UserId[];
};

/** What became of the item at position `n`: whoever has counted past it has it. `positions` holds the other people only. */
export function deliveryOf(n: number, positions: ReadonlyMap<UserId, Position>): Delivery {
  const readBy: UserId[] = [];
  const deliveredTo: UserId[] = [];
  for (const [userId, { delivered, read }] of positions) {
    if (read > n) readBy.push(userId);
    else if (delivered > n) deliveredTo.push(userId);
  }
  const state = readBy.length > 0 ? "read" : deliveredTo.length > 0 ? "delivered" : "stored";
  return { state, deliveredTo, readBy };
}

function furthest(a: Position = START, b: Position): Position {
  return { delivered: Math.max(a.delivered, b.delivered), read: Math.max(a.read, b.read) };
}
