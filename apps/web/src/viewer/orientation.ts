import type { PatientPoint } from "./viewport.ts";

/** Letters towards an end of the image: where a step in that direction goes in the patient (PS3.3 C.7.6.1.1.1; L, P and H grow). */
export function directionLetters(direction: PatientPoint): string {
  const length = Math.hypot(...direction);
  if (length === 0) return "";
  const letters: readonly (readonly [string, string])[] = [
    ["L", "R"],
    ["P", "A"],
    ["H", "F"],
  ];
  return direction
    .map((value, axis) => ({ value: value / length, letters: letters[axis] ?? ["", ""] }))
    .filter(({ value }) => Math.abs(value) > 0.25)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, 2)
    .map(({ value, letters: [grows, shrinks] }) => (value > 0 ? grows : shrinks))
    .join("");
}

/** The direction the other way round. */
export function opposite([x, y, z]: PatientPoint): PatientPoint {
  return [-x, -y, -z];
}
