import {
  activeGateways,
  encodeRequest,
  institutionName,
  planCase,
  type RequestEntry,
  userOfStaff,
} from "@caseroom/client";
import {
  type CompId,
  directoryPeople,
  err,
  type Failure,
  failure,
  type OrgId,
  ok,
  type Result,
  type SpaceId,
  TIERS,
  type UserId,
} from "@caseroom/contract";
import type { CaseDraft, PersonChoice } from "../engine/engine.ts";
import type { SignedIn } from "./signed-in.ts";
import { sleep } from "./surroundings.ts";

/** What a person does about cases. Members and keys change by commits; everything said is an entry of the room. */

const MAX_NAME = 200;
const COMING_BACK_MS = 3000;
const LOOK_EVERY_MS = 30;

export async function searchPeople(
  { api, client, me }: SignedIn,
  query: string,
): Promise<Result<readonly PersonChoice[], Failure>> {
  const reply = await api.call(directoryPeople, { query: { q: query.slice(0, 128) } });
  if (!reply.ok) return reply;
  const people = reply.value.head.people.filter(({ userId }) => userId !== me);
  return ok(
    people.map(({ orgId, staffId, name, role, specialty, userId }) => {
      const institution = institutionName(client.directory, orgId);
      return { orgId, institution, staffId, name, role, specialty, userId };
    }),
  );
}

/** Founds the case with the gateways that it needs, says whom it is about, and asks the people. */
export async function createCase(
  signedIn: SignedIn,
  draft: CaseDraft,
  nowMs: number,
): Promise<Result<{ readonly spaceId: SpaceId }, Failure>> {
  const { client, me, config, cases } = signedIn;
  const name = draft.name.trim();
  if (name === "" || name.length > MAX_NAME) return err(failure("BAD_REQUEST", "the name of a case"));
  const invited = draft.invite.filter(({ userId }) => userId !== me);
  const gateways = [...new Set(invited.map(({ orgId }) => orgId))].flatMap((orgId) =>
    activeGateways(client.directory, orgId, nowMs),
  );
  const created = await client.commits.createSpace(planCase(me, config.gateway.userId, gateways));
  if (!created.ok) return created;
  const { spaceId, comps } = created.value;
  const room = comps.find(({ tier }) => tier === TIERS.room)?.compId;
  if (room === undefined) return err(failure("NOT_FOUND"));
  const { patient } = draft;
  const info: RequestEntry = {
    type: "case-info",
    name,
    patient: {
      name: patient.name,
      birthDate: patient.birthDate ?? undefined,
      sex: patient.sex ?? undefined,
      identifiers: patient.identifiers.map(({ system, value }) => ({ system, value })),
    },
  };
  // Kept on this device before anything else can fail: the case never stays without a name.
  const accepted = await queue(signedIn, room, [info, ...invited.map(toInvite)]);
  const synced = await client.sync();
  if (!synced.ok) return ok({ spaceId });
  client.outbox.flush();
  const said = await allAccepted(accepted);
  if (!said.ok) return said;
  for (let waitedMs = 0; cases.file(spaceId).name === "" && waitedMs < COMING_BACK_MS; waitedMs += LOOK_EVERY_MS)
    await sleep(LOOK_EVERY_MS);
  return ok({ spaceId });
}

/**
 * Asks a person to join. Their institution's gateway must be in the case to hand the question on; FORBIDDEN when it is not and the caller
 * is no admin who could let it in.
 */
export async function invitePerson(
  signedIn: SignedIn,
  spaceId: SpaceId,
  person: PersonChoice,
  nowMs: number,
): Promise<Result<undefined, Failure>> {
  const { client, cases } = signedIn;
  const { directory } = client;
  const room = signedIn.room(spaceId);
  if (room === undefined) return err(failure("NOT_FOUND"));
  const userId = person.userId ?? userOfStaff(directory, person.orgId, person.staffId);
  const isMember = userId !== undefined && room.members.has(userId);
  const isAsked = [...cases.file(spaceId).invites.values()].some(
    ({ orgId, staffId, answer }) => orgId === person.orgId && staffId === person.staffId && answer === undefined,
  );
  if (isMember || isAsked) return ok();
  const letIn = await letGatewayIn(signedIn, spaceId, person.orgId, nowMs);
  if (!letIn.ok) return letIn;
  return allAccepted(await queue(signedIn, room.id, [toInvite(person)]));
}

/** Takes a person out of every compartment of the case, all or nothing. Only an admin may. */
export async function removePerson(
  { client }: SignedIn,
  spaceId: SpaceId,
  userId: UserId,
): Promise<Result<undefined, Failure>> {
  const { directory } = client;
  const changes = (directory.space(spaceId)?.comps ?? [])
    .filter((compId) => directory.comp(compId)?.members.has(userId) === true)
    .map((compId) => ({ compId, change: { rm: [{ userId, code: "removed" }] } }));
  return changes.length === 0 ? err(failure("NOT_FOUND")) : client.commits.change(changes);
}

async function letGatewayIn(
  { client, me }: SignedIn,
  spaceId: SpaceId,
  orgId: OrgId,
  nowMs: number,
): Promise<Result<undefined, Failure>> {
  const { directory } = client;
  const comps = (directory.space(spaceId)?.comps ?? []).flatMap((compId) => directory.comp(compId) ?? []);
  const room = comps.find(({ tier }) => tier === TIERS.room);
  const gateways = activeGateways(directory, orgId, nowMs);
  if (gateways.some((gateway) => room?.members.has(gateway) === true)) return ok();
  if (gateways.length === 0) return err(failure("NOT_FOUND", "no gateway of that institution"));
  if (room?.members.get(me)?.role !== "admin") return err(failure("FORBIDDEN", "only an admin lets a gateway in"));
  const add = gateways.map((userId) => ({ userId, role: "rotator" as const }));
  return client.commits.change(comps.map(({ id }) => ({ compId: id, change: { add } })));
}

function toInvite({ orgId, staffId, name, role }: PersonChoice): RequestEntry {
  return { type: "invite", orgId, staffId, name, role, accept: true };
}

type Accepted = Awaited<ReturnType<SignedIn["client"]["outbox"]["append"]>>["accepted"];

/** Puts several things into the outbox, in order. */
async function queue(
  { client }: SignedIn,
  compId: CompId,
  requests: readonly RequestEntry[],
): Promise<readonly Accepted[]> {
  const waiting: Accepted[] = [];
  for (const request of requests) {
    const { accepted } = await client.outbox.append(compId, { kind: "request", body: encodeRequest(request) });
    waiting.push(accepted);
  }
  return waiting;
}

async function allAccepted(waiting: readonly Accepted[]): Promise<Result<undefined, Failure>> {
  for (const result of await Promise.all(waiting)) if (!result.ok) return result;
  return ok();
}
