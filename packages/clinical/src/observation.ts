import {
  codingsOf,
  conceptCode,
  conceptKey,
  conceptTitle,
  type FhirObject,
  LOINC,
  numberOf,
  objectOf,
  objectsOf,
  textOf,
} from "./fhir-value.ts";
import type { Fragment } from "./fragment.ts";
import { type Hba1c, isHba1cCode, isPlausibleHba1c, readHba1c } from "./hba1c.ts";
import { sliceJson } from "./json-text.ts";
import type { Flag } from "./picture.ts";
import { type Analyte, analyteOf, isImplausible, type Quantity, quantityIn, readQuantity } from "./units/analyte.ts";
import { readUnit, type Unit } from "./units/unit.ts";

/** One value of an observation or of one of its components, before it has a place in time and sources. */
export type Measurement = {
  /** `system|code`, of an analyte its first LOINC code, or `hba1c`. */
  readonly seriesBase: string;
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly unit: string | undefined;
  /** The unit of the table that the source means. */
  readonly measure: Unit | undefined;
  /** In base units, as far as the unit is known: what two sources that write other units can be compared by. */
  readonly quantity: Quantity | undefined;
  readonly analyte: Analyte | undefined;
  /** Numbers with the same key can stand on one line. */
  readonly lineKey: string;
  readonly flag: Flag | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly hba1c: Hba1c | undefined;
};

const COMPARATORS = new Set(["<", "<=", ">=", ">"]);

/** The numbers of an Observation: its own value, then each component's (a blood pressure has two). */
export function readMeasurements(fragment: Fragment): readonly Measurement[] {
  const { resource } = fragment;
  const own = readMeasurement(resource, fragment.json, []);
  const parts = objectsOf(resource.component).flatMap((component, index) =>
    readMeasurement(component, fragment.json, ["component", index]),
  );
  return [...own, ...parts];
}

/** What a person reads as the result: numbers with unit and range, or words. */
export function resultText(resource: FhirObject, measurements: readonly Measurement[]): string | undefined {
  const [first] = measurements;
  if (measurements.length > 1) return measurements.map((part) => `${part.name} ${withUnit(part)}`).join(", ");
  if (first !== undefined) return withUnit(first) + rangeText(first);
  return nonNumericValue(resource);
}

/** A value that is not a number, as words. */
export function nonNumericValue(resource: FhirObject): string | undefined {
  const boolean = resource.valueBoolean;
  return (
    textOf(resource.valueString) ??
    conceptTitle(resource.valueCodeableConcept) ??
    textOf(resource.valueDateTime) ??
    textOf(resource.valueTime) ??
    (typeof boolean === "boolean" ? (boolean ? "yes" : "no") : undefined) ??
    ratioText(objectOf(resource.valueRatio)) ??
    rangeValueText(objectOf(resource.valueRange))
  );
}

function readMeasurement(part: FhirObject, json: string, path: readonly (string | number)[]): Measurement[] {
  const written = objectOf(part.valueQuantity);
  const value = numberOf(written?.value) ?? numberOf(part.valueInteger);
  const seriesBase = conceptKey(part.code);
  if (value === undefined || seriesBase === undefined) return [];
  const valuePath = written === undefined ? ["valueInteger"] : ["valueQuantity", "value"];
  const digits = digitsOf(value, json, [...path, ...valuePath]);
  const comparator = textOf(written?.comparator) ?? "";
  const unitCode = textOf(written?.code);
  const unit = textOf(written?.unit) ?? unitCode;
  const analyte = analyteIn(part.code);
  const measure = measureOf(unitCode, unit);
  const quantity = measure === undefined ? undefined : readQuantity(value, measure, analyte);
  const hba1c = hba1cOf(part, value, unitCode ?? unit);
  const range = referenceRange(part, { measure, written: unitCode ?? unit, analyte });
  const isUnbelievable = hba1c === undefined ? isImplausible(value, measure, analyte) : !isPlausibleHba1c(hba1c);
  return [
    {
      ...(hba1c === undefined ? lineOf(part, seriesBase, analyte) : HBA1C_LINE),
      value,
      text: (COMPARATORS.has(comparator) ? comparator : "") + digits,
      unit,
      measure,
      quantity,
      analyte,
      lineKey: quantity?.dimension ?? `unit ${unit ?? ""}`,
      flag: isUnbelievable ? "implausible" : flagOf(part, value, range),
      low: range.low,
      high: range.high,
      hba1c,
    },
  ];
}

