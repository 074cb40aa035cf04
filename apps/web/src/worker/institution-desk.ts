import type { ReplySchema, StaffApi } from "@caseroom/client";
import { chartLinks, ok, quarantineDetail, quarantineItems, quarantineRepaired } from "@caseroom/contract";
import type { InstitutionDesk, Tasks } from "../engine/institution-desk.ts";

/** The gateway's tasks for its staff. It cannot call the app, so the app asks from time to time how many wait. */
export type DeskAtGateway = Omit<InstitutionDesk, "tasks"> & {
  readonly tasks: () => Tasks | undefined;
  readonly stop: () => void;
};

const EVERY_MS = 15_000;
const NOTHING: ReplySchema<undefined> = { safeParse: () => ({ success: true, data: undefined }) };

export function createDeskAtGateway({
  staff,
  onChange,
}: {
  readonly staff: Pick<StaffApi, "ask" | "bytes">;
  readonly onChange: () => void;
}): DeskAtGateway {
  let tasks: Tasks | undefined;
  let isStopped = false;

  const refresh = async () => {
    const [items, links] = await Promise.all([
      staff.ask({ method: "GET", path: "/app/quarantine?limit=1" }, quarantineItems),
      staff.ask({ method: "GET", path: "/app/links" }, chartLinks),
    ]);
    if (isStopped) return;
    const isForbidden = !items.ok && items.error.code === "FORBIDDEN";
    // While the gateway cannot be reached, the last that is known stands.
    if (!isForbidden && (!items.ok || !links.ok)) return;
    const found =
      items.ok && links.ok
        ? {
            quarantined: items.value.waiting,
            suggestedLinks: links.value.links.filter(({ state }) => state === "suggested").length,
          }
        : undefined;
    const isSame = JSON.stringify(found) === JSON.stringify(tasks);
    tasks = found;
    if (!isSame) onChange();
  };
  const timer = setInterval(() => void refresh().catch(reportError), EVERY_MS);
  refresh().catch(reportError);

  /** After an act of this person everything is read again, whatever the count. */
  const acted = <T>(result: T): T => {
    onChange();
    refresh().catch(reportError);
    return result;
  };
  const post = (path: string, body: unknown) => staff.ask({ method: "POST", path: `/app${path}`, body }, NOTHING);

  return {
    tasks: () => tasks,
    quarantine: ({ state, before }) => {
      const path = `/app/quarantine?state=${state}${before === undefined ? "" : `&before=${before}`}`;
      return staff.ask({ method: "GET", path }, quarantineItems);
    },
    quarantined: (id, version) => {
      const path = `/app/quarantine/${encodeURIComponent(id)}${version === undefined ? "" : `?version=${version}`}`;
      return staff.ask({ method: "GET", path }, quarantineDetail);
    },
    quarantinedBytes: (id, version) => staff.bytes(`/app/quarantine/${encodeURIComponent(id)}/versions/${version}`),
    repairQuarantined: async (id, base, content) => {
      const path = `/app/quarantine/${encodeURIComponent(id)}/versions?base=${base}`;
      const body = typeof content === "string" ? { text: content } : content;
      return acted(await staff.ask({ method: "POST", path, body }, quarantineRepaired));
    },
    replayQuarantined: async (id, version) =>
      acted(await post(`/quarantine/${encodeURIComponent(id)}/replay`, { version })),
    discardQuarantined: async (id, reason) =>
      acted(await post(`/quarantine/${encodeURIComponent(id)}/discard`, { reason })),
    chartLinks: async () => {
      const answered = await staff.ask({ method: "GET", path: "/app/links" }, chartLinks);
      return answered.ok ? ok(answered.value.links) : answered;
    },
    answerChartLink: async (answer) => acted(await post("/links", answer)),
    stop: () => {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
