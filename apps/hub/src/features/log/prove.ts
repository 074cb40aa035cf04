import { bytesToBase64url, err, failure, type logProve, ok } from "@caseroom/contract";
import { consistencyProof, inclusionProof } from "@caseroom/crypto/verify";
import type { Handler } from "../../http/operation-handler.ts";
import type { LogNodes } from "./log-nodes.ts";
import type { LogWriter } from "./log-writer.ts";

/** log.prove: everything towards one size that the log has reached. */
export function proveLog(deps: { readonly log: LogWriter; readonly nodes: LogNodes }): Handler<typeof logProve> {
  const { read } = deps.nodes;
  return async ({ head: { size, indexes, from } }) => {
    const isWithin = size <= deps.log.size() && (from ?? 0) <= size && indexes.every((index) => index < size);
    if (!isWithin) return err(failure("BAD_REQUEST"));
    const inclusion = await Promise.all(indexes.map((index) => inclusionProof(index, size, read)));
    const consistency = from === undefined ? undefined : await consistencyProof(from, size, read);
    return ok({
      inclusion: inclusion.map((proof) => proof.map(bytesToBase64url)),
      ...(consistency === undefined ? {} : { consistency: consistency.map(bytesToBase64url) }),
    });
  };
}
