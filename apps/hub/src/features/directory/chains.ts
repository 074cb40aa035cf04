import { type directoryChains, ok } from "@caseroom/contract";
import type { Handler } from "../../http/operation-handler.ts";
import type { ChainMemory } from "../links/chain-memory.ts";

/** directory.chains */
export function listDirectoryChains({ chains }: { readonly chains: ChainMemory }): Handler<typeof directoryChains> {
  return async () => {
    const listed = [];
    for (const { id, ct, head } of chains.states())
      if (ct !== "space" && ct !== "comp") listed.push({ chainId: id, ct, n: head.n });
    return ok({ chains: listed });
  };
}
