import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  createMatcher,
  createPatientIndex,
  isAtLeast,
  learnFrequencies,
  MATCH_GRADES,
  type Matcher,
  type MatchGrade,
  type PersonRecord,
  trainModel,
} from "@caseroom/clinical/matching";
import { type KnownRecord, type LinkageData, readLinkageData } from "./linkage-data.ts";
import { measurePeople } from "./linkage-people.ts";

type Pair = { readonly left: KnownRecord; readonly right: KnownRecord; readonly grade: MatchGrade };
type Figures = { readonly precision: number; readonly recall: number; readonly f1: number; readonly pairs: number };

const TRUST = { "national-number": "unchecked" } as const;
const LINKING = ["certain", "probable", "possible"] as const satisfies readonly MatchGrade[];

const { values } = parseArgs({
  options: {
    data: { type: "string", default: join(import.meta.dirname, "../../shared/data/linkage") },
    people: { type: "string" },
    shipped: { type: "boolean", default: false },
    errors: { type: "boolean", default: false },
  },
});
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** One line for each grade or better, and beside them what two joins without any thought get. */
function measureData(data: LinkageData): void {
  const trained = values.shipped ? createMatcher({ trust: TRUST }) : trainMatcher(data);
  const begun = performance.now();
  const { pairs, reached } = linkAll(data, trained);
  const ms = Math.round(performance.now() - begun);
  for (const grade of LINKING) {
    const linked = pairs.filter((pair) => isAtLeast(pair.grade, grade));
    say({ dataset: data.name, grade, ...figuresOf(data, linked, grade), ms });
  }
  for (const [name, keyOf] of Object.entries(JOINS)) {
    const start = performance.now();
    const linked = joinExactly(data, keyOf);
    const figures = figuresOf(data, linked, "probable");
    if (linked.length > 0)
      say({ dataset: data.name, grade: name, ...figures, ms: Math.round(performance.now() - start) });
  }
  say({ dataset: data.name, grade: "found-by-keys", recall: round(reached) });
  if (values.errors) reportErrors(data, pairs, trained);
}

/** Learns from the records alone: nothing here sees who is who. */
function trainMatcher(data: LinkageData): Matcher {
  const plain = createMatcher({ trust: TRUST });
  const left = data.left.map(({ person }) => plain.prepare(person));
  const right = data.right?.map(({ person }) => plain.prepare(person));
  return createMatcher({
    trust: TRUST,
    model: trainModel(right === undefined ? { left } : { left, right }),
    frequencies: learnFrequencies(right === undefined ? left : [...left, ...right]),
  });
}

/** As records come in: each asks for those before it, or, of two lists, each of the second asks for the first. */
function linkAll(data: LinkageData, matcher: Matcher): { readonly pairs: readonly Pair[]; readonly reached: number } {
  const index = createPatientIndex(matcher);
  const byId = new Map<string, KnownRecord>();
  const add = (record: KnownRecord): void => {
    byId.set(record.id, record);
    index.add(record.id, record.person);
  };
  if (data.right !== undefined) for (const record of data.left) add(record);
  const pairs: Pair[] = [];
  let reached = 0;
  for (const right of data.right ?? data.left) {
    for (const { id, grade } of index.query(right.person, { limit: 100 })) {
      const left = byId.get(id);
      if (left !== undefined) pairs.push({ left, right, grade });
    }
    for (const id of index.neighbours(right.person)) {
      if (byId.get(id)?.entity === right.entity && isExpected(right, "possible") === true) reached += 1;
    }
    if (data.right === undefined) add(right);
  }
  return { pairs, reached: reached / countTrue(data, "possible") };
}

/** What a data set that says more than who is who wants: `possible_match` is neither a link nor an error above `possible`. */
function isExpected({ expected }: KnownRecord, grade: MatchGrade): boolean | undefined {
  if (expected === undefined || expected === "match") return true;
  if (expected === "possible_match") return grade === "possible" ? true : undefined;
  return false;
}

function figuresOf(data: LinkageData, linked: readonly Pair[], grade: MatchGrade): Figures {
  const judged = linked.filter(
    ({ left, right }) => left.entity !== right.entity || isExpected(right, grade) !== undefined,
  );
  const right = judged.filter((pair) => isTrue(pair, grade)).length;
  const precision = judged.length === 0 ? 1 : right / judged.length;
  const recall = right / countTrue(data, grade);
  const f1 = right === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision: round(precision), recall: round(recall), f1: round(f1), pairs: judged.length };
}

function isTrue({ left, right }: Pair, grade: MatchGrade): boolean {
  return left.entity === right.entity && isExpected(right, grade) === true;
}

function countTrue(data: LinkageData, grade: MatchGrade): number {
  const seen = new Map<string, number>();
  for (const { entity } of data.left) seen.set(entity, (seen.get(entity) ?? 0) + 1);
  if (data.right === undefined) return [...seen.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  return data.right
    .filter((record) => isExpected(record, grade) === true)
    .reduce((sum, { entity }) => sum + (seen.get(entity) ?? 0), 0);
}

const JOINS: { readonly [name: string]: (person: PersonRecord) => string | undefined } = {
  "exact join of name and birth date": ({ names: [name], birthDate }) => {
    const parts = [name?.family, name?.given?.join(" "), birthDate].map((text) => text?.trim().toLowerCase() ?? "");
    return parts.includes("") ? undefined : parts.join("|");
  },
  "exact join of the number": ({ identifiers = [] }) => identifiers[0]?.value || undefined,
};

function joinExactly(data: LinkageData, keyOf: (person: PersonRecord) => string | undefined): readonly Pair[] {
  const groups = new Map<string, KnownRecord[]>();
  const pairs: Pair[] = [];
  const put = (record: KnownRecord): void => {
    const key = keyOf(record.person);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), record]);
  };
  if (data.right !== undefined) for (const record of data.left) put(record);
  for (const right of data.right ?? data.left) {
    for (const left of groups.get(keyOf(right.person) ?? "") ?? []) pairs.push({ left, right, grade: "certain" });
    if (data.right === undefined) put(right);
  }
  return pairs;
}

/** What was linked and should not have been, and what was missed, for whoever works on the matcher. */
function reportErrors(data: LinkageData, pairs: readonly Pair[], matcher: Matcher): void {
  const graded = new Map(pairs.map((pair) => [`${pair.left.id}|${pair.right.id}`, pair]));
  for (const pair of pairs) {
    if (pair.grade !== "possible" && !isTrue(pair, "possible")) say({ wrong: pair.grade, ...explain(pair, matcher) });
  }
  const others = data.right ?? data.left;
  for (const [place, right] of others.entries()) {
    for (const left of data.right === undefined ? data.left.slice(0, place) : data.left) {
      if (left.entity !== right.entity || isExpected(right, "possible") !== true) continue;
      const found = graded.get(`${left.id}|${right.id}`)?.grade;
      if (found !== "certain" && found !== "probable")
        say({ missed: found ?? "not found", ...explain({ left, right }, matcher) });
    }
  }
}

function explain({ left, right }: Pick<Pair, "left" | "right">, matcher: Matcher): object {
  const { score, grade, reasons, fields } = matcher.compare(left.person, right.person);
  return {
    pair: [left.id, right.id],
    grade: MATCH_GRADES.find((one) => one === grade),
    score: round(score),
    reasons,
    fields: fields.map((each) => `${each.field} ${each.level} ${round(each.bits)}: ${each.left} / ${each.right}`),
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

if (values.people === undefined) {
  for (const data of readLinkageData(values.data)) measureData(data);
} else {
  for (const size of values.people.split(",")) say(measurePeople(Number(size)));
}
