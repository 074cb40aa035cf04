import { type Client, caseRole, createLane, encodeRequest } from "@caseroom/client";
import { type CompId, type Failure, ok, type Result, type SpaceId, TIERS, type UserId } from "@caseroom/contract";
import { isRotationDue } from "@caseroom/space/secret";
import { credentialsAt, presentMoment } from "@caseroom/space/verify";
import type postgres from "postgres";
import { type EventLog, toError } from "../../event-log.ts";
import type { Institution } from "../../institution.ts";
import type { Charts } from "../charts/charts.ts";
import { isTrustworthyHkid, type PatientIdentifier } from "../patients/patient-index.ts";
import type { CaseFile, CaseStore, Invite } from "./case-store.ts";

/**
 * What a gateway does about its cases, again and again until it is so (phase-1 §2.5, §2.14): invited people who have accepted join; charts of
 * a case's patient are linked and opened to exactly the case's members; keys turn over when a member's device or credential went.
 */
export type CasePolicy = {
  /** Begins. Not before the client knows its spaces: a case that is not restored yet would look like one without members. */
  readonly start: () => void;
  readonly notify: () => void;
  readonly stop: () => Promise<void>;
  /** One whole pass, for who must know that it is done. */
  readonly pass: () => Promise<Result<undefined, Failure>>;
  readonly respond: (
    invite: Invite,
    answer: "accept" | "decline",
    userId: UserId,
  ) => Promise<Result<undefined, Failure>>;
};

type Deps = {
  readonly sql: postgres.Sql;
  readonly client: Client;
  readonly store: CaseStore;
  readonly charts: Charts;
  readonly institution: Institution;
  readonly linkPolicy: "confirm" | "ask";
  readonly nowMs: () => number;
  readonly log: EventLog;
};

const PERIOD_MS = 30_000;
const SOON_MS = 50;
const RETRY_MS = 2_000;

export function createCasePolicy(deps: Deps): CasePolicy {
  const { client, store } = deps;
  const lane = createLane();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStarted = false;
  let isStopped = false;

  const pass = (): Promise<Result<undefined, Failure>> =>
    lane.run(async () => {
      const problems: Failure[] = [];
      const note = (result: Result<unknown, Failure>) => {
        if (!result.ok) problems.push(result.error);
      };
      for (const file of await store.cases()) {
        note(await joinInvited(deps, file.spaceId));
        await linkCharts(deps, file);
      }
      for (const patientId of await linkedPatients(deps.sql)) {
        note(await deps.charts.setReaders(patientId, await readersOf(deps, patientId)));
        note(await announceLinks(deps, patientId));
      }
      for (const compId of dueRotations(deps))
        note(await client.commits.change([{ compId, change: { refresh: true } }]));
      const [first] = problems;
      return first === undefined ? ok() : { ok: false, error: first };
    });

  const schedule = (ms: number) => {
    clearTimeout(timer);
    if (isStopped || !isStarted) return;
    timer = setTimeout(() => {
      pass()
        .then((done) => {
          if (!done.ok) deps.log("case policy waits", done.error);
          schedule(done.ok ? PERIOD_MS : RETRY_MS);
        })
        .catch((error: unknown) => {
          deps.log("case policy failed", toError(error));
          schedule(RETRY_MS);
        });
    }, ms);
  };

  return {
    start: () => {
      isStarted = true;
      schedule(SOON_MS);
    },
    notify: () => schedule(SOON_MS),
    pass,
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await lane.idle();
    },
    respond: async (invite, answer, userId) => {
      const room = roomOf(client, invite.spaceId);
      if (room === undefined) return { ok: false, error: { code: "NOT_FOUND" } };
      const request =
        answer === "accept"
          ? ({ type: "accept", of: invite.entryId, userId } as const)
          : ({ type: "decline", of: invite.entryId } as const);
      const sent = await client.outbox.append(room, { kind: "request", body: encodeRequest(request) });
      const accepted = await sent.accepted;
      if (!accepted.ok) return accepted;
      await store.answer(invite.entryId, answer === "accept" ? "accepted" : "declined");
      schedule(SOON_MS);
      return ok();
    },
  };
}

/** Commits the add of everyone who is invited, has answered where an answer is asked for, and has a device (phase-1 §2.5). */
async function joinInvited(
  { client, store, institution, nowMs }: Deps,
  spaceId: SpaceId,
): Promise<Result<undefined, Failure>> {
  const at = presentMoment(nowMs());
  const invites = (await store.invitesOf(spaceId)).filter(
    (one) => one.state === "accepted" || (one.state === "open" && !one.needsAnswer),
  );
  for (const invite of invites) {
    const userId = userOf(client, invite);
    if (userId === undefined || credentialsAt(client.directory, userId, at).length === 0) continue;
    const changes = compsOf(client, spaceId).flatMap((compId) => {
      const comp = client.directory.comp(compId);
      const role =
        comp === undefined
          ? undefined
          : caseRole({ staffRole: invite.role, isHome: invite.orgId === institution.orgId }, comp.tier);
      const isAdmin = comp?.members.get(client.userId)?.role === "admin";
      return role === undefined || !isAdmin || comp?.members.has(userId) === true
        ? []
        : [{ compId, change: { add: [{ userId, role }] } }];
    });
    if (changes.length > 0) {
      const added = await client.commits.change(changes);
      if (!added.ok) return added;
    }
    const room = roomOf(client, spaceId);
    if (room !== undefined && client.directory.comp(room)?.members.has(userId) === true)
      await store.answer(invite.entryId, "joined");
  }
  return ok();
}

