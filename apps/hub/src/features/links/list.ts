import { err, type Failure, failure, type linksList, ok, type Result, type UserId } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import type { ChainState } from "@caseroom/space/verify";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Access } from "../spaces/access.ts";
import type { ChainMemory } from "./chain-memory.ts";
import { readLinks, spaceColumnOf } from "./link-store.ts";

const LIMIT = 512;

/** links.list: the directory is for everybody who is signed in, spaces and compartments for their members. */
export function listLinks(deps: {
  readonly sql: Sql;
  readonly chains: ChainMemory;
  readonly access: Access;
}): Handler<typeof linksList> {
  return async (call) => {
    const { chainId } = call.params;
    const state = deps.chains.chain(chainId);
    if (state === undefined) return err(failure("NOT_FOUND"));
    const allowed = mayList(deps.access, state, sessionOf(call).userId);
    if (!allowed.ok) return allowed;
    const chain = { space: spaceColumnOf(deps.chains, chainId), chainId };
    const links = await readLinks(deps.sql, chain, { from: call.query.from ?? 0, limit: LIMIT });
    const head = {
      ct: state.ct,
      links: links.map(({ n, logIndex, ts }) => ({ n, logIndex, ts })),
      total: state.head.n,
    };
    return ok({ head, parts: links.map(({ bytes }) => bytes) });
  };
}

function mayList(access: Access, state: ChainState, userId: UserId): Result<undefined, Failure> {
  if (state.ct === "space") return access.space(state.id, userId) ? ok() : err(failure("FORBIDDEN"));
  if (state.ct !== "comp") return ok();
  const found = access.member(state.id, userId);
  return found.ok ? ok() : found;
}
