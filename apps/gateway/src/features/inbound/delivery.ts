import { type Client, createLane } from "@caseroom/client";
import { type Failure, ok, type Result } from "@caseroom/contract";
import type postgres from "postgres";
import { type EventLog, toError } from "../../event-log.ts";
import type { Chart, Charts } from "../charts/charts.ts";
import { listWaiting, markSent, markUnsendable, type WaitingMessage } from "./inbound-store.ts";
import { draftMessage, type MessageDrafts } from "./message-drafts.ts";

/** Seals what sources sent and deposits it in the patients' charts, in order, each message until the hub has all of it. */
export type Delivery = {
  readonly notify: () => void;
  readonly stop: () => Promise<void>;
  readonly waiting: () => number;
};

const BATCH = 256;
const RETRY_MS = 500;

export function startDelivery(deps: {
  readonly sql: postgres.Sql;
  readonly client: Client;
  readonly charts: Charts;
  readonly dataDir: string;
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
      // Whatever has come since this list was made has asked for a pass of its own.
      if (batch.length < BATCH) {
        waiting = 0;
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
    const drafted = await draftAll(messages, chart.value);
    if (!drafted.ok) return drafted;
    const byComp = Map.groupBy(
      drafted.value.flatMap(({ drafts }) => drafts),
      ({ compId }) => compId,
    );
    for (const [compId, list] of byComp) {
      const accepted = await client.outbox.appendKept(
        compId,
        list.map(({ draft }) => draft),
      );
      if (!accepted.ok) return accepted;
    }
    for (const { release } of drafted.value) await release();
    const unsendable = drafted.value.filter((one) => one.unsendable > 0).map(({ messageId }) => messageId);
    // What fits no entry is for a person to look at; the rest of its message has been sent, and nothing else waits for it.
    await markUnsendable(
      sql,
      messages.filter(({ id }) => unsendable.includes(id)),
    );
    await markSent(
      sql,
      messages.map((message) => message.id).filter((id) => !unsendable.includes(id)),
    );
    return ok();
  };

  const draftAll = async (
    messages: readonly WaitingMessage[],
    chart: Chart,
  ): Promise<Result<readonly MessageDrafts[], Failure>> => {
    const drafted: MessageDrafts[] = [];
    for (const message of messages) {
      const one = await draftMessage(deps, chart, message);
      if (!one.ok) return one;
      drafted.push(one.value);
    }
    return ok(drafted);
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