/** The user whom an institution knows by that staff id. */
function userOf(client: Client, invite: Invite): UserId | undefined {
  for (const [userId, credentials] of client.directory.org(invite.orgId)?.credentials ?? []) {
    if (credentials.some((one) => one.staffId === invite.staffId && one.until === undefined)) return userId;
  }
  return undefined;
}

/** This institution's patient of a case: by a number that it issued or knows, at once; by an HKID only as a suggestion, unless policy confirms it. */
async function linkCharts({ sql, linkPolicy }: Deps, file: CaseFile): Promise<void> {
  const { identifiers } = file.patient;
  const own = identifiers.filter((identifier) => identifier.system !== "HKID");
  const suggested = identifiers.filter(isTrustworthyHkid);
  await link(sql, file.spaceId, own, "confirmed");
  await link(sql, file.spaceId, suggested, linkPolicy === "confirm" ? "confirmed" : "suggested");
}

async function link(
  sql: postgres.Sql,
  spaceId: SpaceId,
  identifiers: readonly PatientIdentifier[],
  state: "confirmed" | "suggested",
) {
  if (identifiers.length === 0) return;
  await sql`
    INSERT INTO chart_link (space_id, patient_id, state)
    SELECT DISTINCT ${spaceId}, i.patient_id, ${state} FROM patient_identifier i
    WHERE (i.system, i.value) IN (SELECT * FROM unnest(${identifiers.map((one) => one.system)}::text[], ${identifiers.map((one) => one.value)}::text[]))
    ON CONFLICT (space_id, patient_id) DO UPDATE SET state = 'confirmed'
      WHERE chart_link.state = 'suggested' AND EXCLUDED.state = 'confirmed' AND NOT EXISTS (
        SELECT FROM chart_link_answer a WHERE a.space_id = chart_link.space_id AND a.patient_id = chart_link.patient_id)`;
}

async function linkedPatients(sql: postgres.Sql): Promise<readonly string[]> {
  const rows = await sql<{ patient_id: string }[]>`
    SELECT DISTINCT patient_id::text FROM (SELECT patient_id FROM chart_link UNION SELECT patient_id FROM share) AS linked`;
  return rows.map((row) => row.patient_id);
}

/** Members of the rooms of all confirmed cases of a patient, and the institutions with which the chart is shared. */
async function readersOf({ sql, client }: Deps, patientId: string): Promise<ReadonlySet<UserId>> {
  const readers = new Set<UserId>();
  const links = await sql<
    { space_id: SpaceId }[]
  >`SELECT space_id FROM chart_link WHERE patient_id = ${patientId}::bigint AND state = 'confirmed'`;
  for (const { space_id } of links) {
    const room = roomOf(client, space_id);
    for (const userId of (room === undefined ? undefined : client.directory.comp(room))?.members.keys() ?? [])
      readers.add(userId);
  }
  const shares = await sql<{ user_id: UserId }[]>`SELECT user_id FROM share WHERE patient_id = ${patientId}::bigint`;
  for (const { user_id } of shares) readers.add(user_id);
  return readers;
}

/**
 * Tells the members which chart is the patient's, and which is not any more: signed entries; what was linked is undone without moving a byte
 * (phase-1 §1).
 */
async function announceLinks({ sql, client }: Deps, patientId: string): Promise<Result<undefined, Failure>> {
  const due = await sql<{ space_id: SpaceId; chart: string; isLinked: boolean }[]>`
    SELECT l.space_id, p.space_id AS chart, l.state = 'confirmed' AS "isLinked" FROM chart_link l JOIN patient p ON p.id = l.patient_id
    WHERE l.patient_id = ${patientId}::bigint AND (l.state = 'confirmed') <> l.announced AND p.space_id IS NOT NULL`;
  for (const { space_id, chart, isLinked } of due) {
    const room = roomOf(client, space_id);
    if (room === undefined || !client.directory.comp(room)?.members.has(client.userId)) continue;
    const body = new Map([
      ["t", isLinked ? "link" : "unlink"],
      ["chart", chart],
    ]);
    const sent = await client.outbox.append(room, { kind: "chartlink", body });
    const accepted = await sent.accepted;
    if (!accepted.ok) return accepted;
    await sql`
      UPDATE chart_link SET announced = ${isLinked} WHERE space_id = ${space_id} AND patient_id = ${patientId}::bigint`;
  }
  return ok();
}

/** Compartments that this gateway reads and whose keys must turn over (phase-1 §2.14). */
function dueRotations({ client, nowMs }: Deps): readonly CompId[] {
  return client
    .spaces()
    .flatMap((space) => space.comps)
    .flatMap((compartment) => {
      const comp = compartment.state();
      const role = comp?.members.get(client.userId)?.role;
      const may = role === "admin" || role === "rotator";
      return comp !== undefined && may && isRotationDue(client.directory, comp, nowMs()) ? [comp.id] : [];
    });
}

export function roomOf(client: Client, spaceId: SpaceId): CompId | undefined {
  return compsOf(client, spaceId).find((compId) => client.directory.comp(compId)?.tier === TIERS.room);
}

function compsOf(client: Client, spaceId: SpaceId): readonly CompId[] {
  return client.directory.space(spaceId)?.comps ?? [];
}
