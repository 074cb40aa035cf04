import {
  bytesToId16,
  type CompId,
  type ConsortiumId,
  type EntryId,
  entriesAppend,
  err,
  type Failure,
  failure,
  InvariantError,
  isErrorCode,
  type Oid,
  ok,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import type { CheckpointRef } from "@caseroom/space/verify";
import type { Compartment } from "./compartment.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { HubApi } from "./hub-api.ts";
import { createLane, type Lane } from "./lane.ts";
import {
  type Counter,
  type EntryDraft,
  encodeCounter,
  encodeRow,
  type KeptRow,
  parseCounter,
  parseRow,
  type SentEntry,
} from "./outbox-row.ts";
import { resolveSealPlace, sealDraft } from "./outbox-seal.ts";
import { numberKey, type Store, type Write } from "./store/store.ts";

export type Accepted = { readonly oid: Oid; readonly n: number; readonly entryId: EntryId | undefined };

export type Outbox = {
  /** Durable when it resolves; `accepted` resolves when the hub has it, or a rule refuses it for good. */
  readonly append: (
    compId: CompId,
    draft: EntryDraft,
  ) => Promise<{ readonly oid: Oid; readonly accepted: Promise<Result<Accepted, Failure>> }>;
  /** For who keeps drafts elsewhere: several entries in order, sealed and kept once, without a row before. */
  readonly appendKept: (compId: CompId, drafts: readonly EntryDraft[]) => Promise<Result<readonly Accepted[], Failure>>;
  /** Takes up what an earlier run left behind. */
  readonly restore: () => Promise<void>;
  /** Tries again now: after a reconnection or a change of members. */
  readonly flush: () => void;
  /** No more attempts; what waits stays on the device. */
  readonly stop: () => void;
  readonly waiting: () => readonly {
    readonly compId: CompId;
    readonly oid: Oid;
    readonly draft: EntryDraft;
    readonly createdMs: number;
  }[];
};

type Row = Omit<KeptRow, "sent"> & {
  readonly key: string;
  sent: SentEntry | undefined;
  settle: (result: Result<Accepted, Failure>) => void;
};

const BATCH = 64;
const MAX_ATTEMPTS = 1000;
const RETRY_MS = 1000;

export function createOutbox(deps: {
  readonly api: HubApi;
  readonly store: Store;
  readonly keys: DeviceKeys;
  readonly userId: UserId;
  readonly consortiumId: ConsortiumId;
  readonly random: Random;
  readonly nowMs: () => number;
  readonly compartment: (compId: CompId) => Compartment | undefined;
  readonly cp: () => CheckpointRef;
  /** Brings the compartment up to date after STALE_EPOCH. */
  readonly refresh: (compId: CompId) => Promise<void>;
  readonly onChange: (compId: CompId) => void;
}): Outbox {
  const { store, keys, random } = deps;
  const rows = new Map<CompId, Row[]>();
  const lanes = new Map<CompId, Lane>();
  let lastKey = 0;
  let isStopped = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const laneOf = (compId: CompId): Lane => {
    const lane = lanes.get(compId) ?? createLane();
    lanes.set(compId, lane);
    return lane;
  };
  const rowsOf = (compId: CompId): Row[] => {
    const list = rows.get(compId) ?? [];
    rows.set(compId, list);
    return list;
  };

  const counterKey = (compId: CompId) => `${keys.signing.kid}/${compId}`;
  const loadCounter = async (compId: CompId): Promise<Counter> => {
    const bytes = await store.get("counter", counterKey(compId));
    return (bytes === undefined ? undefined : parseCounter(bytes)) ?? { as: 0, ap: null };
  };

  const enqueue = (compId: CompId, draft: EntryDraft, key: string, createdMs: number) => {
    const oid = draft.oid ?? newOid(random);
    const found = rowsOf(compId).find((row) => row.oid === oid);
    let settle: Row["settle"] = () => undefined;
    const accepted = new Promise<Result<Accepted, Failure>>((resolve) => {
      settle = resolve;
    });
    if (found !== undefined) throw new InvariantError("an object waits once");
    const row: Row = { key, compId, oid, draft, createdMs, sent: undefined, settle };
    rowsOf(compId).push(row);
    return { row, accepted };
  };

  /** Rows are taken up again in the order of their keys, which must be the order in which they came. */
  const nextKey = () => {
    lastKey = Math.max(lastKey + 1, deps.nowMs() * 1000);
    return numberKey(lastKey);
  };

  /** Seals what is not sealed yet, in the order of `as`, and keeps the sealed bytes before the first attempt. */
  const seal = async (
    compartment: Compartment,
    batch: readonly Row[],
    counter: Counter,
  ): Promise<Result<undefined, Failure>> => {
    const place = await resolveSealPlace(compartment, deps.userId);
    if (!place.ok) return place;
    const writes: Write[] = [];
    let { as, ap } = counter;
    for (const row of batch) {
      as += 1;
      if (row.sent?.as !== as) {
        const sealed = await sealDraft(deps, place.value, { oid: row.oid, draft: row.draft, as, ap });
        if (!sealed.ok) return sealed;
        row.sent = sealed.value;
        writes.push({ table: "outbox", key: row.key, value: await encodeRow(row, keys) });
      }
      ap = row.sent?.entryId ?? ap;
    }
    await store.write(writes);
    return ok();
  };

  /** One attempt to send the oldest rows. `again`: there may be more to do at once. */
  const attempt = async (compId: CompId, batch: readonly Row[]): Promise<"again" | "later"> => {
    const compartment = deps.compartment(compId);
    if (compartment === undefined || compartment.isJailed()) return "later";
    const counter = await loadCounter(compId);
    const sealed = await seal(compartment, batch, counter);
    if (!sealed.ok) return handleRefusal(compId, batch[0], sealed.error);
    const reply = await deps.api.call(entriesAppend, {
      params: { compId },
      head: {
        entries: batch.map(({ oid, draft }) =>
          draft.blobIds === undefined ? { oid } : { oid, blobs: [...draft.blobIds] },
        ),
      },
      parts: batch.map((row) => row.sent?.envelope ?? new Uint8Array(0)),
    });
    if (!reply.ok) return handleRefusal(compId, batch[0], reply.error);
    const { accepted, stopped } = reply.value.head;
    await settleAccepted(compId, batch, accepted, counter);
    if (stopped === null) return "again";
    const row = batch.find((one) => one.oid === stopped.oid);
    return handleRefusal(compId, row, failure(isErrorCode(stopped.code) ? stopped.code : "UNAVAILABLE"));
  };

  /** Sends what waits in one compartment until nothing does, or something stops it. */
  const drain = async (compId: CompId): Promise<void> => {
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const batch = rowsOf(compId).slice(0, BATCH);
      if (batch.length === 0) return;
      if ((await attempt(compId, batch)) === "later") return retryLater();
    }
    retryLater();
  };

  const settleAccepted = async (
    compId: CompId,
    batch: readonly Row[],
    accepted: readonly { readonly oid: Oid; readonly n: number }[],
    counter: Counter,
  ): Promise<void> => {
    if (accepted.length === 0) return;
    let next = counter;
    const writes: Write[] = [];
    const done: { readonly row: Row; readonly n: number }[] = [];
    for (const { oid, n } of accepted) {
      const row = batch.find((one) => one.oid === oid);
      if (row === undefined) continue;
      if (row.sent !== undefined) next = { as: row.sent.as, ap: row.sent.entryId };
      writes.push({ table: "outbox", key: row.key, value: undefined });
      done.push({ row, n });
    }
    writes.push({ table: "counter", key: counterKey(compId), value: encodeCounter(next) });
    await store.write(writes);
    const gone = new Set(done.map(({ row }) => row));
    rows.set(
      compId,
      rowsOf(compId).filter((row) => !gone.has(row)),
    );
    for (const { row, n } of done) row.settle(ok({ oid: row.oid, n, entryId: row.sent?.entryId }));
    deps.onChange(compId);
  };

  /** Whether to go on at once. A row leaves the outbox only when it is accepted, or can never be. */
  const handleRefusal = async (compId: CompId, row: Row | undefined, problem: Failure): Promise<"again" | "later"> => {
    switch (problem.code) {
      case "STALE_EPOCH":
      case "DEVICE_REVOKED":
        // The hub's guarantee that it did not accept: only now may the entries be signed and sealed again.
        for (const one of rowsOf(compId)) one.sent = undefined;
        await deps.refresh(compId);
        return problem.code === "STALE_EPOCH" && deps.compartment(compId)?.state()?.members.has(deps.userId) === true
          ? "again"
          : "later";
      case "OID_TAKEN":
        // Ours already, by an earlier run that did not learn of it.
        if (row !== undefined) await dropRow(row, ok({ oid: row.oid, n: -1, entryId: undefined }));
        for (const one of rowsOf(compId)) one.sent = undefined;
        return "again";
      case "TOO_LARGE":
      case "ENVELOPE_INVALID":
      case "DUPLICATE":
        if (row !== undefined) await dropRow(row, err(problem));
        return "again";
      default:
        return "later";
    }
  };

  const dropRow = async (row: Row, result: Result<Accepted, Failure>) => {
    await store.write([{ table: "outbox", key: row.key, value: undefined }]);
    rows.set(
      row.compId,
      rowsOf(row.compId).filter((one) => one !== row),
    );
    row.settle(result);
    deps.onChange(row.compId);
  };

  const kick = (compId: CompId) => {
    laneOf(compId)
      .run(() => drain(compId))
      .catch(() => retryLater());
  };
  const retryLater = () => {
    clearTimeout(retryTimer);
    if (isStopped) return;
    retryTimer = setTimeout(flush, RETRY_MS);
    if (typeof retryTimer === "object" && "unref" in retryTimer) retryTimer.unref();
  };
  const flush = () => {
    for (const [compId, list] of rows) if (list.length > 0) kick(compId);
  };

  return {
    append: async (compId, draft) => {
      const { row, accepted } = enqueue(compId, draft, nextKey(), deps.nowMs());
      await store.write([{ table: "outbox", key: row.key, value: await encodeRow(row, keys) }]);
      deps.onChange(compId);
      kick(compId);
      return { oid: row.oid, accepted };
    },
    appendKept: async (compId, drafts) => {
      const waiting = drafts.map((draft) => {
        const found = rowsOf(compId).find((row) => row.oid === draft.oid);
        return found === undefined ? enqueue(compId, draft, nextKey(), deps.nowMs()).accepted : follow(found);
      });
      kick(compId);
      const results = await Promise.all(waiting);
      const accepted: Accepted[] = [];
      for (const result of results) {
        if (!result.ok) return result;
        accepted.push(result.value);
      }
      return ok(accepted);
    },
    restore: async () => {
      for (const { key, value } of await store.range("outbox", { prefix: "" })) {
        const kept = await parseRow(value, keys);
        if (kept === undefined) continue;
        const { row } = enqueue(kept.compId, { ...kept.draft, oid: kept.oid }, key, kept.createdMs);
        row.sent = kept.sent;
      }
      flush();
    },
    flush,
    stop: () => {
      isStopped = true;
      clearTimeout(retryTimer);
    },
    waiting: () =>
      [...rows.values()].flat().map(({ compId, oid, draft, createdMs }) => ({ compId, oid, draft, createdMs })),
  };
}

/** Another waiter for a row that is on its way. */
function follow(row: Row): Promise<Result<Accepted, Failure>> {
  return new Promise((resolve) => {
    const settle = row.settle;
    row.settle = (result) => {
      settle(result);
      resolve(result);
    };
  });
}

function newOid(random: Random): Oid {
  const oid = bytesToId16<Oid>(random(16));
  if (oid === undefined) throw new InvariantError("an oid has 16 bytes");
  return oid;
}
