import type { ErrorCode, ImportLine } from "@caseroom/contract";

export type WhyOdd = "unreadable" | "unsupported" | "incomplete" | "mismatch" | "conflict" | "tooLarge" | "other";

const WHY: Partial<Record<ErrorCode, WhyOdd>> = {
  SOURCE_UNREADABLE: "unreadable",
  SOURCE_UNSUPPORTED: "unsupported",
  SOURCE_INCOMPLETE: "incomplete",
  PATIENT_MISMATCH: "mismatch",
  DUPLICATE: "conflict",
  TOO_LARGE: "tooLarge",
};

/** Which words say why a file, or a part of it, did not come in; `undefined` when all of it did. */
export function whyOdd({ status, code }: ImportLine): WhyOdd | undefined {
  if (code !== undefined) return WHY[code] ?? "other";
  return status === "read" ? undefined : "other";
}
