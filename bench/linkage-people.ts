import {
  type Candidate,
  createMatcher,
  createPatientIndex,
  createSeededRandom,
  type PatientIndex,
  type PersonRecord,
} from "@caseroom/clinical/matching";
import { loadPerProcessor } from "./baselines.ts";
import { percentile } from "./latencies.ts";

const QUERIES = 2000;
const BATCH = 10_000;
const DAY = 86_400_000;
/** Hong Kong's commonest surnames by weight; a tenth of the people get one of 400 made-up rarer ones. */
const SURNAMES =
  "chan 98 wong 89 leung 54 cheung 50 lam 47 lee 45 ng 40 lau 34 cheng 28 ho 28 lai 25 yeung 23 chow 21 tang 20 yip 18 li 17 chung 15 tsang 15 kwok 14 lo 14 fung 12 siu 11 poon 10 mak 10 kwan 9 choi 9 tam 9 so 9 tse 8 hui 8 yu 8 chu 8 law 7 tsui 7 wu 7 liu 6 to 6 pang 5 shum 5 hung 5".split(
    " ",
  );
const SYLLABLES =
  "ka wai ming man chi kit ho hei yan wing ling mei fong wah kwok keung kin kwong hung tak tai tat sing kam kuen yuk yuet yee suk sau lai lan lin lok chun ching chung ping pui po san shan siu sze shun hoi hin ha him hiu hon hong heung hing kei kiu king kwan lik lun lung long nam nga ngai oi on sang suet sum ting to tung wan yat yau yiu ying yip yin yung cheuk cheung chiu choi chui fai fan fu".split(
    " ",
  );

/**
 * An index of so many synthetic people, and 2,000 questions about people in it and about strangers. One in six given names is one of 94
 * syllables, the rest two; nine in ten have a valid HKID in the index, half of them in the question.
 */
export function measurePeople(size: number): object {
  const random = createSeededRandom(size);
  globalThis.gc?.();
  const before = usedBytes();
  const index = createPatientIndex(createMatcher());
  const { kept, milliseconds, processor } = fill(index, size, random);
  globalThis.gc?.();
  const after = usedBytes();
  const answers = ask(index, kept, random);
  return {
    people: size,
    buildSeconds: round(milliseconds / 1000),
    microsecondsAPerson: round((milliseconds * 1000) / size),
    processorMicrosecondsAPerson: round((processor * 1000) / size),
    ...answers,
    megabytes: round((after - before) / 1e6),
    tableMegabytes: round(index.bytes() / 1e6),
    load: round(loadPerProcessor()),
  };
}

type Kept = readonly (readonly [id: string, person: PersonRecord])[];

/** Keeps only whom it will be asked about: a million source records would be measured with the index otherwise. */
function fill(
  index: PatientIndex,
  size: number,
  random: () => number,
): { kept: Kept; milliseconds: number; processor: number } {
  const asked = new Set(Array.from({ length: QUERIES }, (_, i) => Math.floor(((i + 0.5) * size) / QUERIES)));
  const kept: [string, PersonRecord][] = [];
  let milliseconds = 0;
  let processor = 0;
  for (let row = 0; row < size; ) {
    const some = Array.from({ length: Math.min(BATCH, size - row) }, () => makePerson(random));
    const start = performance.now();
    const usage = process.cpuUsage();
    for (const person of some) {
      index.add(String(row), person);
      if (asked.has(row)) kept.push([String(row), person]);
      row += 1;
    }
    milliseconds += performance.now() - start;
    processor += processorMs(usage);
  }
  return { kept, milliseconds, processor };
}

/** Four questions about people who are there, misspelt, and one about a stranger, in turns. */
function ask(index: PatientIndex, kept: Kept, random: () => number): object {
  const times: number[] = [];
  const counts = { known: 0, found: 0, foundFirst: 0, certain: 0, wrongCertain: 0, strangers: 0, strangerProbable: 0 };
  const timed = (question: PersonRecord): readonly Candidate[] => {
    const start = performance.now();
    const candidates = index.query(question);
    times.push(performance.now() - start);
    return candidates;
  };
  const usage = process.cpuUsage();
  const count = (is: boolean): number => (is ? 1 : 0);
  for (const [place, [id, person]] of kept.entries()) {
    if (place % 5 === 0) {
      const candidates = timed(makePerson(random));
      counts.strangers += 1;
      counts.wrongCertain += count(candidates.some(({ grade }) => grade === "certain"));
      counts.strangerProbable += count(candidates.some(({ grade }) => grade === "probable"));
      continue;
    }
    const candidates = timed(misspell(person, random));
    const found = candidates.find((one) => one.id === id);
    counts.known += 1;
    counts.found += count(found !== undefined);
    counts.foundFirst += count(candidates[0]?.id === id);
    counts.certain += count(found?.grade === "certain");
    counts.wrongCertain += count(candidates.some((one) => one.id !== id && one.grade === "certain"));
  }
  return { queryMs: quantiles(times), queryProcessorMs: round(processorMs(usage) / kept.length), ...counts };
}

