import { err, type Failure, failure, type Invitation, ok, type Result, type SpaceId } from "@caseroom/contract";
import type {
  Alarm,
  CaseSummary,
  DeviceRequest,
  Engine,
  EngineEvent,
  EngineStatus,
  RecordView,
  RoomItem,
  RoomView,
  TeamView,
} from "./engine.ts";
import {
  CASE,
  CHAN,
  ME,
  PATIENTS,
  PEOPLE,
  pretendCases,
  pretendId,
  pretendRoom,
  pretendTeam,
} from "./pretend-case-for-testing.ts";
import { pretendDesk } from "./pretend-desk-for-testing.ts";
import { pretendImaging } from "./pretend-imaging-for-testing.ts";
import { pretendFragments, pretendPicture } from "./pretend-picture-for-testing.ts";

type World = {
  status: EngineStatus;
  cases: CaseSummary[];
  rooms: Map<string, RoomView>;
  team: TeamView;
  record: RecordView | undefined;
  requests: DeviceRequest[];
  invitations: Invitation[];
  alarms: Alarm[];
};

/**
 * An engine in memory. Scenarios: `ready`, `calm` (nothing to warn of), `empty`, `signed-out`, `approve`, `officer`, `offline`,
 * `syncing`, `alarms`, `silent` (no information), `none` (asserted none), `follower`. Any password but "wrong" is right.
 */
