/**
 * HbA1c in both of its units. The NGSP/IFCC master equation is NGSP % = 0.09148 × IFCC (mmol/mol) + 2.152
 * (NGSP, "IFCC Standardization of HbA1c"; ifcchba1c.org). HbA1c is never a concentration in mg/dL or mmol/L.
 */
export type Hba1c = { readonly ngspPercent: number; readonly ifccMmolMol: number };

const SLOPE = 0.09148;
const INTERCEPT = 2.152;

/** Haemoglobin A1c/haemoglobin.total in blood: (any method), HPLC, IFCC protocol. */
const NGSP_CODES = new Set(["4548-4", "17856-6"]);
const IFCC_CODE = "59261-8";

/** Below and above these NGSP percentages no living patient's result is believed; it is shown and flagged, never dropped. */
const LEAST_PLAUSIBLE_PERCENT = 3;
const GREATEST_PLAUSIBLE_PERCENT = 20;

/** NGSP % of an IFCC value in mmol/mol, not rounded. */
export function ifccToNgsp(mmolMol: number): number {
  return SLOPE * mmolMol + INTERCEPT;
}

/** IFCC mmol/mol of an NGSP percentage, not rounded. */
export function ngspToIfcc(percent: number): number {
  return (percent - INTERCEPT) / SLOPE;
}

/** Whether the LOINC code is one of HbA1c in either unit. */
export function isHba1cCode(loinc: string): boolean {
  return NGSP_CODES.has(loinc) || loinc === IFCC_CODE;
}

/**
 * Both units of a result; the unit it was reported in stays exact, the other is rounded as laboratories report it (one
 * decimal of a percent, whole mmol/mol). The written unit decides, and the code only where no unit was written.
 * `undefined` for any other unit: such a number is not an HbA1c that can be converted.
 */
export function readHba1c(loinc: string, value: number, unit: string | undefined): Hba1c | undefined {
  const scale = hba1cScale(loinc, unit);
  if (scale === "ngsp") return { ngspPercent: value, ifccMmolMol: Math.round(ngspToIfcc(value)) };
  if (scale === "ifcc") return { ngspPercent: Math.round(ifccToNgsp(value) * 10) / 10, ifccMmolMol: value };
  return undefined;
}

/** Whether the number can be a patient's: an IFCC number under a percent sign (52 %) cannot. */
export function isPlausibleHba1c(result: Hba1c): boolean {
  return result.ngspPercent >= LEAST_PLAUSIBLE_PERCENT && result.ngspPercent <= GREATEST_PLAUSIBLE_PERCENT;
}

function hba1cScale(loinc: string, unit: string | undefined): "ngsp" | "ifcc" | undefined {
  switch (unit?.replace(/\s+/g, "").toLowerCase()) {
    case undefined:
    case "":
      return loinc === IFCC_CODE ? "ifcc" : "ngsp";
    case "%":
    case "percent":
    case "%{ngsp}":
    case "%(ngsp)":
    case "%{hb}":
    case "%hb":
      return "ngsp";
    case "mmol/mol":
    case "mmol/mol{hb}":
    case "mmol/molhb":
      return "ifcc";
    default:
      return undefined;
  }
}
