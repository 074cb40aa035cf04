import { err, type Failure, failure, InvariantError, idToBytes, parseId32, type Result } from "@caseroom/contract";
import { SIGNED_TYPES, verifySign1 } from "@caseroom/crypto/verify";
import { checkContinues } from "./chain-head.ts";
import type { ChainState, ChainView, CompState, ConsState, OrgState, SpaceState, UserState } from "./chain-state.ts";
import { applyCompLink } from "./comp-chain.ts";
import { applyConsLink } from "./cons-chain.ts";
import type { ParsedLink } from "./link.ts";
import type { Moment } from "./moment.ts";
import { applyOrgLink } from "./org-chain.ts";
import { isPrincipalActive, resolveSigner } from "./principal.ts";
import { applySpaceLink } from "./space-chain.ts";
import { applyUserLink } from "./user-chain.ts";

/**
 * The one rule book. Given a chain as it stands and the next link, answers the chain after it, or the code of the refusal. The hub asks
 * before it accepts, and every client asks again about everything the hub accepted; both run this function, so they agree.
 *
 * Pure: nothing is read but `view`, nothing is written. `at` is the link's own place in the log.
 */
export async function applyLink(view: ChainView, link: ParsedLink, at: Moment): Promise<Result<ChainState, Failure>> {
  const state = stateOf(view, link);
  const continues = checkContinues(state, link);
  if (!continues.ok) return continues;
  const consortium = view.consortium();
  if (link.ct === "cons") return applyConsLink(asType(state, "cons"), link, at);
  if (consortium === undefined) return err(failure("LINK_REFUSED", "there is no consortium yet"));
  switch (link.ct) {
    case "org":
      return applyOrgLink(asType(state, "org"), link, at, consortium);
    case "user":
      return applyUserLink(asType(state, "user"), { link, at, consortium, view });
    case "space":
    case "comp":
      return applyMemberLink(state, link, at, { view, consortium });
  }
}

/** Links of spaces and compartments: signed by an active device of a user whom an institution vouches for (phase-1 §2.5). */
async function applyMemberLink(
  state: ChainState | undefined,
  link: ParsedLink,
  at: Moment,
  { view, consortium }: { readonly view: ChainView; readonly consortium: ConsState },
): Promise<Result<ChainState, Failure>> {
  const kid = link.signers[0];
  if (kid === undefined || !("one" in link.cose)) return err(failure("COSE_INVALID"));
  const signer = resolveSigner(view, kid, at);
  if (!signer.ok) return signer;
  if (!isPrincipalActive(view, signer.value.userId, at))
    return err(failure("LINK_REFUSED", "no institution vouches for the signer"));
  const signed = await verifySign1({
    parsed: link.cose.one,
    typ: SIGNED_TYPES.link,
    publicKey: signer.value.publicKey,
    aad: idToBytes(consortium.id),
  });
  if (!signed.ok) return signed;
  const context = { link, at, signer: signer.value.userId, view };
  return link.ct === "space"
    ? applySpaceLink(asType(state, "space"), context)
    : applyCompLink(asType(state, "comp"), context);
}

type StateByType = { cons: ConsState; org: OrgState; user: UserState; space: SpaceState; comp: CompState };

function asType<T extends keyof StateByType>(state: ChainState | undefined, ct: T): StateByType[T] | undefined {
  return isType(state, ct) ? state : undefined;
}

function isType<T extends keyof StateByType>(
  state: ChainState | undefined,
  ct: T,
): state is StateByType[T] & ChainState {
  return state?.ct === ct;
}

function stateOf(view: ChainView, link: ParsedLink): ChainState | undefined {
  switch (link.ct) {
    case "cons":
      return view.consortium();
    case "org":
      return [...view.orgs()].find((org) => org.id === link.chainId);
    case "user":
      return userOf(view, link);
    case "space":
      return view.space(brand(link));
    case "comp":
      return view.comp(brand(link));
  }
}

function userOf(view: ChainView, link: ParsedLink): UserState | undefined {
  return view.user(brand(link));
}

/** The chain type of a link says which kind of id its chain id is. */
function brand<Id extends SpaceState["id"] | CompState["id"] | UserState["id"]>(link: ParsedLink): Id {
  const id = parseId32<Id>(link.chainId);
  if (id === undefined) throw new InvariantError("a chain id has 32 bytes");
  return id;
}
