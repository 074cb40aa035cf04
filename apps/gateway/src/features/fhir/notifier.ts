import { createHmac } from "node:crypto";
import { createLane } from "@caseroom/client";
import type postgres from "postgres";
import { type EventLog, toError } from "../../event-log.ts";
import { isAllowedHook } from "./subscriptions.ts";

/** Tells subscribers, at least once and in order, until each has answered with success. */
export type Notifier = { readonly notify: () => void; readonly stop: () => Promise<void> };

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60 * 60_000;
/** After so many attempts the Subscription is shown as `error`; it is tried on. */
const ERROR_AFTER = 8;
const CALL_MS = 10_000;
const IDLE_MS = 30_000;
const BATCH = 100;

type Due = {
  readonly id: string;
  readonly subscriptionId: string;
  readonly eventNumber: string;
  readonly resourceType: string;
  readonly logicalId: string;
  readonly atMs: string;
  readonly attempts: number;
  readonly endpoint: string;
  readonly payload: "empty" | "id-only";
  readonly headers: readonly (readonly [string, string])[];
  readonly secret: string | null;
};

export function startNotifier(deps: {
  readonly sql: postgres.Sql;
  readonly baseUrl: string;
  readonly hookOrigins: readonly string[];
  readonly nowMs: () => number;
  readonly log: EventLog;
  readonly fetch?: typeof fetch;
}): Notifier {
  const { sql } = deps;
  const lane = createLane();
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isScheduled = false;

  const pass = async (): Promise<void> => {
    isScheduled = false;
    for (;;) {
      if (stopping.signal.aborted) return;
      const due = await listDue(sql, deps.nowMs());
      if (due.length === 0) break;
      const bySubscription = Map.groupBy(due, (one) => one.subscriptionId);
      await Promise.all([...bySubscription.values()].map((list) => tellInOrder(list)));
    }
    const [next] = await sql<{ ms: string | null }[]>`SELECT min(due_ms)::text AS ms FROM fhir_notification`;
    const waitMs = next?.ms == null ? IDLE_MS : Math.max(100, Math.min(IDLE_MS, Number(next.ms) - deps.nowMs()));
    clearTimeout(timer);
    if (!stopping.signal.aborted) timer = setTimeout(notify, waitMs);
  };

  /** The first that fails holds back those after it. */
  const tellInOrder = async (list: readonly Due[]): Promise<void> => {
    for (const one of list) {
      const isTold = await call(one);
      if (stopping.signal.aborted) return;
      if (!isTold) return postpone(one);
      await sql`DELETE FROM fhir_notification WHERE id = ${one.id}::bigint`;
      if (one.attempts >= ERROR_AFTER) await setState(one.subscriptionId, "active");
    }
  };

  const call = async (one: Due): Promise<boolean> => {
    if (!isAllowedHook(one.endpoint, deps.hookOrigins)) return false;
    const body = one.payload === "empty" ? "" : notificationOf(one, deps.baseUrl);
    const headers = new Headers(one.headers.map(([name, value]): [string, string] => [name, value]));
    if (body !== "") headers.set("content-type", "application/fhir+json");
    if (one.secret !== null)
      headers.set("x-caseroom-signature", `sha256=${createHmac("sha256", one.secret).update(body).digest("hex")}`);
    try {
      const response = await (deps.fetch ?? fetch)(one.endpoint, {
        method: "POST",
        headers,
        body: body === "" ? null : body,
        // Where a hook points to is what was checked.
        redirect: "error",
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(CALL_MS)]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  };

  const postpone = async (one: Due): Promise<void> => {
    const attempts = one.attempts + 1;
    const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** one.attempts);
    await sql`
      UPDATE fhir_notification SET attempts = ${attempts}, due_ms = ${deps.nowMs() + waitMs} WHERE id = ${one.id}::bigint`;
    await sql`
      UPDATE fhir_notification SET due_ms = ${deps.nowMs() + waitMs}
      WHERE subscription_id = ${one.subscriptionId} AND id > ${one.id}::bigint AND due_ms < ${deps.nowMs() + waitMs}`;
    if (attempts === ERROR_AFTER) await setState(one.subscriptionId, "error");
  };

  const setState = (id: string, state: "active" | "error") =>
    sql`UPDATE fhir_subscription SET state = ${state} WHERE logical_id = ${id} AND state <> 'off'`;

  const notify = () => {
    if (isScheduled || stopping.signal.aborted) return;
    isScheduled = true;
    lane.run(pass).catch((error: unknown) => {
      deps.log("notification failed", toError(error));
      clearTimeout(timer);
      timer = setTimeout(notify, FIRST_RETRY_MS);
    });
  };
  notify();
  return {
    notify,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await lane.idle();
    },
  };
}

async function listDue(sql: postgres.Sql, nowMs: number): Promise<readonly Due[]> {
  return sql<Due[]>`
    SELECT n.id::text, n.subscription_id AS "subscriptionId", n.event_number::text AS "eventNumber", n.resource_type AS "resourceType",
      n.logical_id AS "logicalId", n.at_ms::text AS "atMs", n.attempts, s.endpoint, s.payload, s.headers, c.hook_secret AS secret
    FROM fhir_notification n JOIN fhir_subscription s ON s.logical_id = n.subscription_id LEFT JOIN fhir_client c ON c.id = s.client_id
    WHERE n.due_ms <= ${nowMs} AND s.state <> 'off' ORDER BY n.id LIMIT ${BATCH}`;
}

/** A notification of the Subscriptions R5 Backport for R4: a history Bundle with the status, and ids alone. */
function notificationOf(one: Due, baseUrl: string): string {
  const focus = `${baseUrl}/fhir/${one.resourceType}/${one.logicalId}`;
  const subscription = `${baseUrl}/fhir/Subscription/${one.subscriptionId}`;
  const event = [
    { name: "event-number", valueString: one.eventNumber },
    { name: "timestamp", valueInstant: new Date(Number(one.atMs)).toISOString() },
    { name: "focus", valueReference: { reference: focus } },
  ];
  return JSON.stringify({
    resourceType: "Bundle",
    type: "history",
    timestamp: new Date(Number(one.atMs)).toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${uuidOf(one)}`,
        resource: {
          resourceType: "Parameters",
          meta: {
            profile: [
              "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4",
            ],
          },
          parameter: [
            { name: "subscription", valueReference: { reference: subscription } },
            { name: "status", valueCode: "active" },
            { name: "type", valueCode: "event-notification" },
            { name: "events-since-subscription-start", valueString: one.eventNumber },
            { name: "notification-event", part: event },
          ],
        },
        request: { method: "GET", url: `${subscription}/$status` },
        response: { status: "200" },
      },
      {
        fullUrl: focus,
        request: { method: "PUT", url: `${one.resourceType}/${one.logicalId}` },
        response: { status: "200" },
      },
    ],
  });
}

/** The same event has the same id however often it is told. */
function uuidOf({ subscriptionId, eventNumber }: Due): string {
  const hex = createHmac("sha256", "notification").update(`${subscriptionId}/${eventNumber}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
