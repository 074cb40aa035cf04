import {
  type ChainId,
  type CompId,
  err,
  type Failure,
  failure,
  type Kid,
  type OrgId,
  ok,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import { applyLink } from "./apply-link.ts";
import type { ChainState, ChainView, CompState, ConsState, OrgState, SpaceState, UserState } from "./chain-state.ts";
import type { ParsedLink } from "./link.ts";
import type { Moment } from "./moment.ts";

/** Chains in memory: a view that can be written to. */
export type Directory = ChainView & {
  readonly set: (state: ChainState) => void;
  readonly chain: (id: ChainId) => ChainState | undefined;
  readonly states: () => Iterable<ChainState>;
};

/** An empty directory, or with `base` a layer over another one: what it sets, the base never sees. */
export function createDirectory(base?: ChainView): Directory {
  const orgs = new Map<OrgId, OrgState>();
  const users = new Map<UserId, UserState>();
  const spaces = new Map<SpaceId, SpaceState>();
  const comps = new Map<CompId, CompState>();
  const owners = new Map<Kid, UserId>();
  const all = new Map<ChainId, ChainState>();
  let consortium: ConsState | undefined;

  const set = (state: ChainState): void => {
    all.set(state.id, state);
    switch (state.ct) {
      case "cons":
        consortium = state;
        return;
      case "org":
        orgs.set(state.id, state);
        return;
      case "user":
        users.set(state.id, state);
        for (const kid of state.devices.keys()) owners.set(kid, state.id);
        return;
      case "space":
        spaces.set(state.id, state);
        return;
      case "comp":
        comps.set(state.id, state);
    }
  };

  return {
    set,
    chain: (id) => all.get(id),
    states: () => all.values(),
    consortium: () => consortium ?? base?.consortium(),
    org: (id) => orgs.get(id) ?? base?.org(id),
    user: (id) => users.get(id) ?? base?.user(id),
    space: (id) => spaces.get(id) ?? base?.space(id),
    comp: (id) => comps.get(id) ?? base?.comp(id),
    ownerOf: (kid) => owners.get(kid) ?? base?.ownerOf(kid),
    orgs: () => [...[...(base?.orgs() ?? [])].filter((org) => !orgs.has(org.id)), ...orgs.values()],
  };
}

/**
 * Applies links one after another, each seeing those before it; answers the layer that holds what they made. Nothing is set in `view`:
 * whoever accepts the batch takes over the states, or none of them (phase-1 §1, all or nothing).
 */
export async function applyBatch(
  view: ChainView,
  links: readonly { readonly link: ParsedLink; readonly at: Moment }[],
): Promise<Result<Directory, Failure>> {
  const layer = createDirectory(view);
  for (const { link, at } of links) {
    const next = await applyLink(layer, link, at);
    if (!next.ok) return next;
    layer.set(next.value);
  }
  return isWhole(layer) ? ok(layer) : err(failure("LINK_INVALID", "a genesis comes with its first link"));
}

/** A user has a first key, a compartment a first epoch: genesis and n = 1 are accepted together or not at all (phase-1 §2.1). */
function isWhole(layer: Directory): boolean {
  for (const state of layer.states()) {
    if (state.ct === "user" && state.puks.length === 0) return false;
    if (state.ct === "comp" && state.epochs.length === 0) return false;
  }
  return true;
}
