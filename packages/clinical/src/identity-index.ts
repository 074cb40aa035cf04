import type { Statement } from "./statement.ts";

/** One thing as its sources tell it: the version that counts (all statements that say it) and those it replaced. */
export type Unit = {
  readonly members: readonly Statement[];
  /** Versions that were taken back, and what took them back; each oldest first. */
  readonly retracted: readonly Statement[];
  readonly retractions: readonly Statement[];
  readonly current: readonly Statement[];
  readonly superseded: readonly Statement[];
};

export type IdentityIndex = {
  has(id: string): boolean;
  add(statement: Statement): void;
  statements(): Iterable<Statement>;
  /** What was removed; `undefined` when it was not there. */
  remove(id: string): Statement | undefined;
  /** The units that changed since the last call. Costs the size of the touched units, not of the record. */
  settle(): { readonly retired: readonly Unit[]; readonly formed: readonly Unit[] };
};

/** Joins statements that share an identity key into units; which arrives first makes no difference. */
export function createIdentityIndex(): IdentityIndex {
  const statementById = new Map<string, Statement>();
  const idsByKey = new Map<string, IdsOfKey>();
  const unitById = new Map<string, Unit>();
  const touched = new Set<string>();
  const retired = new Set<Unit>();

  function retireUnitOf(id: string): void {
    const unit = unitById.get(id);
    if (unit === undefined) return;
    retired.add(unit);
    for (const member of unit.members) {
      unitById.delete(member.id);
      touched.add(member.id);
    }
  }

  function reach(start: Statement): Statement[] {
    const found = new Map([[start.id, start]]);
    for (const statement of found.values()) {
      for (const key of statement.identityKeys) {
        for (const id of listIds(idsByKey.get(key))) {
          const neighbour = statementById.get(id);
          if (neighbour !== undefined) found.set(id, neighbour);
        }
      }
    }
    return [...found.values()];
  }

  function isAlone(statement: Statement): boolean {
    return statement.identityKeys.every((key) => idsByKey.get(key) === statement.id);
  }

  return {
    has: (id) => statementById.has(id),
    statements: () => statementById.values(),
    add(statement) {
      statementById.set(statement.id, statement);
      for (const key of statement.identityKeys) {
        const ids = idsByKey.get(key);
        if (ids === undefined) idsByKey.set(key, statement.id);
        else if (typeof ids === "string") idsByKey.set(key, new Set([ids, statement.id]));
        else ids.add(statement.id);
      }
      touched.add(statement.id);
    },
    remove(id) {
      const statement = statementById.get(id);
      if (statement === undefined) return undefined;
      retireUnitOf(id);
      statementById.delete(id);
      for (const key of statement.identityKeys) {
        const ids = idsByKey.get(key);
        if (typeof ids !== "string") ids?.delete(id);
        if (ids === id || (typeof ids !== "string" && ids?.size === 0)) idsByKey.delete(key);
      }
      return statement;
    },
    settle() {
      const formed: Unit[] = [];
      const placed = new Set<string>();
      for (const id of touched) {
        const statement = statementById.get(id);
        if (statement === undefined || placed.has(id)) continue;
        if (unitById.get(id) === undefined && isAlone(statement)) {
          const unit = aloneUnit(statement);
          unitById.set(id, unit);
          formed.push(unit);
          continue;
        }
        const members = reach(statement);
        for (const member of members) {
          retireUnitOf(member.id);
          placed.add(member.id);
        }
        const unit = formUnit(members);
        for (const member of members) unitById.set(member.id, unit);
        formed.push(unit);
      }
      const changes = { retired: [...retired], formed };
      touched.clear();
      retired.clear();
      return changes;
    },
  };
}

/** Nearly every key is one statement's alone: a set for each would be most of the memory. */
type IdsOfKey = string | Set<string>;

function listIds(ids: IdsOfKey | undefined): Iterable<string> {
  return ids === undefined ? [] : typeof ids === "string" ? [ids] : ids;
}

const NONE: readonly Statement[] = [];

function aloneUnit(statement: Statement): Unit {
  const alone = [statement];
  return statement.isRetraction
    ? { members: alone, retracted: NONE, retractions: alone, current: NONE, superseded: NONE }
    : { members: alone, retracted: NONE, retractions: NONE, current: alone, superseded: NONE };
}

/** Oldest version first. Ties end at the fragment's id, so that the order is total. */
export function compareVersions(a: Statement, b: Statement): number {
  return a.rank - b.rank || compareStamps(a, b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function compareStamps(a: Statement, b: Statement): number {
  return a.versionMs - b.versionMs || a.source.receivedMs - b.source.receivedMs;
}

function formUnit(members: readonly Statement[]): Unit {
  const retractions = members.filter((member) => member.isRetraction).sort(compareVersions);
  const stated = members.filter((member) => !member.isRetraction).sort(compareVersions);
  const retracted = stated.filter((member) => retractions.some((retraction) => takesBack(retraction, member)));
  const standing = stated.filter((member) => !retracted.includes(member));
  const newest = standing.at(-1);
  return {
    members,
    retracted,
    retractions,
    current: standing.filter((member) => member.contentKey === newest?.contentKey),
    superseded: standing.filter((member) => member.contentKey !== newest?.contentKey),
  };
}

function takesBack(retraction: Statement, earlier: Statement): boolean {
  const isSameThing = retraction.identityKeys.some((key) => earlier.identityKeys.includes(key));
  return isSameThing && compareStamps(earlier, retraction) <= 0;
}