export function createPretendEngine(scenario: string): Engine {
  const nowMs = Date.now();
  const fragments = pretendFragments(nowMs);
  const world = worldOf(scenario, nowMs);
  const listeners = new Set<(event: EngineEvent) => void>();
  const tell = (...events: EngineEvent[]) => {
    for (const event of events) for (const listener of listeners) listener(event);
  };
  const soon = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 30, value));
  const setRoom = (spaceId: RoomView["spaceId"], change: (items: readonly RoomItem[]) => readonly RoomItem[]) => {
    const room = world.rooms.get(spaceId);
    if (room !== undefined) world.rooms.set(spaceId, { ...room, items: change(room.items) });
    tell({ type: "room", spaceId });
  };
  const done: Result<undefined, Failure> = ok();

  return {
    subscribe: async (listener) => {
      listeners.add(listener);
    },
    status: () => soon(world.status),
    signIn: async ({ password }) => {
      await soon(undefined);
      if (password === "wrong") return err(failure("SIGN_IN_FAILED"));
      world.status = { ...world.status, phase: "ready", me: ME };
      tell({ type: "status" });
      return ok({ status: "ready" });
    },
    signOut: async () => {
      world.status = { ...world.status, phase: "signed-out", me: undefined, pairingCode: undefined };
      tell({ type: "status" });
    },
    deviceRequests: () => soon(world.requests),
    approveDevice: async (_id, code) => {
      if (code.replace(/\W/g, "").toUpperCase() !== "K7QM2XRD") return soon(err(failure("ENROLMENT_REFUSED")));
      world.requests = [];
      tell({ type: "device-requests" });
      return soon(done);
    },
    refuseDevice: async () => {
      world.requests = [];
      tell({ type: "device-requests" });
      return soon(done);
    },
    cases: () => soon(world.cases),
    invitations: () => soon(world.invitations),
    answerInvitation: async () => {
      world.invitations = [];
      tell({ type: "cases" });
      return soon(done);
    },
    searchPatients: (query) => soon(ok(PATIENTS.filter((patient) => fits(JSON.stringify(patient), query)))),
    searchPeople: (query) => soon(ok(PEOPLE.filter((person) => fits(JSON.stringify(person), query)))),
    importFiles: async ({ name, files }) =>
      soon(
        ok(
          files.map(({ path }) => ({
            file: path,
            status: path.endsWith(".txt") ? ("refused" as const) : ("read" as const),
            format: path.endsWith(".txt") ? "unknown" : name.endsWith(".json") ? "fhir-json" : "dicom",
            ...(path.endsWith(".txt")
              ? { code: "SOURCE_UNSUPPORTED" as const, reason: "SOURCE_UNSUPPORTED: neither FHIR nor DICOM" }
              : {}),
            counts: path.endsWith(".txt") ? {} : { Observation: 12, Patient: 1 },
          })),
        ),
      ),
    ...pretendDesk({ hasNothing: scenario === "empty", nowMs, tell: () => tell({ type: "tasks" }) }),
    createCase: async ({ name, patient, invite }) => {
      const spaceId = pretendId<SpaceId>(0x1000 + world.cases.length);
      const label = { ...CHAN, name: patient.name, identifier: patient.identifiers[0]?.masked };
      const members = 1 + invite.length;
      world.rooms.set(spaceId, { spaceId, name, patient: label, items: [], canWrite: true, members });
      world.cases = [
        ...world.cases,
        { spaceId, name, patient: label, unread: 0, last: undefined, members, removed: false },
      ];
      tell({ type: "cases" });
      return soon(ok({ spaceId }));
    },
    room: (spaceId) => soon(world.rooms.get(spaceId)),
    sendMessage: async (spaceId, { text, card }) => {
      const id = `sent-${Date.now()}`;
      const author = { userId: ME.userId, name: ME.name, institution: ME.institution };
      const item: RoomItem = {
        type: "message",
        id,
        author,
        mine: true,
        text,
        card,
        atMs: Date.now(),
        state: "queued",
        deliveredTo: [],
        readBy: [],
        proof: "provisional",
      };
      setRoom(spaceId, (items) => [...items, item]);
      const become = (change: Partial<typeof item>) =>
        setRoom(spaceId, (items) =>
          items.map((one) => (one.id === id && one.type === "message" ? { ...one, ...change } : one)),
        );
      setTimeout(become, 600, { state: "stored" });
      setTimeout(become, 1500, { state: "delivered", proof: "logged", deliveredTo: ["Dr Wong Ka Yan"] });
      return soon(done);
    },
    markRead: async (spaceId) => {
      world.cases = world.cases.map((one) => (one.spaceId === spaceId ? { ...one, unread: 0 } : one));
      tell({ type: "cases" });
    },
    record: (spaceId) => soon(spaceId === CASE ? world.record : undefined),
    source: async (_spaceId, fragmentId) => {
      const fragment = fragments.find(({ id }) => id === fragmentId);
      if (fragment === undefined) return soon(err(failure("NOT_FOUND")));
      const { provenance, json } = fragment;
      return soon(
        ok({
          institution: provenance.institution,
          system: provenance.system,
          authorDevice: "5f1c 09ab 77de 10f3",
          receivedMs: provenance.receivedMs,
          logged: provenance.institutionId !== "chc",
          entryId: pretendId(0xabcdef),
          compId: pretendId(0xc0),
          original:
            provenance.originalMediaType === undefined
              ? undefined
              : { mediaType: provenance.originalMediaType, text: HL7 },
          json,
        }),
      );
    },
    ...pretendImaging({
      caseId: CASE,
      me: ME,
      other: { userId: pretendId(2), name: "Dr Wong Ka Yan", institution: "Harbour General Hospital" },
      hasImages: scenario !== "silent",
      tell: (spaceId) => tell({ type: "marks", spaceId }),
    }),
    team: () => soon(world.team),
    invite: async (_spaceId, person) => {
      const invited = { ...person, userId: person.userId ?? undefined, isGateway: false, opens: [], canRemove: false };
      world.team = { ...world.team, members: [...world.team.members, { ...invited, status: "invited" }] };
      tell({ type: "team", spaceId: CASE });
      return soon(done);
    },
    remove: async (_spaceId, userId) => {
      const members = world.team.members.map((member) =>
        member.userId === userId ? { ...member, status: "removed" as const, canRemove: false } : member,
      );
      world.team = { ...world.team, members };
      tell({ type: "team", spaceId: CASE });
      return soon(done);
    },
    alarms: () => soon(world.alarms),
  };
}

