import table from "./analytes.json" with { type: "json" };
import { fromBase, readUnit, toBase, type Unit } from "./unit.ts";

/**
 * What a laboratory measures, under every LOINC code that differs only in mass against moles. Where no `molarMass` is
 * known, the two never meet; nor do plasma and whole blood, or two methods that LOINC tells apart.
 */
export type Analyte = {
  readonly key: string;
  readonly name: string;
  readonly loinc: readonly string[];
  /** UCUM: the unit of a series whose sources use several. */
  readonly unit: string;
  /** g/mol. */
  readonly molarMass?: number;
  /** Of an ion that is also reported in equivalents. */
  readonly valence?: number;
  /** An enzyme, for which laboratories write IU for U. */
  readonly enzyme?: boolean;
  /** In `unit`: outside of it no number is believed. It is shown and flagged, never dropped. */
  readonly plausible?: readonly number[];
};

const analyteByLoinc = new Map<string, Analyte>(
  table.flatMap((analyte: Analyte) => analyte.loinc.map((code) => [code, analyte])),
);

/** The analyte of a LOINC code that the table has. */
export function analyteOf(loinc: string): Analyte | undefined {
  return analyteByLoinc.get(loinc);
}

const MASS = "L-3 M1";
const MOLES = "L-3 mol1";
const EQUIVALENTS = "L-3 eq1";
const CATALYTIC = "L-3 T-1 mol1";
const ARBITRARY = "L-3 [IU]";
/** 1 U = 1 µmol/min, in the base units of both dimensions. */
const CATALYTIC_OF_ARBITRARY = (1e-6 / 60) * 1;

/** A number in the one dimension in which all results of an analyte can be compared. */
export type Quantity = { readonly dimension: string; readonly base: number };

/** The quantity of a result. Mass becomes moles, equivalents become moles and IU become U only where the analyte allows it. */
export function readQuantity(value: number, unit: Unit, analyte: Analyte | undefined): Quantity {
  const scale = scaleOf(unit.dimension, analyte);
  return { dimension: scale.dimension, base: toBase(value, unit) * scale.factor };
}

/** The number that a quantity has in a unit; `undefined` when the unit does not measure it. */
export function quantityIn(
  { dimension, base }: Quantity,
  unit: Unit,
  analyte: Analyte | undefined,
): number | undefined {
  const scale = scaleOf(unit.dimension, analyte);
  return scale.dimension === dimension ? fromBase(base / scale.factor, unit) : undefined;
}

/** Whether no living patient has this value. `false` where the table has no limits or the unit is not known. */
export function isImplausible(value: number, unit: Unit | undefined, analyte: Analyte | undefined): boolean {
  const [low, high] = analyte?.plausible ?? [];
  const commonUnit = analyte === undefined ? undefined : readUnit(analyte.unit);
  if (low === undefined || high === undefined || unit === undefined || commonUnit === undefined) return false;
  const common = quantityIn(readQuantity(value, unit, analyte), commonUnit, analyte);
  return common !== undefined && (common < low || common > high);
}

function scaleOf(
  dimension: string,
  analyte: Analyte | undefined,
): { readonly dimension: string; readonly factor: number } {
  if (dimension === MASS && analyte?.molarMass !== undefined)
    return { dimension: MOLES, factor: 1 / analyte.molarMass };
  if (dimension === EQUIVALENTS && analyte?.valence !== undefined)
    return { dimension: MOLES, factor: 1 / analyte.valence };
  if (dimension === ARBITRARY && analyte?.enzyme === true)
    return { dimension: CATALYTIC, factor: CATALYTIC_OF_ARBITRARY };
  return { dimension, factor: 1 };
}
