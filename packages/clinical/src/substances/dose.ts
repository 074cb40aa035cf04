import { type FhirObject, type FhirResource, numberOf, objectOf, objectsOf, textOf } from "../fhir-value.ts";
import type { MedicationName } from "./medication-name.ts";

/** How much is taken, as far as it was written in a way that can be compared. */
export type Dose = { readonly perDay: number; readonly unit: string };

/** Times a day by the words of prescriptions. */
const TIMES: readonly (readonly [string, number])[] = [
  ["four times (?:a day|daily)|qid|qds", 4],
  ["three times (?:a day|daily)|tid|tds", 3],
  ["twice (?:a day|daily)|two times (?:a day|daily)|bid|bd", 2],
  [
    "once (?:a day|daily)|every day|daily|od|qd|nocte|(?:once )?at night|at bedtime|(?:once )?(?:in the|every) morning|mane",
    1,
  ],
];
const AMOUNT = "(?<count>\\d+(?:\\.\\d+)?|half|one|two) ?(?:a )?(?<unit>tablets?|tabs?|capsules?|caps?|mg|g|mcg)";
const AROUND = "(?: (?:by mouth|orally|po))?";
const WHEN = "(?: (?:with|after|before) (?:meals?|food|breakfast|dinner))?";
/** Only a whole instruction is understood: a word more (`alternate`, `then`, `if`) makes it another one. */
const INSTRUCTIONS = TIMES.map(
  ([words, times]) =>
    [new RegExp(`^(?:take |give )?${AMOUNT}${AROUND} (?:${words})${AROUND}${WHEN}\\.?$`), times] as const,
);
const DAYS_BY_UNIT = new Map([
  ["h", 1 / 24],
  ["d", 1],
  ["wk", 7],
]);
const NUMBER_BY_WORD = new Map([
  ["half", 0.5],
  ["one", 1],
  ["two", 2],
]);

/**
 * The amount a day in mg. `undefined` as soon as anything is not certain: several instructions, as needed, words that are
 * not understood, tablets of an unknown strength. Such doses are shown and never compared.
 */
export function readDose(resource: FhirResource, name: MedicationName | undefined): Dose | undefined {
  const instructions = objectsOf(resource.dosageInstruction ?? resource.dosage);
  const [instruction] = instructions;
  if (instruction === undefined || instructions.length > 1 || isUncertain(instruction)) return undefined;
  const strength = strengthMg(name);
  const perDay = structuredPerDay(instruction, strength) ?? wordedPerDay(textOf(instruction.text), strength);
  return perDay === undefined ? undefined : { perDay, unit: "mg" };
}

const AS_NEEDED = ["asNeededCodeableConcept", "asNeededFor", "maxDosePerPeriod", "additionalInstruction"];
/** Not every day, or not always so often: methotrexate on Mondays is not methotrexate daily. */
const VARYING = ["dayOfWeek", "frequencyMax", "periodMax", "count", "countMax"];

function isUncertain(instruction: FhirObject): boolean {
  const timing = objectOf(instruction.timing);
  const repeat = objectOf(timing?.repeat);
  return (
    instruction.asNeededBoolean === true ||
    AS_NEEDED.some((name) => instruction[name] !== undefined) ||
    VARYING.some((name) => repeat?.[name] !== undefined) ||
    timing?.event !== undefined ||
    objectsOf(instruction.doseAndRate).length > 1
  );
}

function strengthMg(name: MedicationName | undefined): number | undefined {
  const [strength] = name?.strengths ?? [];
  const match = /^(\d+(?:\.\d+)?) mg$/.exec(strength ?? "");
  return name?.strengths.length === 1 && match !== null ? Number(match[1]) : undefined;
}

function structuredPerDay(instruction: FhirObject, strength: number | undefined): number | undefined {
  const quantity = objectOf(objectsOf(instruction.doseAndRate)[0]?.doseQuantity);
  const value = numberOf(quantity?.value);
  const times = structuredTimes(instruction);
  if (value === undefined || times === undefined) return undefined;
  const unit = (textOf(quantity?.code) ?? textOf(quantity?.unit) ?? "").toLowerCase();
  const amount = inMilligrams(value, unit, strength);
  return amount === undefined ? undefined : amount * times;
}

function wordedPerDay(text: string | undefined, strength: number | undefined): number | undefined {
  for (const [pattern, times] of INSTRUCTIONS) {
    const said = pattern.exec(text?.toLowerCase().replace(/\s+/g, " ") ?? "")?.groups;
    if (said === undefined) continue;
    const count = NUMBER_BY_WORD.get(said.count ?? "") ?? Number(said.count);
    const amount = inMilligrams(count, said.unit ?? "", strength);
    return amount === undefined ? undefined : amount * times;
  }
  return undefined;
}

function inMilligrams(value: number, unit: string, strength: number | undefined): number | undefined {
  switch (unit) {
    case "mg":
      return value;
    case "g":
      return value * 1_000;
    case "ug":
    case "mcg":
      return value / 1_000;
    case "tablet":
    case "tablets":
    case "tab":
    case "tabs":
    case "{tbl}":
    case "capsule":
    case "capsules":
    case "cap":
    case "caps":
      return strength === undefined ? undefined : value * strength;
    default:
      return undefined;
  }
}

function structuredTimes(instruction: FhirObject): number | undefined {
  const repeat = objectOf(objectOf(instruction.timing)?.repeat);
  const frequency = numberOf(repeat?.frequency);
  const period = numberOf(repeat?.period) ?? 1;
  const days = DAYS_BY_UNIT.get(textOf(repeat?.periodUnit) ?? "");
  if (frequency === undefined || days === undefined || period <= 0) return undefined;
  return frequency / (period * days);
}
