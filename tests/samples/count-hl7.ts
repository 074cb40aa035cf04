import type { Category } from "./clinical-counts.ts";
import { add, type Counts, NOTHING } from "./clinical-counts.ts";
import type { DifferenceReason } from "./difference-reason.ts";

/** What a source has of everything, and what of it is no statement of its own. */
export type SourceCount = {
  readonly counts: Counts;
  readonly except: readonly { readonly category: Category; readonly reason: DifferenceReason }[];
};

type Line = { readonly name: string; readonly field: (n: number) => string };

type Found = readonly [category: Category, reason: DifferenceReason | undefined];

/** Counts segments by splitting lines at their separators: shares nothing with the reader. One message. */
export function countHl7(text: string): SourceCount {
  const at = text.search(/MSH[^A-Za-z0-9\s]/);
  const separator = text.charAt(at + 3);
  const lines: Line[] = text
    .slice(at)
    .split(/[\r\n]+/)
    .map((line) => line.trim().split(separator))
    .map((parts) => ({ name: parts[0] ?? "", field: (n) => parts[n] ?? "" }));
  const type = (lines[0]?.field(8) ?? "").slice(0, 3);
  const isDocument = type === "MDM" && lines.some(({ name }) => name === "TXA" || name === "OBX");
  const found = [
    ...lines.flatMap((_line, i) => countLine(lines, i, type)),
    ...(isDocument ? [["documents", undefined] as const] : []),
  ];
  return {
    counts: found.reduce((counts, [category]) => add(counts, { ...NOTHING, [category]: 1 }), NOTHING),
    except: found.flatMap(([category, reason]) => (reason === undefined ? [] : [{ category, reason }])),
  };
}

function countLine(lines: readonly Line[], at: number, type: string): readonly Found[] {
  const line = lines[at];
  switch (line?.name) {
    case "AL1":
    case "IAM":
      return [["allergies", unlessSaid(line, 3)]];
    case "DG1":
      return [["problems", unlessSaid(line, 3, 4)]];
    case "PR1":
      return [["procedures", unlessSaid(line, 3, 4)]];
    case "RXA":
      return type === "VXU" ? [["immunizations", vaccineReason(line)]] : [];
    case "RXO":
      return [["medications", isEncodedLater(lines, at) ? "step" : unlessSaid(line, 1)]];
    case "RXE":
    case "RXD":
      return [["medications", unlessSaid(line, 2)]];
    case "OBX": {
      const result: Found = ["results", resultReason(lines, at, type)];
      return isFile(line) && type !== "MDM" ? [result, ["documents", undefined]] : [result];
    }
    default:
      return [];
  }
}

function unlessSaid(line: Line, ...fields: readonly number[]): DifferenceReason | undefined {
  return fields.some((field) => says(line, field)) ? undefined : "unnamed";
}

function says(line: Line, field: number): boolean {
  return line.field(field).replace(/["^~&\s]/g, "") !== "";
}

function vaccineReason(line: Line): DifferenceReason | undefined {
  if (!says(line, 5)) return "unnamed";
  return line.field(5).startsWith("998") ? "placeholder" : undefined;
}

/** The same order once more, encoded by the pharmacy: an RXE with a drug before the next ORC or RXO. */
function isEncodedLater(lines: readonly Line[], at: number): boolean {
  for (const line of lines.slice(at + 1)) {
    if (line.name === "ORC" || line.name === "RXO") return false;
    if (line.name === "RXE") return says(line, 2);
  }
  return false;
}

function resultReason(lines: readonly Line[], at: number, type: string): DifferenceReason | undefined {
  const line = lines[at];
  if (line === undefined) return undefined;
  if (type === "VXU" || type === "SIU") return "attribute";
  if (type === "MDM") return "document-text";
  if (!says(line, 3) && !says(line, 5)) return "empty-line";
  if (isFile(line)) return "file";
  const before = lines[at - 1];
  if (
    before?.name === "OBX" &&
    isText(line) &&
    isText(before) &&
    [3, 4, 11].every((n) => before.field(n) === line.field(n))
  )
    return "line-of-text";
  const isResultMessage = type === "ORU" || type === "OUL";
  const hasNote = lines[at + 1]?.name === "NTE" && says(lines[at + 1] ?? line, 3);
  return !isResultMessage && !says(line, 5) && !hasNote ? "no-value" : undefined;
}

function isText(line: Line): boolean {
  return line.field(2) === "TX" || line.field(2) === "FT";
}

function isFile(line: Line): boolean {
  return line.name === "OBX" && line.field(2) === "ED" && /[^^]{4,}$/.test(line.field(5).split("~")[0] ?? "");
}
