/** The questions of a new case, in the order in which they are asked. */
export const STEPS = ["patient", "name", "team", "review"] as const;
export type Step = (typeof STEPS)[number];
