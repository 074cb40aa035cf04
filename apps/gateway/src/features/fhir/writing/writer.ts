import { randomUUID } from "node:crypto";
import { createLane } from "@caseroom/client";
import { err, ok, type Result, toBytes, utf8ToBytes } from "@caseroom/contract";
import type postgres from "postgres";
import { storeInbound } from "../../inbound/inbound-store.ts";
import { putAside } from "../../quarantine/quarantine-store.ts";
import { type FhirRefusal, RefusedWrite } from "../refusal.ts";
import { DOOR_SOURCE } from "../resource-rows.ts";
import { raiseNotifications } from "../subscription-events.ts";
import { keepSubscription, prepareSubscription } from "../subscriptions.ts";
import type { R4Validator } from "../validation/r4-validator.ts";
import { resolveReferences } from "./bundle-references.ts";
import { findOwnBySearch } from "./conditional.ts";
import { bringAlong, type ChartFragment, type Filed, fileWrite } from "./file-writes.ts";
import { placeWrites } from "./placement.ts";
import { type PlannedWrite, planWrites, type WriteDone, type WriteRequest } from "./write-request.ts";

export type WriterDeps = {
  readonly sql: postgres.Sql;
  readonly baseUrl: string;
  readonly institutionId: string;
  readonly validator: R4Validator;
  readonly hookOrigins: readonly string[];
  readonly nowMs: () => number;
  /** Something is to be sealed. */
  readonly onAccepted: () => void;
  /** Somebody is to be notified. */
  readonly onRaised: () => void;
};

/** Who writes, and what was sent: its text, with method and path so that a person can replay it. */
export type WriteOrigin = {
  readonly clientId: string | undefined;
  readonly text: string;
  readonly request: string;
  /** It comes from the quarantine: a further refusal keeps nothing, and this runs in the transaction that takes it. */
  readonly settle?: (tx: postgres.ISql) => Promise<void>;
};

/**
 * Creates, updates and deletes; all of a list or nothing of it. On disk when it resolves, visible here at once, sealed into
 * the charts after. A patient who does not agree with the record refuses all, and what came is set aside.
 */
export type FhirWriter = {
  readonly write: (
    requests: readonly WriteRequest[],
    origin: WriteOrigin,
  ) => Promise<Result<readonly WriteDone[], FhirRefusal>>;
};

const MEDIA_TYPE = "application/fhir+json";

export function createFhirWriter(deps: WriterDeps): FhirWriter {
  // One after another: a condition that held when it was asked still holds when it is acted upon.
  const lane = createLane();
  return {
    write: async (requests, origin) => {
      const planned = await planWrites(deps.validator, requests);
      return planned.ok ? lane.run(() => writeAll(deps, planned.value, origin)) : planned;
    },
  };
}

async function writeAll(
  deps: WriterDeps,
  planned: readonly PlannedWrite[],
  origin: WriteOrigin,
): Promise<Result<readonly WriteDone[], FhirRefusal>> {
  try {
    const written = await deps.sql.begin((tx) => writeInOne(deps, tx, planned, origin));
    if (written.isSealed) deps.onAccepted();
    if (written.raised > 0) deps.onRaised();
    return ok(written.done);
  } catch (error) {
    if (!(error instanceof RefusedWrite)) throw error;
    if (error.isMismatch && origin.settle === undefined) await setAside(deps, origin, error.refusal);
    return err(error.refusal);
  }
}

