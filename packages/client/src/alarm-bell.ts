import type { Bytes, ChainId, CompId, ErrorCode, SpaceId } from "@caseroom/contract";
import { encodeCbor } from "@caseroom/crypto/verify";
import type { Alarm, Listener } from "./client-events.ts";
import type { Store } from "./store/store.ts";

export type AlarmPlace = {
  readonly spaceId?: SpaceId;
  readonly compId?: CompId;
  readonly n?: number;
  readonly chainId?: ChainId;
};

/** Raises alarms: keeps the evidence, tells the listeners, and says a thing once. */
export type AlarmBell = {
  readonly ring: (
    problem: { readonly code: ErrorCode; readonly detail?: string },
    place: AlarmPlace,
    evidence?: Bytes,
  ) => Promise<void>;
  readonly alarms: () => readonly Alarm[];
};

export function createAlarmBell(deps: {
  readonly store: Store;
  readonly nowMs: () => number;
  readonly emit: Listener;
}): AlarmBell {
  const alarms: Alarm[] = [];
  const said = new Set<string>();
  const ring: AlarmBell["ring"] = async (problem, place, evidence) => {
    const what = `${problem.code}/${place.compId}/${place.n}/${place.chainId}`;
    if (said.has(what)) return;
    said.add(what);
    const alarm: Alarm = {
      code: problem.code,
      detail: problem.detail,
      spaceId: place.spaceId,
      compId: place.compId,
      n: place.n,
      atMs: deps.nowMs(),
    };
    alarms.push(alarm);
    if (evidence !== undefined) {
      const value = encodeCbor([
        alarm.code,
        alarm.detail ?? "",
        alarm.atMs,
        place.compId ?? "",
        place.n ?? 0,
        evidence,
      ]);
      await deps.store.write([{ table: "evidence", key: `${alarm.atMs}-${alarms.length}`, value }]);
    }
    await deps.emit({ type: "alarm", alarm, evidence });
  };
  return { ring, alarms: () => alarms };
}