function worldOf(scenario: string, nowMs: number): World {
  const isCalm = scenario === "calm" || scenario === "empty";
  const picture = pretendPicture(pretendFragments(nowMs));
  const silentInstitutions = picture.institutions.map(({ name }) => name);
  const section = { items: [], silentInstitutions };
  const changed =
    scenario === "silent"
      ? {
          allergies: { state: "no-information" as const, ...section },
          medications: { state: "no-information" as const, ...section },
        }
      : scenario === "none"
        ? {
            allergies: {
              state: "asserted-none" as const,
              items: [],
              silentInstitutions: silentInstitutions.slice(0, 1),
            },
          }
        : {};
  const conflicts = scenario === "calm" || scenario === "silent" || scenario === "none" ? [] : picture.conflicts;
  return {
    status: statusOf(scenario),
    cases: scenario === "empty" ? [] : pretendCases(nowMs),
    rooms: new Map([[CASE, pretendRoom(nowMs)]]),
    team: pretendTeam(),
    record: {
      spaceId: CASE,
      picture: { ...picture, ...changed, conflicts },
      verified: scenario === "syncing" ? 268 : 412,
      total: 412,
      refused: scenario === "alarms" ? 2 : 0,
      missingInstitutions: scenario === "silent" ? ["Sha Tin Rehabilitation Hospital"] : [],
    },
    requests: isCalm || scenario !== "ready" ? [] : [{ requestId: "r1", atMs: nowMs - 120_000 }],
    invitations: scenario === "ready" ? [invitation(nowMs)] : [],
    alarms: scenario === "alarms" ? alarmsOf(nowMs) : [],
  };
}

function statusOf(scenario: string): EngineStatus {
  const ready: EngineStatus = {
    phase: "ready",
    connection: "online",
    me: ME,
    institution: "Central Heart Clinic",
    pairingCode: undefined,
    progress: 1,
    isDemo: true,
  };
  switch (scenario) {
    case "signed-out":
      return { ...ready, phase: "signed-out", me: undefined };
    case "approve":
      return { ...ready, phase: "awaiting-approval", me: undefined, pairingCode: "K7QM-2XRD" };
    case "officer":
      return { ...ready, phase: "awaiting-approval", me: undefined };
    case "offline":
      return { ...ready, connection: "offline" };
    case "syncing":
      return { ...ready, phase: "syncing", connection: "connecting", progress: 0.64 };
    case "follower":
      return { ...ready, phase: "follower" };
    default:
      return ready;
  }
}

function invitation(nowMs: number): Invitation {
  return {
    id: pretendId(0x99),
    spaceId: pretendId(0x98),
    caseName: "Heart failure clinic, shared care",
    patientLabel: "Abdullah Hassan · 1949 · CHC****7",
    invitedBy: "Dr Fatima Al-Sayed",
    invitedByInstitution: "Kowloon Diagnostic Centre",
    role: "Cardiologist",
    atMs: nowMs - 3_600_000,
  };
}

function alarmsOf(nowMs: number): Alarm[] {
  return [
    { id: "a1", code: "WITHHELD", spaceId: CASE, atMs: nowMs - 600_000 },
    { id: "a2", code: "FORK", spaceId: undefined, atMs: nowMs - 60_000 },
  ];
}

function fits(text: string, query: string): boolean {
  return text.toLowerCase().includes(query.toLowerCase());
}

const HL7 =
  "MSH|^~\\&|LABCORE|KDC|CASEROOM|KDC|20260315081500+0800||ORU^R01|KDC000412|P|2.5.1\r" +
  "PID|1||A123456(3)^^^HKID||CHAN^TAI MAN||19570314|M\r" +
  "OBR|1||A1C-13|4548-4^HbA1c^LN|||20260315080000+0800\r" +
  "OBX|1|NM|4548-4^HbA1c^LN||7.1|%|4.0-6.0|H|||F\r";