/** A number that JavaScript writes otherwise than its source did: `6.50`, `1E3`, more digits than it keeps. */
const REWRITTEN = /(?:"\s*:|[[,])\s*-?(?:\d+\.\d*0(?!\d)|\d+(?:\.\d+)?[eE]|\d{16}|0(?![.\d])(?<=-0))/;

function digitsOf(value: number, json: string, path: readonly (string | number)[]): string {
  if (!REWRITTEN.test(json)) return String(value);
  const slice = sliceJson(json, path);
  return slice !== undefined && Number(slice) === value ? slice : String(value);
}

type Line = Pick<Measurement, "seriesBase" | "name">;
const HBA1C_LINE: Line = { seriesBase: "hba1c", name: "HbA1c" };

function lineOf(part: FhirObject, codeKey: string, analyte: Analyte | undefined): Line {
  const seriesBase = analyte === undefined ? codeKey : `${LOINC}|${analyte.loinc[0]}`;
  return { seriesBase, name: conceptTitle(part.code) ?? codeKey };
}

function hba1cOf(part: FhirObject, value: number, unit: string | undefined): Hba1c | undefined {
  const loinc = codingsOf(part.code).find((coding) => coding.system === LOINC && isHba1cCode(coding.code));
  return loinc === undefined ? undefined : readHba1c(loinc.code, value, unit);
}

function analyteIn(concept: unknown): Analyte | undefined {
  const loinc = codingsOf(concept).find(({ system }) => system === LOINC);
  return loinc === undefined ? undefined : analyteOf(loinc.code);
}

/** The code counts before the words; words count where the code is none that is known. */
function measureOf(code: string | undefined, words: string | undefined): Unit | undefined {
  return (code === undefined ? undefined : readUnit(code)) ?? (words === undefined ? undefined : readUnit(words));
}

type Measured = {
  readonly measure: Unit | undefined;
  readonly written: string | undefined;
  readonly analyte: Analyte | undefined;
};
type Range = { readonly low: number | undefined; readonly high: number | undefined };

/** The normal range in the unit of the value; a range in a unit that does not become it is no help and is left out. */
function referenceRange(part: FhirObject, measured: Measured): Range {
  const normal = objectsOf(part.referenceRange).find((range) => {
    const kind = conceptCode(range.type);
    return kind === undefined || kind === "normal";
  });
  return { low: limitOf(normal?.low, measured), high: limitOf(normal?.high, measured) };
}

function limitOf(limit: unknown, { measure, written, analyte }: Measured): number | undefined {
  const quantity = objectOf(limit);
  const value = numberOf(quantity?.value);
  const [code, words] = [textOf(quantity?.code), textOf(quantity?.unit)];
  const unit = code ?? words;
  if (value === undefined || unit === undefined || unit === written) return value;
  const own = measureOf(code, words);
  if (own === undefined || measure === undefined) return undefined;
  return own.code === measure.code ? value : quantityIn(readQuantity(value, own, analyte), measure, analyte);
}

/** HL7 table 0078 / v3 ObservationInterpretation: what the laboratory says counts before what the range would say. */
const FLAG_BY_INTERPRETATION = new Map<string, Flag | "none">([
  ["HH", "critical"],
  ["LL", "critical"],
  ["AA", "critical"],
  ["H", "high"],
  ["HU", "high"],
  [">", "high"],
  ["L", "low"],
  ["LU", "low"],
  ["<", "low"],
  ["N", "none"],
]);

function flagOf(part: FhirObject, value: number, range: Range): Flag | undefined {
  const said = objectsOf(part.interpretation)
    .flatMap((concept) => codingsOf(concept).map((coding) => FLAG_BY_INTERPRETATION.get(coding.code)))
    .filter((flag) => flag !== undefined);
  if (said.includes("critical")) return "critical";
  const [first] = said;
  if (first !== undefined) return first === "none" ? undefined : first;
  if (range.high !== undefined && value > range.high) return "high";
  return range.low !== undefined && value < range.low ? "low" : undefined;
}

function withUnit(part: Measurement): string {
  return part.unit === undefined ? part.text : `${part.text} ${part.unit}`;
}

function rangeText(part: Measurement): string {
  if (part.low !== undefined && part.high !== undefined) return ` (${part.low}–${part.high})`;
  if (part.high !== undefined) return ` (≤ ${part.high})`;
  return part.low === undefined ? "" : ` (≥ ${part.low})`;
}

function quantityText(quantity: FhirObject | undefined): string | undefined {
  const value = numberOf(quantity?.value);
  if (value === undefined) return undefined;
  const unit = textOf(quantity?.unit) ?? textOf(quantity?.code);
  return unit === undefined ? String(value) : `${value} ${unit}`;
}

function ratioText(ratio: FhirObject | undefined): string | undefined {
  const above = quantityText(objectOf(ratio?.numerator));
  const below = quantityText(objectOf(ratio?.denominator));
  return above === undefined || below === undefined ? undefined : `${above}:${below}`;
}

function rangeValueText(range: FhirObject | undefined): string | undefined {
  const low = quantityText(objectOf(range?.low));
  const high = quantityText(objectOf(range?.high));
  return low === undefined && high === undefined ? undefined : `${low ?? ""}–${high ?? ""}`;
}
