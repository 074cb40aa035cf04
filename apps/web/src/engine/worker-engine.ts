import { proxy, wrap } from "comlink";
import type { Engine } from "./engine.ts";

/** The engine in its worker. Methods are named one by one: a comlink proxy answers to any name, even to `then`. */
export function connectWorkerEngine(onCrash: () => void): Engine {
  const worker = new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", onCrash);
  const remote = wrap<Engine>(worker);
  return {
    subscribe: (listener) => remote.subscribe(proxy(listener)),
    status: () => remote.status(),
    signIn: (credentials) => remote.signIn(credentials),
    signOut: () => remote.signOut(),
    deviceRequests: () => remote.deviceRequests(),
    approveDevice: (requestId, pairingCode) => remote.approveDevice(requestId, pairingCode),
    refuseDevice: (requestId) => remote.refuseDevice(requestId),
    cases: () => remote.cases(),
    invitations: () => remote.invitations(),
    answerInvitation: (id, answer) => remote.answerInvitation(id, answer),
    searchPatients: (query) => remote.searchPatients(query),
    searchPeople: (query) => remote.searchPeople(query),
    importFiles: (upload) => remote.importFiles(upload),
    tasks: () => remote.tasks(),
    quarantine: (page) => remote.quarantine(page),
    quarantined: (id, version) => remote.quarantined(id, version),
    quarantinedBytes: (id, version) => remote.quarantinedBytes(id, version),
    repairQuarantined: (id, base, content) => remote.repairQuarantined(id, base, content),
    replayQuarantined: (id, version) => remote.replayQuarantined(id, version),
    discardQuarantined: (id, reason) => remote.discardQuarantined(id, reason),
    chartLinks: () => remote.chartLinks(),
    answerChartLink: (answer) => remote.answerChartLink(answer),
    createCase: (draft) => remote.createCase(draft),
    room: (spaceId) => remote.room(spaceId),
    sendMessage: (spaceId, draft) => remote.sendMessage(spaceId, draft),
    markRead: (spaceId) => remote.markRead(spaceId),
    record: (spaceId) => remote.record(spaceId),
    source: (spaceId, fragmentId) => remote.source(spaceId, fragmentId),
    imaging: (spaceId) => remote.imaging(spaceId),
    study: (spaceId, study) => remote.study(spaceId, study),
    imageObject: (spaceId, address) => remote.imageObject(spaceId, address),
    closeStudy: () => remote.closeStudy(),
    imageMarks: (spaceId) => remote.imageMarks(spaceId),
    addImageMark: (spaceId, draft) => remote.addImageMark(spaceId, draft),
    removeImageMark: (spaceId, id) => remote.removeImageMark(spaceId, id),
    team: (spaceId) => remote.team(spaceId),
    invite: (spaceId, person) => remote.invite(spaceId, person),
    remove: (spaceId, userId) => remote.remove(spaceId, userId),
    alarms: () => remote.alarms(),
  };
}
