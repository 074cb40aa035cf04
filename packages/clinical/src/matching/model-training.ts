import { blockingKeys } from "./blocking-keys.ts";
import { type Comparison, FIELD_LEVELS, FIELD_NAMES, type FieldName, type Level } from "./comparison-levels.ts";
import { comparePeople } from "./field-comparison.ts";
import { buildModel, type LevelOdds, type MatchModel, oddsOf, SHIPPED_MODEL } from "./match-model.ts";
import type { PreparedPerson } from "./prepared-person.ts";
import { createSeededRandom } from "./seeded-random.ts";

export type TrainingOptions = {
  readonly seed?: number;
  /** Pairs drawn by chance, and pairs of each kind of key. */
  readonly pairs?: number;
  readonly rounds?: number;
  /** What is believed beforehand, and how many pairs' worth of counting that belief is. */
  readonly start?: MatchModel;
  readonly belief?: number;
};

/** The pairs to learn from: any two of one list, or one of each of two. */
export type TrainingPeople = { readonly left: readonly PreparedPerson[]; readonly right?: readonly PreparedPerson[] };

/** Which fields a kind of key holds equal, so that its pairs teach nothing about them. */
const HELD: { readonly [kind: string]: readonly FieldName[] } = {
  number: ["national", "issuer", "number"],
  phone: ["phone"],
  email: ["email"],
  birth: ["birthDate"],
  name: ["surname", "given"],
  post: ["postcode", "surname", "given"],
};
const MOST_UNDER_A_KEY = 30;
const FEWEST_MATCHES = 20;
const SMALLEST = 1e-9;

type Pattern = { readonly comparison: Comparison; count: number };

/**
 * Learns a model from pairs of which nobody says whether they match. u: from pairs drawn by chance, less those that look like one person. m: by
 * expectation–maximisation over the pairs under each kind of key, u held (A. P. Dempster, N. M. Laird, D. B. Rubin, JRSS B 39, 1977; W. E.
 * Winkler, "Using the EM Algorithm for Weight Computation in the Fellegi–Sunter Model", 1988), then the mean over the kinds that do not hold
 * the field equal. Deterministic for a seed. With too little to learn from, the model stays near `start`.
 */
export function trainModel(people: TrainingPeople, options: TrainingOptions = {}): MatchModel {
  const { seed = 1, pairs = 100_000, rounds = 25, start = SHIPPED_MODEL, belief = 50 } = options;
  const right = people.right ?? people.left;
  const isOneList = people.right === undefined;
  const random = createSeededRandom(seed);
  const chance = chancePatterns(people.left, right, { pairs, random, isOneList });
  let model = withU(start, chance, belief);
  const learnt: { readonly kind: string; readonly model: MatchModel; readonly matches: number }[] = [];
  for (const [kind, held] of Object.entries(HELD)) {
    const patterns = blockedPatterns(kind, people.left, right, { pairs, random, isOneList });
    const { model: one, matches } = maximise(patterns, held, model, { rounds, belief, start });
    if (matches >= FEWEST_MATCHES) learnt.push({ kind, model: one, matches });
  }
  const before = model;
  model = buildModel((field, level) => {
    const { m, u } = oddsOf(before, field, level);
    const teachers = learnt.filter(({ kind }) => !(HELD[kind] ?? []).includes(field));
    if (teachers.length === 0) return { m, u };
    const total = teachers.reduce((sum, each) => sum + each.matches, 0);
    return {
      m: teachers.reduce((sum, each) => sum + (oddsOf(each.model, field, level).m * each.matches) / total, 0),
      u,
    };
  });
  return model;
}

type Draw = { readonly pairs: number; readonly random: () => number; readonly isOneList: boolean };

function chancePatterns(left: readonly PreparedPerson[], right: readonly PreparedPerson[], draw: Draw): Pattern[] {
  const patterns = new Map<string, Pattern>();
  if (left.length === 0 || right.length === 0) return [];
  for (let drawn = 0; drawn < draw.pairs; drawn += 1) {
    const i = Math.floor(draw.random() * left.length);
    const j = Math.floor(draw.random() * right.length);
    const a = left[i];
    const b = right[j];
    if (a !== undefined && b !== undefined && !(draw.isOneList && i === j)) count(patterns, comparePeople(a, b));
  }
  return [...patterns.values()];
}

