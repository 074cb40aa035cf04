import {
  type Bytes,
  bytesToUtf8,
  equalBytes,
  err,
  type Failure,
  failure,
  logCheckpoint,
  logProve,
  ok,
  type Result,
  utf8ToBytes,
} from "@caseroom/contract";
import {
  type Checkpoint,
  EMPTY_ROOT,
  encodeCbor,
  type LogKeys,
  leafHash,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from "@caseroom/crypto/verify";
import type { CheckpointRef } from "@caseroom/space/verify";
import type { HubApi } from "./hub-api.ts";
import type { Store } from "./store/store.ts";

/**
 * The client's view of the log: only ever one history. The newest accepted checkpoint is kept, everything later must continue it, and what
 * other members have seen must be a part of it (phase-1 §2.3, §2.4).
 */
export type LogWatch = {
  readonly accepted: () => CheckpointRef;
  /** Fetches the newest checkpoint and accepts it if it continues the accepted one. */
  readonly update: () => Promise<Result<CheckpointRef, LogFailure>>;
  /** Whether these leaves stand at these places under the accepted checkpoint. The caller has updated it far enough. */
  readonly proveLeaves: (leaves: readonly ClaimedLeaf[]) => Promise<Result<undefined, LogFailure>>;
  /** Whether what somebody else had seen is a part of the accepted log. */
  readonly checkForeign: (cp: CheckpointRef) => Promise<Result<undefined, LogFailure>>;
};

export type ClaimedLeaf = { readonly index: number; readonly leaf: Bytes };
export type LogFailure = Failure<"FORK" | "ROLLBACK" | "PROOF_INVALID" | "WITHHELD" | "OFFLINE"> & {
  readonly evidence?: Bytes;
};

const KEY = "checkpoint";
const CLOCK_TOLERANCE_MS = 120_000;
const PROOF_BATCH = 512;

export async function openLogWatch(deps: {
  readonly api: HubApi;
  readonly store: Store;
  readonly keys: () => LogKeys | undefined;
  readonly nowMs: () => number;
}): Promise<LogWatch> {
  const { api, store, keys } = deps;
  let accepted: CheckpointRef = { size: 0, root: EMPTY_ROOT };
  /** The kept checkpoint is a note with its signatures; it is verified again as soon as the keys are known. */
  let kept = await store.get("value", KEY);

  const restore = async (): Promise<void> => {
    const logKeys = keys();
    if (kept === undefined || logKeys === undefined) return;
    const checkpoint = await verifyCheckpoint(bytesToUtf8(kept) ?? "", logKeys);
    kept = undefined;
    if (checkpoint.ok && checkpoint.value.size > accepted.size) accepted = refOf(checkpoint.value);
  };

  const update: LogWatch["update"] = async () => {
    const logKeys = keys();
    if (logKeys === undefined) return ok(accepted);
    await restore();
    const reply = await api.call(logCheckpoint, {});
    if (!reply.ok) return err(failure("OFFLINE"));
    const evidence = reply.value.raw;
    const note = bytesToUtf8(evidence) ?? "";
    const checkpoint = await verifyCheckpoint(note, logKeys);
    if (!checkpoint.ok)
      return err({ ...failure("PROOF_INVALID", "a checkpoint that the log's keys did not sign"), evidence });
    const next = refOf(checkpoint.value);
    const continues = await checkContinues(accepted, next);
    if (!continues.ok) return err({ ...continues.error, evidence });
    if (next.size === accepted.size) return ok(accepted);
    if (Math.abs(deps.nowMs() - checkpoint.value.cosignedAtMs) > CLOCK_TOLERANCE_MS) {
      return err({ ...failure("WITHHELD", "the newest checkpoint is not of now"), evidence });
    }
    await store.write([{ table: "value", key: KEY, value: utf8ToBytes(note) }]);
    accepted = next;
    return ok(accepted);
  };

  const checkContinues = async (from: CheckpointRef, to: CheckpointRef): Promise<Result<undefined, LogFailure>> => {
    if (to.size < from.size) return err(failure("ROLLBACK", "the hub shows an older log than before"));
    if (from.size === 0) return ok();
    if (to.size === from.size)
      return equalBytes(to.root, from.root) ? ok() : err(failure("FORK", "two logs of one size"));
    const reply = await api.call(logProve, { head: { size: to.size, indexes: [], from: from.size } });
    if (!reply.ok) return err(failure("OFFLINE"));
    const proof = reply.value.head.consistency ?? [];
    const holds = verifyConsistency({ size1: from.size, root1: from.root, size2: to.size, root2: to.root, proof });
    return holds ? ok() : err(failure("FORK", "the log does not continue what was accepted"));
  };

  const proveLeaves: LogWatch["proveLeaves"] = async (leaves) => {
    for (let at = 0; at < leaves.length; at += PROOF_BATCH) {
      const proven = await proveSome(leaves.slice(at, at + PROOF_BATCH), accepted);
      if (!proven.ok) return proven;
    }
    return ok();
  };

  const proveSome = async (
    batch: readonly ClaimedLeaf[],
    under: CheckpointRef,
  ): Promise<Result<undefined, LogFailure>> => {
    if (batch.some((one) => one.index >= under.size)) return err(failure("WITHHELD", "not under a checkpoint yet"));
    const reply = await api.call(logProve, { head: { size: under.size, indexes: batch.map((one) => one.index) } });
    if (!reply.ok) return err(failure("OFFLINE"));
    const refused = batch.find(({ index, leaf }, i) => {
      const proof = reply.value.head.inclusion[i] ?? [];
      return !verifyInclusion({ index, size: under.size, leaf: leafHash(leaf), root: under.root, proof });
    });
    if (refused === undefined) return ok();
    return err({ ...failure("PROOF_INVALID", "a statement that the log does not hold"), evidence: refused.leaf });
  };

  const checkForeign: LogWatch["checkForeign"] = async (cp) => {
    if (cp.size > accepted.size) {
      const updated = await update();
      if (!updated.ok) return updated;
    }
    // Still ahead of everything that the hub shows us: somebody is shown another log than we are.
    const evidence = encodeCbor([cp.size, cp.root, accepted.size, accepted.root]);
    if (cp.size > accepted.size) return err({ ...failure("FORK", "a member has seen a longer log"), evidence });
    const continues = await checkContinues(cp, accepted);
    return continues.ok ? continues : err({ ...continues.error, evidence });
  };

  await restore();
  return { accepted: () => accepted, update, proveLeaves, checkForeign };
}

function refOf(checkpoint: Checkpoint): CheckpointRef {
  return { size: checkpoint.size, root: checkpoint.root };
}