async function writeInOne(
  deps: WriterDeps,
  sql: postgres.TransactionSql,
  planned: readonly PlannedWrite[],
  origin: WriteOrigin,
): Promise<{ readonly done: readonly WriteDone[]; readonly isSealed: boolean; readonly raised: number }> {
  const nowMs = deps.nowMs();
  const existing = await findExisting(deps, sql, planned);
  const foundIds = new Map([...existing].map(([write, id]) => [write.id, id]));
  const resolved = await resolveReferences(sql, planned, foundIds, `${deps.baseUrl}/fhir`);
  const writes = resolved
    .filter((_, i) => !existing.has(planned[i] ?? failAt(i)))
    .map((write) => prepareSubscription(write, deps));
  const placed = await placeWrites(sql, writes);
  const filed = new Map<string, Filed>();
  // Deletions first, then creates, then updates (FHIR R4 §3.1.0.11.2).
  for (const method of ["DELETE", "POST", "PUT"] as const) {
    for (const write of writes.filter((one) => one.method === method)) {
      const placement = placed.get(write) ?? { charts: [], compartment: null };
      const one = await fileWrite(sql, write, placement, { institutionId: deps.institutionId, nowMs });
      filed.set(`${write.type}/${write.id}`, one);
      if (write.type === "Subscription") await keepSubscription(sql, write, origin.clientId, `${deps.baseUrl}/fhir`);
    }
  }
  const own = [...filed.values()].flatMap(({ fragments }) => fragments);
  const fragments = [...(await bringAlong(sql, own)), ...own];
  await storeFragments(sql, fragments, origin, nowMs);
  await origin.settle?.(sql);
  const news = [...filed.values()].flatMap(({ rowId }) => rowId ?? []);
  const raised = await raiseNotifications(sql, news, nowMs);
  const done = planned.map((write): WriteDone => {
    const id = existing.get(write);
    const one = filed.get(`${write.type}/${write.id}`);
    return (
      one?.done ?? {
        status: "200 OK",
        type: write.type,
        id: id ?? write.id,
        version: undefined,
        lastUpdated: undefined,
      }
    );
  });
  return { done, isSealed: fragments.length > 0, raised };
}

function failAt(index: number): never {
  throw new RangeError(`no write ${index}`);
}

/** Of every conditional create, the one resource that is there already (§3.1.0.8.1). */
async function findExisting(
  deps: WriterDeps,
  sql: postgres.ISql,
  planned: readonly PlannedWrite[],
): Promise<ReadonlyMap<PlannedWrite, string>> {
  const found = new Map<PlannedWrite, string>();
  for (const write of planned) {
    if (write.method !== "POST" || write.ifNoneExist === undefined) continue;
    const search = write.ifNoneExist.replace(/^(?:[A-Z][A-Za-z]*)?\?/, "");
    const ids = await findOwnBySearch(sql, write.type, search, `${deps.baseUrl}/fhir`);
    if (ids.length > 1) throw new RefusedWrite({ status: 412, issues: [severalMatch(write)] });
    if (ids[0] !== undefined) found.set(write, ids[0]);
  }
  return found;
}

function severalMatch({ place, type }: PlannedWrite) {
  const diagnostics = "If-None-Exist finds more than one";
  return { severity: "error" as const, code: "multiple-matches", diagnostics, expression: place === "" ? type : place };
}

/** One message for each patient and sending system; what it was sent in goes along only where it is about that patient alone. */
async function storeFragments(
  sql: postgres.ISql,
  fragments: readonly ChartFragment[],
  origin: WriteOrigin,
  nowMs: number,
): Promise<void> {
  const groups = [...Map.groupBy(fragments, ({ patientId, system }) => JSON.stringify([patientId, system])).values()];
  const id = randomUUID();
  const isOnePatient = new Set(fragments.map(({ patientId }) => patientId)).size === 1;
  for (const [i, group] of groups.entries()) {
    const [first] = group;
    if (first === undefined) continue;
    const text = isOnePatient && origin.text !== "" ? origin.text : toCollection(group);
    await storeInbound(sql, {
      protocol: "fhir",
      sender: first.system,
      controlId: `${DOOR_SOURCE}${id}/${i}`,
      receivedMs: nowMs,
      mediaType: MEDIA_TYPE,
      bytes: utf8ToBytes(text),
      reply: toBytes([]),
      state: "accepted",
      patientId: first.patientId,
      fragments: group.map(({ resourceType, json }) => ({ resourceType, json })),
    });
  }
}

function toCollection(fragments: readonly ChartFragment[]): string {
  const entries = fragments.map(({ json }) => `{"resource":${json}}`).join(",");
  return `{"resourceType":"Bundle","type":"collection","entry":[${entries}]}`;
}

async function setAside({ sql, nowMs }: WriterDeps, origin: WriteOrigin, { issues }: FhirRefusal): Promise<void> {
  await sql.begin((tx) =>
    putAside(tx, {
      receivedMs: nowMs(),
      source: "fhir",
      sender: origin.clientId ?? "fhir",
      request: origin.request,
      mediaType: MEDIA_TYPE,
      code: "PATIENT_MISMATCH",
      place: issues[0]?.expression ?? "",
      bytes: utf8ToBytes(origin.text),
    }),
  );
}
