import type { CompId, SpaceId, UserId } from "@caseroom/contract";
import { type ChainState, type ChainView, createDirectory, type Directory } from "@caseroom/space/verify";

/** Every chain as it stands, in memory: the rules are asked thousands of times a second, and links are rare. */
export type ChainMemory = {
  readonly view: ChainView;
  readonly chain: Directory["chain"];
  readonly states: Directory["states"];
  /** Takes over what an accepted request, or the replay at the start, has made. */
  readonly settle: (states: Iterable<ChainState>) => void;
  readonly compsOfUser: (userId: UserId) => ReadonlySet<CompId>;
  readonly compsOfSpace: (spaceId: SpaceId) => ReadonlySet<CompId>;
  readonly spacesOfAdmin: (userId: UserId) => ReadonlySet<SpaceId>;
};

const NONE: ReadonlySet<never> = new Set<never>();

export function createChainMemory(): ChainMemory {
  const directory = createDirectory();
  const compsOfUser = new Map<UserId, Set<CompId>>();
  const compsOfSpace = new Map<SpaceId, Set<CompId>>();
  const spacesOfAdmin = new Map<UserId, Set<SpaceId>>();

  const settleOne = (state: ChainState): void => {
    if (state.ct === "comp") {
      for (const userId of directory.comp(state.id)?.members.keys() ?? [])
        if (!state.members.has(userId)) compsOfUser.get(userId)?.delete(state.id);
      for (const userId of state.members.keys()) addTo(compsOfUser, userId, state.id);
      addTo(compsOfSpace, state.spaceId, state.id);
    }
    // Who was an admin once stays listed; whether they are one now is asked of the state.
    if (state.ct === "space") for (const userId of state.admins.keys()) addTo(spacesOfAdmin, userId, state.id);
    directory.set(state);
  };

  return {
    view: directory,
    chain: directory.chain,
    states: directory.states,
    settle: (states) => {
      for (const state of states) settleOne(state);
    },
    compsOfUser: (userId) => compsOfUser.get(userId) ?? NONE,
    compsOfSpace: (spaceId) => compsOfSpace.get(spaceId) ?? NONE,
    spacesOfAdmin: (userId) => spacesOfAdmin.get(userId) ?? NONE,
  };
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key) ?? new Set<V>();
  map.set(key, set.add(value));
}