/** Pairs that share a key of the kind. Keys that many share are left out: their pairs are strangers. */
function blockedPatterns(
  kind: string,
  left: readonly PreparedPerson[],
  right: readonly PreparedPerson[],
  draw: Draw,
): Pattern[] {
  const groups = new Map<string, number[]>();
  for (const [row, person] of right.entries()) {
    for (const key of keysOf(person, kind)) {
      const rows = groups.get(key);
      if (rows === undefined) groups.set(key, [row]);
      else rows.push(row);
    }
  }
  const patterns = new Map<string, Pattern>();
  let taken = 0;
  for (const i of shuffled(left.length, draw.random)) {
    const a = left[i];
    if (a === undefined || taken >= draw.pairs) break;
    for (const j of new Set(keysOf(a, kind).flatMap((key) => common(groups.get(key))))) {
      const b = right[j];
      if (b === undefined || (draw.isOneList && j <= i)) continue;
      count(patterns, comparePeople(a, b));
      taken += 1;
    }
  }
  return [...patterns.values()];
}

function common(rows: readonly number[] | undefined): readonly number[] {
  return rows === undefined || rows.length > MOST_UNDER_A_KEY ? [] : rows;
}

function keysOf(person: PreparedPerson, kind: string): readonly string[] {
  return blockingKeys(person).filter((key) => key.startsWith(`${kind}|`));
}

function count(patterns: Map<string, Pattern>, comparison: Comparison): void {
  const key = FIELD_NAMES.map((field) => comparison[field]?.level ?? "").join("|");
  const pattern = patterns.get(key);
  if (pattern === undefined) patterns.set(key, { comparison, count: 1 });
  else pattern.count += 1;
}

/** One expectation step and one maximisation step a round; the share of matches among the pairs is learnt as well. */
function maximise(
  patterns: readonly Pattern[],
  held: readonly FieldName[],
  from: MatchModel,
  { rounds, belief, start }: { readonly rounds: number; readonly belief: number; readonly start: MatchModel },
): { readonly model: MatchModel; readonly matches: number } {
  const fields = FIELD_NAMES.filter((field) => !held.includes(field));
  const total = patterns.reduce((sum, pattern) => sum + pattern.count, 0);
  let model = from;
  let share = 0.2;
  let matches = 0;
  for (let round = 0; round < rounds && total > 0; round += 1) {
    const weights = patterns.map((pattern) => pattern.count * posterior(pattern.comparison, fields, model, share));
    matches = weights.reduce((sum, weight) => sum + weight, 0);
    share = Math.min(0.999, Math.max(1e-6, matches / total));
    const counted = countLevels(patterns, weights, fields);
    const before = model;
    model = buildModel((field, level) => {
      const { m, u } = oddsOf(before, field, level);
      if (!fields.includes(field)) return { m, u };
      return { m: blend(counted, field, level, oddsOf(start, field, level).m, belief), u };
    });
  }
  return { model, matches };
}

function withU(start: MatchModel, patterns: readonly Pattern[], belief: number): MatchModel {
  // By chance, one pair in a great many is of one person: enough to spoil the odds of what strangers never share.
  const weights = patterns.map(
    ({ comparison, count }) => count * (1 - posterior(comparison, FIELD_NAMES, start, 1e-4)),
  );
  const counted = countLevels(patterns, weights, FIELD_NAMES);
  return buildModel((field, level) => {
    const { m, u } = oddsOf(start, field, level);
    return { m, u: blend(counted, field, level, u, belief) };
  });
}

type Counted = ReadonlyMap<string, number>;

function countLevels(patterns: readonly Pattern[], weights: readonly number[], fields: readonly FieldName[]): Counted {
  const counted = new Map<string, number>();
  const add = (key: string, weight: number): void => void counted.set(key, (counted.get(key) ?? 0) + weight);
  for (const [index, { comparison }] of patterns.entries()) {
    const weight = weights[index] ?? 0;
    for (const field of fields) {
      const level = comparison[field]?.level;
      if (level !== undefined) add(`${field}|${level}`, weight);
    }
  }
  return counted;
}

function blend(counted: Counted, field: FieldName, level: Level, believed: number, belief: number): number {
  const levels: readonly Level[] = FIELD_LEVELS[field];
  const all = levels.reduce((sum, each) => sum + (counted.get(`${field}|${each}`) ?? 0), 0);
  return Math.max(SMALLEST, ((counted.get(`${field}|${level}`) ?? 0) + belief * believed) / (all + belief));
}

function posterior(comparison: Comparison, fields: readonly FieldName[], model: MatchModel, share: number): number {
  let odds: LevelOdds = { m: share, u: 1 - share };
  for (const field of fields) {
    const level = comparison[field]?.level;
    if (level === undefined) continue;
    const { m, u } = oddsOf(model, field, level);
    odds = { m: odds.m * m, u: odds.u * u };
  }
  return odds.m / (odds.m + odds.u);
}

function shuffled(length: number, random: () => number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let i = length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}
