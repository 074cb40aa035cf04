/** A Hong Kong identity card number: one or two letters, six digits, a check digit, often in brackets. */
const HKID = /^([A-Z]{1,2})([0-9]{6})\(?([0-9A])\)?$/;
const WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2];
const SPACE_VALUE = 36;

/** The one written form, `A123456(3)`; `undefined` when the text does not have the shape. The check digit is not looked at. */
export function normaliseHkid(text: string): string | undefined {
  const match = HKID.exec(text.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase());
  return match === null ? undefined : `${match[1]}${match[2]}(${match[3]})`;
}

/**
 * Whether the check digit holds: Σ(value × weight 9…2) mod 11 over the eight characters, a single letter padded with a
 * space (=36), A=10 … Z=35; remainder 0 is "0", 1 is "A", else 11 − remainder. It proves careful typing, not identity.
 */
export function checkHkid(text: string): "valid" | "invalid" | "not-an-hkid" {
  const match = HKID.exec(normaliseHkid(text) ?? "");
  if (match === null) return "not-an-hkid";
  const body = `${match[1]}${match[2]}`.padStart(8, " ");
  const remainder = WEIGHTS.reduce((sum, weight, index) => sum + weight * characterValue(body.charAt(index)), 0) % 11;
  return match[3] === checkCharacter(remainder) ? "valid" : "invalid";
}

function characterValue(character: string): number {
  return character === " " ? SPACE_VALUE : Number.parseInt(character, 36);
}

function checkCharacter(remainder: number): string {
  if (remainder === 0) return "0";
  return remainder === 1 ? "A" : String(11 - remainder);
}
