import { bytesToBase64url, type Clock, type metaGet, ok } from "@caseroom/contract";
import type { Handler } from "../../http/operation-handler.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { LogWriter } from "../log/log-writer.ts";

const PROTOCOL_LEVEL = 1;

/** meta.get */
export function getMeta(deps: {
  readonly chains: ChainMemory;
  readonly log: LogWriter;
  readonly clock: Clock;
}): Handler<typeof metaGet> {
  const { origin, keys } = deps.log;
  return async () =>
    ok({
      consortiumId: deps.chains.view.consortium()?.id ?? null,
      origin,
      logKey: bytesToBase64url(keys.logKey.publicKey),
      cosignKey: bytesToBase64url(keys.cosignKey.publicKey),
      protocolLevel: PROTOCOL_LEVEL,
      nowMs: deps.clock.nowMs(),
    });
}
