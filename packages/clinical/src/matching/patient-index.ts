import { blockingKeys } from "./blocking-keys.ts";
import { isAtLeast, type MatchGrade } from "./match-grade.ts";
import type { Match, Matcher } from "./matcher.ts";
import { packPerson, unpackPerson } from "./packed-person.ts";
import type { PersonRecord } from "./person-record.ts";
import { createPostingTable } from "./posting-table.ts";
import type { PreparedPerson } from "./prepared-person.ts";

export type Candidate = Match & { readonly id: string };

export type QueryOptions = {
  /** The lowest grade that is answered; `possible` unless given. */
  readonly atLeast?: MatchGrade;
  /** How many candidates at most; 10 unless given. */
  readonly limit?: number;
};

/** The people that one institution knows, found by what they may share with a record. Holds its own short copy of each. */
export type PatientIndex = {
  /** Adds a person, or puts a new record in the place of the one with this id. Amortised constant time. */
  readonly add: (id: string, record: PersonRecord) => void;
  /** Whether there was one to remove. */
  readonly remove: (id: string) => boolean;
  /**
   * Who this may be, best first. At most one person is `certain`, even if the limit is 1: where two are, and are not certainly one person themselves, both become
   * `probable` (reason `several-candidates`), since a person has to look.
   */
  readonly query: (record: PersonRecord, options?: QueryOptions) => readonly Candidate[];
  /** Ids of those whom a query compares field by field: for measuring the keys. */
  readonly neighbours: (record: PersonRecord) => readonly string[];
  readonly size: () => number;
  /** Bytes of the tables, without the copies of the people. */
  readonly bytes: () => number;
};

/** A key that more people share is too common to help (the first of January, a hostel's telephone) and is not read. */
const MOST_UNDER_A_KEY = 2000;
const MOST_READ = 4000;
/** How many are compared field by field: those who share the rarest keys. One who shares less than 100 others is no match that shows. */
const MOST_COMPARED = 100;
const DEFAULT_LIMIT = 10;

/** Makes an empty index. */
export function createPatientIndex(matcher: Matcher): PatientIndex {
  let ids: (string | undefined)[] = [];
  let people: string[] = [];
  let rows = new Map<string, number>();
  let table = createPostingTable();
  let removed = 0;

  const insert = (id: string, person: PreparedPerson): void => {
    const row = ids.length;
    ids.push(id);
    people.push(packPerson(person));
    rows.set(id, row);
    for (const key of blockingKeys(person)) table.add(key, row);
  };

  const remove = (id: string): boolean => {
    const row = rows.get(id);
    if (row === undefined) return false;
    rows.delete(id);
    ids[row] = undefined;
    people[row] = "";
    removed += 1;
    if (removed > 1000 && removed > rows.size) rebuild();
    return true;
  };

  const rebuild = (): void => {
    const kept = [...rows].map(([id, row]) => [id, people[row] ?? ""] as const);
    ids = [];
    people = [];
    rows = new Map();
    table = createPostingTable();
    removed = 0;
    for (const [id, packed] of kept) insert(id, unpackPerson(packed, matcher.trustOf));
  };

  const rowsNear = (person: PreparedPerson): readonly number[] => {
    const weights = new Map<number, number>();
    const keys = blockingKeys(person)
      .map((key) => ({ key, count: table.count(key) }))
      .sort((a, b) => a.count - b.count);
    let read = 0;
    for (const { key, count } of keys) {
      read += count;
      if (count > MOST_UNDER_A_KEY || read > MOST_READ) break;
      const bits = Math.log2((ids.length + 1) / (count + 1));
      for (const row of table.rows(key)) if (ids[row] !== undefined) weights.set(row, (weights.get(row) ?? 0) + bits);
    }
    const found = [...weights.keys()];
    if (found.length <= MOST_COMPARED) return found;
    return found.sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0) || a - b).slice(0, MOST_COMPARED);
  };

  const personAt = (row: number): PreparedPerson => unpackPerson(people[row] ?? "", matcher.trustOf);

  return {
    add: (id, record) => {
      remove(id);
      insert(id, matcher.prepare(record));
    },
    remove,
    query: (record, { atLeast = "possible", limit = DEFAULT_LIMIT } = {}) => {
      const person = matcher.prepare(record);
      const found: { readonly row: number; readonly candidate: Candidate }[] = [];
      for (const row of rowsNear(person)) {
        const match = matcher.comparePrepared(person, personAt(row));
        if (!isAtLeast(match.grade, atLeast)) continue;
        found.push({ row, candidate: { id: ids[row] ?? "", ...match } });
      }
      const certain = found.filter(({ candidate }) => candidate.grade === "certain");
      const isUnclear =
        certain.length > 1 &&
        !areOne(
          certain.map(({ row }) => personAt(row)),
          matcher,
        );
      return (
        found
          .map(({ candidate }) => (isUnclear && candidate.grade === "certain" ? toUnclear(candidate) : candidate))
          // After the ambiguity was found: asked for the certain only, one of two certain ones must not be answered.
          .filter(({ grade }) => isAtLeast(grade, atLeast))
          .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
          .slice(0, limit)
      );
    },
    neighbours: (record) => rowsNear(matcher.prepare(record)).map((row) => ids[row] ?? ""),
    size: () => rows.size,
    bytes: () => table.bytes(),
  };
}

/** Whether all of them are certainly one person: an index may hold somebody twice. */
function areOne(people: readonly PreparedPerson[], matcher: Matcher): boolean {
  const [first, ...others] = people;
  return first === undefined || others.every((other) => matcher.comparePrepared(first, other).grade === "certain");
}

function toUnclear(candidate: Candidate): Candidate {
  return { ...candidate, grade: "probable", reasons: ["several-candidates"] };
}
