import { type Client, chartRole, createLane, planChart } from "@caseroom/client";
import {
  type CompId,
  err,
  type Failure,
  failure,
  ok,
  parseId32,
  type Result,
  type SpaceId,
  TIERS,
  type UserId,
} from "@caseroom/contract";
import { type CompState, isPrincipalActive, presentMoment } from "@caseroom/space/verify";
import type postgres from "postgres";

export type Chart = { readonly spaceId: SpaceId; readonly emergency: CompId; readonly clinical: CompId };

/** This institution's charts: one for each patient, kept by its gateway (phase-1 §1). */
export type Charts = {
  /** The patient's chart; founded when there is none yet. */
  readonly ensure: (patientId: string) => Promise<Result<Chart, Failure>>;
  /** Lets exactly these users read a patient's chart, beside the gateway itself. */
  readonly setReaders: (patientId: string, readers: ReadonlySet<UserId>) => Promise<Result<undefined, Failure>>;
};

export function createCharts(deps: {
  readonly sql: postgres.Sql;
  readonly client: Client;
  readonly nowMs: () => number;
}): Charts {
  const { sql, client } = deps;
  const lane = createLane();
  const known = new Map<string, Chart>();

  const load = async (patientId: string): Promise<Chart | undefined> => {
    const found = known.get(patientId);
    if (found !== undefined) return found;
    const [row] = await sql<
      { space_id: string | null }[]
    >`SELECT space_id FROM patient WHERE id = ${patientId}::bigint`;
    const spaceId = row?.space_id === null || row === undefined ? undefined : parseId32<SpaceId>(row.space_id);
    const chart = spaceId === undefined ? undefined : chartOf(client, spaceId);
    if (chart !== undefined) known.set(patientId, chart);
    return chart;
  };

  const found = async (patientId: string): Promise<Result<Chart, Failure>> => {
    const created = await client.commits.createSpace(planChart(client.userId));
    if (!created.ok) return created;
    // The row comes after the hub's acceptance: a crash in between leaves an empty chart that nobody refers to.
    await sql`UPDATE patient SET space_id = ${created.value.spaceId} WHERE id = ${patientId}::bigint`;
    const synced = await client.sync();
    if (!synced.ok) return synced;
    const chart = await load(patientId);
    return chart === undefined ? err(failure("UNAVAILABLE", "the new chart has not come back yet")) : ok(chart);
  };

  return {
    ensure: async (patientId) => {
      const chart = await load(patientId);
      if (chart !== undefined) return ok(chart);
      return lane.run(async () => {
        const again = await load(patientId);
        return again === undefined ? found(patientId) : ok(again);
      });
    },
    setReaders: async (patientId, readers) => {
      const chart = await load(patientId);
      if (chart === undefined) return ok();
      const at = presentMoment(deps.nowMs());
      const changes = [chart.emergency, chart.clinical].flatMap((compId) => {
        const comp = client.directory.comp(compId);
        return comp === undefined ? [] : [{ compId, change: readerChange(comp, client.userId, activeOf(readers)) }];
      });
      const due = changes.filter(({ change }) => change.add.length + change.rm.length > 0);
      return due.length === 0 ? ok() : client.commits.change(due);

      function activeOf(users: ReadonlySet<UserId>): ReadonlySet<UserId> {
        return new Set([...users].filter((userId) => isPrincipalActive(client.directory, userId, at)));
      }
    },
  };
}

function readerChange(comp: CompState, self: UserId, readers: ReadonlySet<UserId>) {
  const role = chartRole(comp.tier);
  const add =
    role === undefined
      ? []
      : [...readers]
          .filter((userId) => userId !== self && !comp.members.has(userId))
          .map((userId) => ({ userId, role }));
  const rm = [...comp.members.keys()]
    .filter((userId) => userId !== self && !readers.has(userId))
    .map((userId) => ({ userId, code: "no-case" }));
  return { add, rm };
}

function chartOf(client: Client, spaceId: SpaceId): Chart | undefined {
  const comps = client.directory.space(spaceId)?.comps ?? [];
  const byTier = (tier: number) => comps.find((compId) => client.directory.comp(compId)?.tier === tier);
  const emergency = byTier(TIERS.emergency);
  const clinical = byTier(TIERS.clinical);
  return emergency === undefined || clinical === undefined ? undefined : { spaceId, emergency, clinical };
}