/** Of all threads, the collector's included: what the work costs when others use the machine as well. */
function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function quantiles(samples: readonly number[]): object {
  return {
    p50: round(percentile(samples, 0.5)),
    p99: round(percentile(samples, 0.99)),
    max: round(Math.max(...samples)),
  };
}

function makePerson(random: () => number): PersonRecord {
  const given = [pick(SYLLABLES, random), pick(SYLLABLES, random)].slice(0, random() < 1 / 6 ? 1 : 2);
  const born = new Date(Date.UTC(1930, 0, 1) + Math.floor(random() * 90 * 365.25) * DAY);
  return {
    names: [{ family: pickSurname(random), given }],
    birthDate: born.toISOString().slice(0, 10),
    sex: random() < 0.5 ? "female" : "male",
    identifiers: random() < 0.9 ? [{ system: "HKID", value: makeHkid(random) }] : [],
    addresses: [
      {
        number: `${1 + Math.floor(random() * 40)}${pick(["a", "b", "c", "d", "e", "f", "g", "h"], random)}`,
        street: `${pick(SYLLABLES, random)} ${pick(SYLLABLES, random)} street`,
        building: `${pick(SYLLABLES, random)} ${pick(SYLLABLES, random)} house`,
        locality: `district ${Math.floor(random() * 18)}`,
      },
    ],
    phones: random() < 0.8 ? [String(50_000_000 + Math.floor(random() * 49_999_999))] : [],
  };
}

/** Half without the HKID; then one or two of: a slip in the name, day and month exchanged, moved, another phone, order exchanged. */
function misspell(person: PersonRecord, random: () => number): PersonRecord {
  let changed: PersonRecord = random() < 0.5 ? person : { ...person, identifiers: [] };
  for (let change = random() < 0.5 ? 1 : 2; change > 0; change -= 1) changed = pick(CHANGES, random)(changed, random);
  return changed;
}

const CHANGES: readonly ((person: PersonRecord, random: () => number) => PersonRecord)[] = [
  (person, random) => {
    const [name] = person.names;
    const text = name?.given?.join(" ") ?? "";
    const place = Math.floor(random() * text.length);
    return { ...person, names: [{ ...name, given: [text.slice(0, place) + text.slice(place + 1)] }] };
  },
  (person) => {
    const [year, month, day] = (person.birthDate ?? "").split("-");
    return Number(day) <= 12 ? { ...person, birthDate: `${year}-${day}-${month}` } : person;
  },
  (person, random) => ({ ...person, addresses: makePerson(random).addresses ?? [] }),
  (person, random) => ({ ...person, phones: makePerson(random).phones ?? [] }),
  (person) => {
    const [name] = person.names;
    return { ...person, names: [{ family: name?.given?.join(" ") ?? "", given: [name?.family ?? ""] }] };
  },
];

function pickSurname(random: () => number): string {
  let place = random() * 1000;
  for (let i = 0; i < SURNAMES.length; i += 2) {
    place -= Number(SURNAMES[i + 1]);
    if (place < 0) return SURNAMES[i] ?? "";
  }
  return `${pick(SYLLABLES, random)}${pick(["son", "ton", "ley", "man", "berg"], random)}`;
}

function makeHkid(random: () => number): string {
  const letter = String.fromCharCode(65 + Math.floor(random() * 26));
  const digits = String(Math.floor(random() * 1_000_000)).padStart(6, "0");
  const sum = [...` ${letter}${digits}`].reduce(
    (total, character, place) => total + (9 - place) * (character === " " ? 36 : Number.parseInt(character, 36)),
    0,
  );
  const check = (11 - (sum % 11)) % 11;
  return `${letter}${digits}(${check === 10 ? "A" : check})`;
}

function pick<T>(values: readonly T[], random: () => number): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
