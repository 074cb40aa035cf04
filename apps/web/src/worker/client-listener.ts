import { type ClientEvent, isInstitutionsChart, type ReceivedEntry } from "@caseroom/client";
import type { CompId, EntryId, SpaceId } from "@caseroom/contract";
import type { EngineStatus } from "../engine/engine.ts";
import type { ChangeNotices } from "./change-notices.ts";
import { seedOf } from "./record-index.ts";
import type { SignedIn } from "./signed-in.ts";

type Deps = {
  readonly signedIn: SignedIn;
  readonly notices: ChangeNotices;
  /** Rooms whose feed the hub refuses to this device. */
  readonly removedRooms: Set<CompId>;
  readonly onConnection: (state: EngineStatus["connection"]) => void;
};

/** Puts what the client tells into the indexes, and says which screens it changes. */
export function listenToClient(deps: Deps): (event: ClientEvent) => void {
  const { signedIn, notices, removedRooms } = deps;
  const { client, cases, records, imaging, imageMarks, delivery, marks, me } = signedIn;
  const { directory } = client;

  const tellRoom = (spaceId: SpaceId) => {
    notices.tell({ type: "room", spaceId });
    notices.tell({ type: "cases" });
  };
  const tellTeams = () => {
    for (const spaceId of signedIn.caseIds()) notices.tell({ type: "team", spaceId });
  };
  const tellRecords = (isAffected: (charts: ReadonlySet<SpaceId>) => boolean) => {
    for (const spaceId of signedIn.caseIds())
      if (isAffected(records.chartsOf(seedOf(cases.file(spaceId))))) {
        notices.tell({ type: "record", spaceId });
        notices.tell({ type: "imaging", spaceId });
        // Images that have come stand in the conversation too.
        notices.tell({ type: "room", spaceId });
      }
  };
  const tellSpace = (spaceId: SpaceId) => {
    if (directory.space(spaceId)?.kind !== "case") return tellTeams();
    tellRoom(spaceId);
    notices.tell({ type: "team", spaceId });
    notices.tell({ type: "record", spaceId });
    notices.tell({ type: "imaging", spaceId });
  };

  const takeDeposit = (received: ReceivedEntry): boolean =>
    isInstitutionsChart(directory, received.spaceId, signedIn.names()) &&
    (records.take(received) || imaging.take(received));

  const takeSaid = (received: ReceivedEntry): void => {
    const { spaceId, compId, entry } = received;
    const isMark = imageMarks.take(received);
    if (!isMark && !cases.take(received)) return;
    marks.schedule(compId);
    if (isMark) notices.tell({ type: "marks", spaceId });
    else if (entry.kind === "chat") tellRoom(spaceId);
    else tellSpace(spaceId);
  };

  const takeEntries = (entries: readonly ReceivedEntry[]) => {
    const charts = new Set<SpaceId>();
    for (const received of entries) {
      if (directory.space(received.spaceId)?.kind === "case") takeSaid(received);
      else if (takeDeposit(received)) charts.add(received.spaceId);
    }
    if (charts.size > 0) tellRecords((included) => [...charts].some((chart) => included.has(chart)));
  };

  const tellRoomOf = (compId: CompId) => {
    const spaceId = directory.comp(compId)?.spaceId;
    if (spaceId !== undefined && directory.space(spaceId)?.kind === "case") tellRoom(spaceId);
  };
  const withdraw = (entryId: EntryId) => {
    const spaceId = cases.withdraw(entryId);
    const marked = spaceId === undefined ? imageMarks.withdraw(entryId) : undefined;
    if (spaceId !== undefined) tellSpace(spaceId);
    else if (marked !== undefined) notices.tell({ type: "marks", spaceId: marked });
    else if ((records.withdraw(entryId) ?? imaging.withdraw(entryId)) !== undefined) tellRecords(() => true);
  };
  const tellAlarm = (spaceId: SpaceId | undefined) => {
    notices.tell({ type: "alarms" });
    if (spaceId === undefined) return;
    tellSpace(spaceId);
    tellRecords((charts) => charts.has(spaceId));
  };

  return (event) => {
    switch (event.type) {
      case "entries":
        return takeEntries(event.entries);
      case "logged":
        return tellRoomOf(event.compId);
      case "withdrawn":
        return withdraw(event.entryId);
      case "members":
        if (directory.comp(event.compId)?.members.has(me) === true) removedRooms.delete(event.compId);
        return tellSpace(event.spaceId);
      case "removed":
        removedRooms.add(event.compId);
        return tellSpace(event.spaceId);
      case "mark":
        delivery.take(event.compId, event.mark);
        return event.mark.author === me
          ? notices.tell({ type: "cases" })
          : notices.tell({ type: "room", spaceId: event.spaceId });
      case "outbox":
        return tellRoomOf(event.compId);
      case "alarm":
        return tellAlarm(event.alarm.spaceId);
      case "directory":
        notices.tell({ type: "status" });
        notices.tell({ type: "cases" });
        return tellTeams();
      case "device-request":
        return notices.tell({ type: "device-requests" });
      case "connection":
        deps.onConnection(event.state);
        return notices.tell({ type: "status" });
    }
  };
}
