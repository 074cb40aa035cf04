import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import type { ChainHead, ChainState } from "./chain-state.ts";
import type { ParsedLink } from "./link.ts";
import type { Moment } from "./moment.ts";

export function headAfter(link: ParsedLink, at: Moment): ChainHead {
  return { n: link.n + 1, hash: link.hash, at };
}

/** The compare-and-swap of a chain: the link continues exactly this head (protocol §6.1 (1)). */
export function checkContinues(
  state: ChainState | undefined,
  link: ParsedLink,
): Result<undefined, Failure<"CHAIN_CONFLICT">> {
  if (state === undefined) return link.isGenesis ? ok() : err(failure("CHAIN_CONFLICT", "the chain is not known"));
  const continues = link.n === state.head.n && link.p === state.head.hash && link.ct === state.ct;
  return continues ? ok() : err(failure("CHAIN_CONFLICT"));
}
