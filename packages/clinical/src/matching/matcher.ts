import { ADDRESS_FIELDS, type Comparison, FIELD_NAMES, type FieldName, type Level } from "./comparison-levels.ts";
import { comparePeople } from "./field-comparison.ts";
import { type GradeReason, gradeMatch, type MatchGrade, SHIPPED_THRESHOLDS, type Thresholds } from "./match-grade.ts";
import { type MatchModel, oddsOf, SHIPPED_MODEL, SWAPPED_NAME_BITS } from "./match-model.ts";
import type { IdentifierTrust, PersonRecord } from "./person-record.ts";
import { type PreparedPerson, preparePerson, type TrustOf } from "./prepared-person.ts";
import { SHIPPED_FREQUENCIES, type TermFrequencies } from "./term-frequency.ts";

export type MatcherOptions = {
  /** Learnt from the institution's own records, or the shipped one. */
  readonly model?: MatchModel;
  readonly frequencies?: TermFrequencies;
  readonly thresholds?: Thresholds;
  /**
   * How many people the two records may be of: the odds, before anything is compared, are 1 to this. Fixed, and not the size of the index:
   * a stranger who is registered tomorrow must not change today's grade.
   */
  readonly population?: number;
  /** The trust in each system of numbers; a system not named is `issuer`. HKID is `national` unless it is named. */
  readonly trust?: { readonly [system: string]: IdentifierTrust };
};

/** One field of both records side by side, and what it adds to the score in bits. */
export type FieldReason = {
  readonly field: FieldName;
  readonly level: Level;
  readonly left: string;
  readonly right: string;
  readonly bits: number;
};

export type Match = {
  /** Bits of evidence that the two are one person, beyond the odds of chance; negative is evidence against. */
  readonly score: number;
  /** The score as a probability, 0 … 1: FHIR's `search.score`. */
  readonly probability: number;
  readonly grade: MatchGrade;
  readonly reasons: readonly GradeReason[];
  readonly fields: readonly FieldReason[];
  readonly isNameSwapped: boolean;
};

export type Matcher = {
  readonly trustOf: TrustOf;
  readonly prepare: (record: PersonRecord) => PreparedPerson;
  /** How likely it is that two records are of one person, and why. Symmetric but for which text is left. */
  readonly compare: (a: PersonRecord, b: PersonRecord) => Match;
  readonly comparePrepared: (a: PreparedPerson, b: PreparedPerson) => Match;
};

const HONG_KONG = 7_500_000;
/** People of one household share all of it: what an address adds is bounded. */
const MOST_ADDRESS_BITS = 16;

/** Makes the one judge of whether two records are of one person. Pure: the same two records get the same answer. */
export function createMatcher(options: MatcherOptions = {}): Matcher {
  const model = options.model ?? SHIPPED_MODEL;
  const frequencies = options.frequencies ?? SHIPPED_FREQUENCIES;
  const thresholds = options.thresholds ?? SHIPPED_THRESHOLDS;
  const priorBits = -Math.log2(options.population ?? HONG_KONG);
  const trust = new Map<string, IdentifierTrust>([["HKID", "national"], ...Object.entries(options.trust ?? {})]);
  const trustOf: TrustOf = (system) => trust.get(system) ?? "issuer";
  const prepare = (record: PersonRecord): PreparedPerson => preparePerson(record, trustOf);

  const comparePrepared = (a: PreparedPerson, b: PreparedPerson): Match => {
    const comparison = comparePeople(a, b);
    const fields = reasonsOf(comparison, model, frequencies);
    const swapped = comparison.isNameSwapped ? SWAPPED_NAME_BITS : 0;
    const score = priorBits + swapped + sumBits(fields);
    const { grade, reasons } = gradeMatch(score, comparison, [a, b], thresholds);
    return {
      score,
      probability: 1 / (1 + 2 ** -score),
      grade,
      reasons,
      fields,
      isNameSwapped: comparison.isNameSwapped,
    };
  };
  return { trustOf, prepare, comparePrepared, compare: (a, b) => comparePrepared(prepare(a), prepare(b)) };
}

function reasonsOf(comparison: Comparison, model: MatchModel, frequencies: TermFrequencies): FieldReason[] {
  const fields: FieldReason[] = [];
  for (const field of FIELD_NAMES) {
    const one = comparison[field];
    if (one === undefined) continue;
    const { m, u } = oddsOf(model, field, one.level);
    const share = one.level === "same" ? frequencies.shareOf(field, one.left) : undefined;
    fields.push({ field, ...one, bits: Math.log2(m / (share ?? u)) });
  }
  return fields;
}

function sumBits(fields: readonly FieldReason[]): number {
  let address = 0;
  let others = 0;
  for (const { field, bits } of fields) {
    if (ADDRESS_FIELDS.has(field)) address += bits;
    else others += bits;
  }
  return others + Math.min(address, MOST_ADDRESS_BITS);
}
