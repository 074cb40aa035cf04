import table from "./units.json" with { type: "json" };

/** A unit of the table. Two units of one dimension measure the same kind of quantity; `factor` is its size in base units. */
export type Unit = {
  /** UCUM, case-sensitive. */
  readonly code: string;
  readonly dimension: string;
  readonly factor: number;
  /** What the unit's zero lies above the base unit's, in this unit: temperatures only. */
  readonly zero?: number;
};

const unitByCode = new Map<string, Unit>(table.map((unit) => [unit.code, unit]));
/** A spelling in other capitals counts only where no two units differ by nothing else (`mmol/L`, and no `Mmol/L`). */
const unitByFolded = Map.groupBy(table, ({ code }) => code.toLowerCase());

/** How sources write units that are not UCUM. Only what means one thing; `cells`, `mg` without a volume and the like do not. */
const CODE_BY_SPELLING = new Map([
  ["mmhg", "mm[Hg]"],
  ["percent", "%"],
  ["°c", "Cel"],
  ["degc", "Cel"],
  ["deg c", "Cel"],
  ["c", "Cel"],
  ["°f", "[degF]"],
  ["degf", "[degF]"],
  ["deg f", "[degF]"],
  ["f", "[degF]"],
  ["lb", "[lb_av]"],
  ["lbs", "[lb_av]"],
  ["in", "[in_i]"],
  ["inches", "[in_i]"],
  ["bpm", "/min"],
  ["beats/min", "/min"],
  ["beats/minute", "/min"],
  ["{beats}/min", "/min"],
  ["breaths/min", "/min"],
  ["{breaths}/min", "/min"],
  ["kg/m^2", "kg/m2"],
  ["kg/m²", "kg/m2"],
  ["ml/min/1.73m2", "mL/min/{1.73_m2}"],
  ["ml/min/1.73 m2", "mL/min/{1.73_m2}"],
  ["ml/min/1.73m^2", "mL/min/{1.73_m2}"],
  ["ml/min/1.73m²", "mL/min/{1.73_m2}"],
  ["ml/min/1.73 m²", "mL/min/{1.73_m2}"],
  ["ml/min/{1.73m2}", "mL/min/{1.73_m2}"],
  ["10^9/l", "10*9/L"],
  ["x10^9/l", "10*9/L"],
  ["x 10^9/l", "10*9/L"],
  ["10e9/l", "10*9/L"],
  ["x10e9/l", "10*9/L"],
  ["10e3/ul", "10*3/uL"],
  ["10^3/ul", "10*3/uL"],
  ["x10^3/ul", "10*3/uL"],
  ["x10e3/ul", "10*3/uL"],
  ["k/ul", "10*3/uL"],
  ["thou/ul", "10*3/uL"],
  ["10^12/l", "10*12/L"],
  ["x10^12/l", "10*12/L"],
  ["10e12/l", "10*12/L"],
  ["10e6/ul", "10*6/uL"],
  ["10^6/ul", "10*6/uL"],
  ["x10^6/ul", "10*6/uL"],
  ["m/ul", "10*6/uL"],
  ["mcg/l", "ug/L"],
  ["mcg/dl", "ug/dL"],
  ["mcg/ml", "ug/mL"],
  ["iu/l", "[IU]/L"],
  ["iu/ml", "[IU]/mL"],
  ["miu/l", "m[IU]/L"],
  ["miu/ml", "m[IU]/mL"],
  ["uiu/ml", "u[IU]/mL"],
  ["gm/dl", "g/dL"],
  ["sec", "s"],
  ["secs", "s"],
  ["seconds", "s"],
  ["inr", "{INR}"],
  ["mm/hr", "mm/h"],
  ["mg/24h", "mg/(24.h)"],
  ["mosm/kg h2o", "mosm/kg"],
]);

/** The unit that a source means, by UCUM code or by a common spelling; `undefined` for any other text, and for none. */
export function readUnit(written: string): Unit | undefined {
  const exact = unitByCode.get(written);
  if (exact !== undefined) return exact;
  const folded = written.trim().replace(/[µμ]/g, "u").toLowerCase();
  const spelled = CODE_BY_SPELLING.get(folded);
  if (spelled !== undefined) return unitByCode.get(spelled);
  const [first, ...others] = unitByFolded.get(folded) ?? [];
  return others.length === 0 ? first : undefined;
}

/** The value in base units of its dimension. */
export function toBase(value: number, { factor, zero = 0 }: Unit): number {
  return (value + zero) * factor;
}

/** The value of a quantity in base units, in the unit. */
export function fromBase(base: number, { factor, zero = 0 }: Unit): number {
  return base / factor - zero;
}
