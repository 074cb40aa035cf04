import { FIELD_LEVELS, FIELD_NAMES, type FieldName, type Level } from "./comparison-levels.ts";

/** Of a level: how often it is met where two records are of one person (m), and where they are of two (u). */
export type LevelOdds = { readonly m: number; readonly u: number };

/**
 * What is known about how records of one person and of two agree (I. P. Fellegi, A. B. Sunter, "A Theory for Record Linkage", JASA 64, 1969).
 * The odds of a field's levels add up to 1 each. Plain data: it can be kept as JSON.
 */
export type MatchModel = { readonly [field in FieldName]: { readonly [level in Level]?: LevelOdds } };

/**
 * What the product ships with, before anything is learnt: chosen by hand to be plausible for registrations at hospitals, not measured. u of an
 * equal value assumes values of ordinary frequency; the frequency of the value itself replaces it where it is known.
 */
export const SHIPPED_MODEL: MatchModel = model({
  surname: { same: [0.9, 0.01], variant: [0.03, 0.005], close: [0.05, 0.01], different: [0.02, 0.975] },
  given: {
    same: [0.82, 0.004],
    variant: [0.06, 0.004],
    close: [0.07, 0.006],
    initial: [0.01, 0.006],
    different: [0.04, 0.98],
  },
  birthDate: {
    same: [0.93, 0.00004],
    swapped: [0.01, 0.00003],
    near: [0.035, 0.0012],
    part: [0.015, 0.01],
    different: [0.01, 0.98873],
  },
  sex: { same: [0.985, 0.5], different: [0.015, 0.5] },
  national: { same: [0.96, 1e-7], near: [0.03, 1e-5], different: [0.01, 0.9999899] },
  issuer: { same: [0.9, 1e-7], different: [0.1, 0.9999999] },
  number: { same: [0.9, 2e-7], near: [0.07, 2e-5], different: [0.03, 0.9999798] },
  house: { same: [0.75, 0.02], near: [0.1, 0.15], different: [0.15, 0.83] },
  street: { same: [0.7, 0.001], close: [0.12, 0.005], different: [0.18, 0.994] },
  building: { same: [0.65, 0.002], close: [0.12, 0.005], different: [0.23, 0.993] },
  locality: { same: [0.75, 0.01], close: [0.1, 0.01], different: [0.15, 0.98] },
  postcode: { same: [0.75, 0.003], near: [0.1, 0.02], different: [0.15, 0.977] },
  region: { same: [0.9, 0.3], different: [0.1, 0.7] },
  phone: { same: [0.7, 2e-6], near: [0.03, 1e-5], different: [0.27, 0.999988] },
  email: { same: [0.75, 1e-6], close: [0.08, 0.002], different: [0.17, 0.997999] },
});

/** What a name given in the wrong order is worth, in bits: it happens in few registrations of one person, and among others by chance. */
export const SWAPPED_NAME_BITS = -2;

/** The odds of a level. A level that the field does not have says nothing. */
export function oddsOf(matchModel: MatchModel, field: FieldName, level: Level): LevelOdds {
  return matchModel[field][level] ?? { m: 1, u: 1 };
}

/** Reads a model that was kept as JSON: every field and level there, odds in (0, 1], adding up to 1. `undefined` when it is not one. */
export function parseMatchModel(value: unknown): MatchModel | undefined {
  const fields = isObject(value) ? value : {};
  for (const field of FIELD_NAMES) {
    const levels = fields[field];
    if (!isObject(levels)) return undefined;
    const odds = FIELD_LEVELS[field].map((level) => levels[level]);
    if (!odds.every(isOdds)) return undefined;
    const sums = odds.reduce(({ m, u }, each) => ({ m: m + each.m, u: u + each.u }), { m: 0, u: 0 });
    if (Math.abs(sums.m - 1) > 0.01 || Math.abs(sums.u - 1) > 0.01) return undefined;
  }
  return buildModel((field, level) => {
    const levels = fields[field];
    const odds = isObject(levels) ? levels[level] : undefined;
    return isOdds(odds) ? { m: odds.m, u: odds.u } : { m: 1, u: 1 };
  });
}

/** A model from its odds, one by one. */
export function buildModel(odds: (field: FieldName, level: Level) => LevelOdds): MatchModel {
  const of = (field: FieldName): { readonly [level in Level]?: LevelOdds } =>
    Object.fromEntries(FIELD_LEVELS[field].map((level) => [level, odds(field, level)]));
  return {
    surname: of("surname"),
    given: of("given"),
    birthDate: of("birthDate"),
    sex: of("sex"),
    national: of("national"),
    issuer: of("issuer"),
    number: of("number"),
    house: of("house"),
    street: of("street"),
    building: of("building"),
    locality: of("locality"),
    postcode: of("postcode"),
    region: of("region"),
    phone: of("phone"),
    email: of("email"),
  };
}

function model(
  pairs: {
    readonly [field in FieldName]: { readonly [level in Level]?: readonly [m: number, u: number] };
  },
): MatchModel {
  return buildModel((field, level) => {
    const [m, u] = pairs[field][level] ?? [1, 1];
    return { m, u };
  });
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}

function isOdds(value: unknown): value is LevelOdds {
  return isObject(value) && isShare(value.m) && isShare(value.u);
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= 1;
}
