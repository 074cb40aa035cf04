import { ok, type SpaceId, type spacesList } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { FeedMemory } from "../entries/feed-memory.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { Access } from "./access.ts";

/** spaces.list: only compartments that the space itself lists count (phase-1 §4). */
export function listSpaces(deps: {
  readonly chains: ChainMemory;
  readonly access: Access;
  readonly feeds: FeedMemory;
}): Handler<typeof spacesList> {
  const { chains, access, feeds } = deps;
  return async (call) => {
    const { userId } = sessionOf(call);
    const spaceIds = new Set<SpaceId>(chains.spacesOfAdmin(userId));
    for (const compId of chains.compsOfUser(userId)) {
      const comp = chains.view.comp(compId);
      if (comp !== undefined) spaceIds.add(comp.spaceId);
    }
    const spaces = [...spaceIds].flatMap((spaceId) => {
      const space = chains.view.space(spaceId);
      if (space === undefined || !access.space(spaceId, userId)) return [];
      const comps = space.comps.flatMap((compId) => {
        const found = access.member(compId, userId);
        if (!found.ok) return [];
        return [{ compId, links: found.value.comp.head.n, feedN: feeds.get(compId).edge.size }];
      });
      return [{ spaceId, n: space.head.n, comps }];
    });
    return ok({ spaces });
  };
}
