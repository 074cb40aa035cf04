import { type CompId, err, type Failure, failure, type Result, type SpaceId } from "@caseroom/contract";
import { transfer } from "comlink";
import type { Engine } from "../engine/engine.ts";
import { toAlarms } from "./alarms.ts";
import { createCase, invitePerson, removePerson, searchPeople } from "./case-acts.ts";
import { readCases, readRecord, readRoom, readSource, readTeam } from "./case-reader.ts";
import { createChangeNotices } from "./change-notices.ts";
import { approveRequest, readDeviceRequests, refuseRequest } from "./device-approval.ts";
import { createImagingReader, readImaging } from "./imaging-reader.ts";
import { sendImport } from "./import-upload.ts";
import { createSessionKeeper } from "./session-keeper.ts";
import type { SignedIn } from "./signed-in.ts";
import type { Surroundings } from "./surroundings.ts";

/** The engine behind the screens. Nothing leaves it but plain values; keys, bearers and ciphertext stay. */
export function createEngine(surroundings: Surroundings): Engine {
  const { nowMs, random } = surroundings;
  const notices = createChangeNotices();
  const session = createSessionKeeper(surroundings, notices);
  /** How far the room had been received when it was last shown. */
  const shown = new Map<string, number>();
  const images = createImagingReader();

  const act = async <T>(
    run: (signedIn: SignedIn) => Promise<Result<T, Failure>> | Result<T, Failure>,
  ): Promise<Result<T, Failure>> => {
    const signedIn = session.current();
    return signedIn === undefined ? err(failure("SESSION_REQUIRED")) : run(signedIn);
  };
  const read = async <T>(none: T, run: (signedIn: SignedIn) => T | Promise<T>): Promise<T> => {
    const signedIn = session.current();
    return signedIn === undefined ? none : run(signedIn);
  };

  const markIn = (
    spaceId: SpaceId,
    run: (signedIn: SignedIn, compId: CompId) => Promise<Result<undefined, Failure>>,
  ): Promise<Result<undefined, Failure>> =>
    act((signedIn) => {
      const room = signedIn.room(spaceId);
      if (room === undefined) return err(failure("NOT_FOUND"));
      return signedIn.isRemoved(spaceId) ? err(failure("FORBIDDEN")) : run(signedIn, room.id);
    });

  return {
    subscribe: async (listener) => notices.subscribe(listener),
    status: async () => session.status(),
    signIn: (form) => session.signIn(form),
    signOut: () => session.signOut(),

    deviceRequests: () => read([], readDeviceRequests),
    approveDevice: (requestId, typedCode) =>
      act(async (signedIn) => {
        const approved = await approveRequest(signedIn, { requestId, typedCode, nowMs: nowMs(), random });
        notices.tell({ type: "device-requests" });
        return approved;
      }),
    refuseDevice: (requestId) =>
      act(async (signedIn) => {
        const refused = await refuseRequest(signedIn, requestId);
        notices.tell({ type: "device-requests" });
        return refused;
      }),

    cases: () => read([], readCases),
    invitations: () => read([], ({ invitations }) => invitations.latest()),
    answerInvitation: (id, answer) => act(({ invitations }) => invitations.answer(id, answer)),
    searchPatients: (query) => act(({ staff }) => staff.patients(query)),
    searchPeople: (query) => act((signedIn) => searchPeople(signedIn, query)),
    importFiles: (upload) => act(({ staff }) => sendImport(staff, upload)),
    tasks: () => read(undefined, ({ desk }) => desk.tasks()),
    quarantine: (page) => act(({ desk }) => desk.quarantine(page)),
    quarantined: (id, version) => act(({ desk }) => desk.quarantined(id, version)),
    quarantinedBytes: (id, version) => act(({ desk }) => desk.quarantinedBytes(id, version)),
    repairQuarantined: (id, base, content) => act(({ desk }) => desk.repairQuarantined(id, base, content)),
    replayQuarantined: (id, version) => act(({ desk }) => desk.replayQuarantined(id, version)),
    discardQuarantined: (id, reason) => act(({ desk }) => desk.discardQuarantined(id, reason)),
    chartLinks: () => act(({ desk }) => desk.chartLinks()),
    answerChartLink: (answer) => act(({ desk }) => desk.answerChartLink(answer)),
    createCase: (draft) => act((signedIn) => createCase(signedIn, draft, nowMs())),

    room: (spaceId) =>
      read(undefined, (signedIn) => {
        const room = signedIn.room(spaceId);
        const compartment = room === undefined ? undefined : signedIn.client.compartment(room.id);
        if (compartment !== undefined) shown.set(spaceId, compartment.nextN());
        return readRoom(signedIn, spaceId);
      }),
    sendMessage: (spaceId, draft) =>
      act((signedIn) => {
        const room = signedIn.room(spaceId);
        if (room === undefined) return err(failure("NOT_FOUND"));
        if (signedIn.isRemoved(spaceId)) return err(failure("FORBIDDEN"));
        return signedIn.sent.send(room.id, draft);
      }),
    markRead: (spaceId) =>
      read(undefined, ({ room, delivery, marks, me, device }) => {
        const compId = room(spaceId)?.id;
        const n = shown.get(spaceId);
        if (compId === undefined || n === undefined) return;
        if ((delivery.positions(compId).get(me)?.read ?? 0) >= n) return;
        delivery.take(compId, { author: me, kid: device.keys.signing.kid, delivered: n, read: n });
        marks.schedule(compId);
        notices.tell({ type: "cases" });
      }),
    record: (spaceId) => read(undefined, (signedIn) => readRecord(signedIn, spaceId)),
    source: (spaceId, fragmentId) => act((signedIn) => readSource(signedIn, spaceId, fragmentId)),
    imaging: (spaceId) => read(undefined, (signedIn) => readImaging(signedIn, spaceId)),
    study: (spaceId, study) => act((signedIn) => images.study(signedIn, spaceId, study)),
    imageObject: (spaceId, address) =>
      act(async (signedIn) => {
        const object = await images.object(signedIn, spaceId, address);
        return object.ok ? transfer(object, [object.value]) : object;
      }),
    closeStudy: async () => images.forget(session.current()?.client.blobs),
    imageMarks: (spaceId) => read([], ({ imageMarks, room }) => imageMarks.list(spaceId, room(spaceId)?.id)),
    addImageMark: (spaceId, draft) => markIn(spaceId, ({ imageMarks }, compId) => imageMarks.add(compId, draft)),
    removeImageMark: (spaceId, id) =>
      markIn(spaceId, ({ imageMarks }, compId) => imageMarks.remove(spaceId, compId, id)),
    team: (spaceId) => read(undefined, (signedIn) => readTeam(signedIn, spaceId)),
    invite: (spaceId, person) => act((signedIn) => invitePerson(signedIn, spaceId, person, nowMs())),
    remove: (spaceId, userId) => act((signedIn) => removePerson(signedIn, spaceId, userId)),
    alarms: () => read([], ({ client }) => toAlarms(client.alarms())),
  };
}
