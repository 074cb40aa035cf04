import {
  type Bytes,
  type CompId,
  entriesList,
  err,
  type Failure,
  failure,
  idToBytes,
  marksList,
  ok,
  type Result,
  type SpaceId,
  spacesList,
  type UserId,
} from "@caseroom/contract";
import { encodeCbor } from "@caseroom/crypto/verify";
import { mayRead } from "@caseroom/space/verify";
import { type Compartment, type CompartmentDeps, type FeedItem, openCompartment } from "./compartment.ts";
import { parseProgress } from "./stored-records.ts";

/** The spaces of this device, each compartment brought up to date from the hub. */
export type SpaceSync = {
  readonly spaceIds: () => Iterable<SpaceId>;
  readonly compartments: () => Iterable<Compartment>;
  readonly compartment: (compId: CompId) => Compartment | undefined;
  /** Takes up the compartments that the store knows. */
  readonly restore: () => Promise<void>;
  readonly syncSpaces: () => Promise<Result<undefined, Failure>>;
  readonly syncFeed: (compartment: Compartment) => Promise<Result<undefined, Failure>>;
};

const PAGE = 512;

export function createSpaceSync(
  deps: CompartmentDeps & { readonly userId: UserId; readonly openedEntries: "memory" | "kept" },
): SpaceSync {
  const { api, store, directory, chains, bell, emit, userId } = deps;
  const compartments = new Map<CompId, Compartment>();
  const spaceIds = new Set<SpaceId>();

  const follow = async (spaceId: SpaceId, compId: CompId): Promise<Compartment> => {
    const found = compartments.get(compId);
    if (found !== undefined) return found;
    const kept = deps.openedEntries === "kept" ? await store.get("opened", compId) : undefined;
    const compartment = openCompartment(
      deps,
      { spaceId, compId },
      kept === undefined ? undefined : parseProgress(kept),
    );
    compartments.set(compId, compartment);
    if (deps.openedEntries === "memory" && compartment.state() !== undefined) await compartment.reopen();
    return compartment;
  };

  /** A feed never shrinks, and what it is said to hold is handed out. */
  const tellIfLess = async (compartment: Compartment, received: number, total: number): Promise<void> => {
    const { compId, spaceId } = compartment;
    const n = compartment.nextN();
    const evidence = encodeCbor([idToBytes(compId), total, n]);
    if (total < n) await bell.ring(failure("ROLLBACK", "a feed is shorter than before"), { spaceId, compId }, evidence);
    if (total > n && received === 0)
      await bell.ring(failure("WITHHELD", "less of a feed than there is"), { spaceId, compId, n }, evidence);
  };

  const syncFeed: SpaceSync["syncFeed"] = async (compartment) => {
    const { compId, spaceId } = compartment;
    while (!compartment.isJailed()) {
      const from = compartment.nextN();
      const query = { from, limit: PAGE };
      const reply = await api.call(entriesList, { params: { compId }, query });
      if (!reply.ok) {
        if (reply.error.code === "FORBIDDEN") await emit({ type: "removed", spaceId, compId });
        return reply;
      }
      const { items, total } = reply.value.head;
      await compartment.receive(readItems(items, reply.value.parts));
      await tellIfLess(compartment, items.length, total);
      if (items.length === 0 || compartment.nextN() >= total) return ok();
      if (compartment.nextN() === from && !compartment.isJailed()) return err(failure("OFFLINE"));
    }
    return ok();
  };

  const fetchMarks = async (compartment: Compartment): Promise<void> => {
    const reply = await api.call(marksList, { params: { compId: compartment.compId } });
    if (reply.ok) for (const part of reply.value.parts) await compartment.receiveMark(part);
  };

  /** A compartment is followed by its feed, which holds its links; who only deposits follows the chain. */
  const syncCompartment = async (
    spaceId: SpaceId,
    compId: CompId,
    links: number,
  ): Promise<Result<undefined, Failure>> => {
    const compartment = await follow(spaceId, compId);
    const role = directory.comp(compId)?.members.get(userId)?.role;
    if (role !== undefined && !mayRead(role)) {
      const isBehind = (directory.comp(compId)?.head.n ?? 0) < links;
      return isBehind ? chains.syncChain(compId) : ok();
    }
    const synced = await syncFeed(compartment);
    if (!synced.ok) return synced.error.code === "FORBIDDEN" ? ok() : synced;
    await fetchMarks(compartment);
    return ok();
  };

  const syncSpace = async (space: SpaceHead): Promise<Result<undefined, Failure>> => {
    const { spaceId, n, comps } = space;
    const known = directory.space(spaceId)?.head.n ?? 0;
    if (n < known)
      await bell.ring(
        failure("ROLLBACK", "a space's chain is shorter than before"),
        { spaceId, chainId: spaceId },
        encodeCbor([idToBytes(spaceId), n, known]),
      );
    const chain = known < n ? await chains.syncChain(spaceId) : ok();
    if (!chain.ok) return chain;
    spaceIds.add(spaceId);
    for (const { compId, links } of comps) {
      const synced = await syncCompartment(spaceId, compId, links);
      if (!synced.ok) return synced;
      // "A compartment counts only if listed by comp.add" (phase-1 §4).
      if (directory.space(spaceId)?.comps.includes(compId) === true) continue;
      await bell.ring(failure("LINK_REFUSED", "a compartment that its space does not list"), { spaceId, compId });
    }
    return ok();
  };

  const syncSpaces: SpaceSync["syncSpaces"] = async () => {
    const reply = await api.call(spacesList, {});
    if (!reply.ok) return reply;
    for (const space of reply.value.head.spaces) {
      const synced = await syncSpace(space);
      if (!synced.ok) return synced;
    }
    return ok();
  };

  return {
    spaceIds: () => spaceIds,
    compartments: () => compartments.values(),
    compartment: (compId) => compartments.get(compId),
    syncSpaces,
    syncFeed,
    restore: async () => {
      for (const state of [...directory.states()]) {
        if (state.ct !== "space") continue;
        spaceIds.add(state.id);
        for (const compId of state.comps) if (directory.comp(compId) !== undefined) await follow(state.id, compId);
      }
    },
  };
}

type SpaceHead = {
  readonly spaceId: SpaceId;
  readonly n: number;
  readonly comps: readonly { readonly compId: CompId; readonly links: number }[];
};

type ItemHead = {
  readonly n: number;
  readonly kind: "entry" | "link";
  readonly logIndex?: number | undefined;
  readonly ts?: number | undefined;
};

/** Heads and parts of a reply as feed items; a head without its part ends the list. */
export function readItems(heads: readonly ItemHead[], parts: readonly Bytes[]): readonly FeedItem[] {
  return heads.flatMap(({ n, kind, logIndex, ts }, i) => {
    const bytes = parts[i];
    if (bytes === undefined) return [];
    const at = logIndex === undefined || ts === undefined ? {} : { at: { index: logIndex, ts } };
    return [{ n, kind, bytes, ...at }];
  });
}
