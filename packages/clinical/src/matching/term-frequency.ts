import type { FieldName } from "./comparison-levels.ts";
import type { PreparedPerson } from "./prepared-person.ts";

/** How often a value is met among people: a surname that one in ten has says little, one that nobody else has says much. */
export type TermFrequencies = {
  /** The share of people with this value, bounded from below; `undefined` for fields whose values are not counted. */
  readonly shareOf: (field: FieldName, value: string) => number | undefined;
};

/** What a value not met yet is taken for, and how many people's worth of counting that guess is. */
const GUESSES: { readonly [field in FieldName]?: { readonly share: number; readonly weight: number } } = {
  surname: { share: 0.004, weight: 250 },
  given: { share: 0.002, weight: 250 },
  birthDate: { share: 0.00004, weight: 5000 },
  number: { share: 2e-7, weight: 200_000 },
  phone: { share: 2e-6, weight: 20_000 },
  email: { share: 1e-6, weight: 20_000 },
  street: { share: 0.001, weight: 250 },
  building: { share: 0.002, weight: 250 },
  locality: { share: 0.01, weight: 250 },
  postcode: { share: 0.003, weight: 250 },
};
const LOWEST: { readonly [field in FieldName]?: number } = { number: 1e-7, phone: 1e-6, email: 1e-6, birthDate: 2e-5 };
const LOWEST_OTHER = 5e-5;

/**
 * Shares of Hong Kong's commonest surnames by their usual spelling, rounded, from general knowledge: a start until the institution's own
 * register is counted.
 */
const SHIPPED_SURNAMES: readonly (readonly [surname: string, share: number])[] = [
  ["chan", 0.098],
  ["wong", 0.089],
  ["leung", 0.054],
  ["cheung", 0.05],
  ["lam", 0.047],
  ["lee", 0.045],
  ["ng", 0.04],
  ["lau", 0.034],
  ["cheng", 0.028],
  ["ho", 0.028],
  ["lai", 0.025],
  ["yeung", 0.023],
  ["chow", 0.021],
  ["tang", 0.02],
  ["yip", 0.018],
  ["li", 0.017],
  ["chung", 0.015],
  ["tsang", 0.015],
  ["kwok", 0.014],
  ["lo", 0.014],
];

/** The shares before anything is counted. */
export const SHIPPED_FREQUENCIES: TermFrequencies = createFrequencies(0, () => 0, new Map(SHIPPED_SURNAMES));

/**
 * Counts the values of people (a sample of some 50,000 is enough), once; later people do not change it, so that a grade given today is the
 * grade given tomorrow. Linear; values met once are forgotten.
 */
export function learnFrequencies(people: Iterable<PreparedPerson>): TermFrequencies {
  const counts = new Map<string, number>();
  let size = 0;
  for (const person of people) {
    size += 1;
    for (const key of new Set(termsOf(person))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) if (count === 1) counts.delete(key);
  return createFrequencies(size, (field, value) => counts.get(`${field}|${value}`) ?? 1, new Map());
}

function createFrequencies(
  size: number,
  countOf: (field: FieldName, value: string) => number,
  surnames: ReadonlyMap<string, number>,
): TermFrequencies {
  return {
    shareOf: (field, value) => {
      const guess = GUESSES[field];
      if (guess === undefined) return undefined;
      const known = field === "surname" ? surnames.get(value) : undefined;
      if (known !== undefined) return known;
      const share = (countOf(field, value) + guess.weight * guess.share) / (size + guess.weight);
      return Math.max(share, LOWEST[field] ?? LOWEST_OTHER);
    },
  };
}

function* termsOf(person: PreparedPerson): Generator<string> {
  for (const name of person.names) {
    if (name.surname !== "") yield `surname|${name.surname}`;
    if (name.given.length > 0) yield `given|${name.given.join(" ")}`;
  }
  if (person.birthDate.length === 8) yield `birthDate|${person.birthDate}`;
  for (const { trust, value } of person.identifiers) if (trust === "unchecked") yield `number|${value}`;
  for (const phone of person.phones) yield `phone|${phone}`;
  for (const email of person.emails) yield `email|${email}`;
  for (const { street, building, locality, postcode } of person.addresses) {
    if (street !== "") yield `street|${street}`;
    if (building !== "") yield `building|${building}`;
    if (locality !== "") yield `locality|${locality}`;
    if (postcode !== "") yield `postcode|${postcode}`;
  }
}
