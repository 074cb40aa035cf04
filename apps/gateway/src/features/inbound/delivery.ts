import { createHash } from "node:crypto";
import { type Client, createLane, type EntryDraft, encodeFhirBody, packFragments } from "@caseroom/client";
import { isFhirResource, routeFragment } from "@caseroom/clinical";
import {
  bytesToId16,
  type CompId,
  type Failure,
  type Oid,
  ok,
  type Result,
  TIERS,
  tierName,
  toBytes,
} from "@caseroom/contract";
import type postgres from "postgres";
import { type EventLog, toError } from "../../event-log.ts";
import type { Charts } from "../charts/charts.ts";
import { listWaiting, markSent, type WaitingMessage } from "./inbound-store.ts";

/** Seals what sources sent and deposits it in the patients' charts, in order, each message until the hub has all of it. */
export type Delivery = {
  readonly notify: () => void;
  readonly stop: () => Promise<void>;
  readonly waiting: () => number;
};

const BATCH = 256;
const RETRY_MS = 500;
/** Bytes of an original that still leave room for the fragments in an entry. */
const MAX_ORIGINAL_BYTES = 12_000;

export function startDelivery(deps: {
  readonly sql: postgres.Sql;
  readonly client: Client;
  readonly charts: Charts;
  readonly log: EventLog;
}): Delivery {
  const { sql, client, charts, log } = deps;
  const lane = createLane();
  let isStopped = false;
  let isScheduled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting = 0;

  const pass = async (): Promise<void> => {
    isScheduled = false;
    for (;;) {
      if (isStopped) return;
      const batch = await listWaiting(sql, BATCH);
      waiting = batch.length;
      if (batch.length === 0) return;
      const byPatient = Map.groupBy(batch, (message) => message.patientId);
      const results = await Promise.all([...byPatient].map(([patientId, messages]) => deliver(patientId, messages)));
      const failed = results.find((result) => !result.ok);
      if (failed?.ok === false) {
        log("delivery waits", failed.error);
        retryLater();
        return;
      }
    }
  };

  /** All waiting messages of one patient, in the order in which they came. */
  const deliver = async (
    patientId: string,
    messages: readonly WaitingMessage[],
  ): Promise<Result<undefined, Failure>> => {
    const chart = await charts.ensure(patientId);
    if (!chart.ok) return chart;
    const drafts = new Map<CompId, EntryDraft[]>();
    for (const message of messages) {
      for (const { tier, draft } of draftsOf(message)) {
        const compId = tier === "emergency" ? chart.value.emergency : chart.value.clinical;
        drafts.set(compId, [...(drafts.get(compId) ?? []), draft]);
      }
    }
    for (const [compId, list] of drafts) {
      const accepted = await client.outbox.appendKept(compId, list);
      if (!accepted.ok) return accepted;
    }
    await markSent(
      sql,
      messages.map((message) => message.id),
    );
    return ok();
  };

  const notify = () => {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    lane.run(pass).catch((error: unknown) => {
      log("delivery failed", toError(error));
      retryLater();
    });
  };
  const retryLater = () => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(notify, RETRY_MS);
  };
  notify();
  return {
    notify,
    waiting: () => waiting,
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await lane.idle();
    },
  };
}

/** A live message is one entry for each compartment it concerns; a bundle is packed (phase-1 §3.9). */
function draftsOf(
  message: WaitingMessage,
): readonly { readonly tier: "emergency" | "clinical"; readonly draft: EntryDraft }[] {
  const byTier = Map.groupBy(message.fragments, (fragment) => routeOf(fragment.json));
  return [...byTier].flatMap(([tier, fragments]) =>
    packFragments(fragments).map((pack, i) => ({
      tier,
      draft: {
        kind: "fhir",
        oid: oidOf(message.id, tier, i),
        body: encodeFhirBody(pack.map((fragment) => fragment.json)),
        provenance: {
          system: message.sender,
          sourceId: message.controlId,
          receivedMs: message.receivedMs,
          originalType: message.mediaType,
          original: message.bytes.length <= MAX_ORIGINAL_BYTES ? message.bytes : toBytes([]),
        },
      },
    })),
  );
}

function routeOf(json: string): "emergency" | "clinical" {
  const resource: unknown = JSON.parse(json);
  return isFhirResource(resource) && routeFragment(resource) === tierName(TIERS.emergency) ? "emergency" : "clinical";
}

/** The same message gives the same object: a delivery that is repeated after a crash changes nothing (phase-1 §2.9). */
function oidOf(id: string, tier: string, pack: number): Oid {
  const hash = createHash("sha256").update(`inbound/${id}/${tier}/${pack}`).digest();
  const oid = bytesToId16<Oid>(toBytes(hash.subarray(0, 16)));
  if (oid === undefined) throw new RangeError("an oid has 16 bytes");
  return oid;
}
