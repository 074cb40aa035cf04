import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { readIdentifier, type WrittenCharacterSet } from "@caseroom/dicom";
import { type Attribute, type Header, parseHeader } from "../../features/imaging/qido-header.ts";
import type { DimseQuery } from "./services.ts";

export type QueryLevel = "patient" | "study" | "series" | "instance";

/** The keys of a query as they were understood (PS3.4 §C.4.1.1.3). */
export type QueryKeys = {
  readonly level: QueryLevel;
  /** What is asked for, with or without a value. */
  readonly asked: Header;
  /** By tag: the values, as they are written in a data set. */
  readonly values: ReadonlyMap<string, string>;
  /** In which the peer would rather be answered. */
  readonly characterSet: WrittenCharacterSet;
};

const LEVEL_TAG = "00080052";
const LEVELS = new Map<string, QueryLevel>([
  ["PATIENT", "patient"],
  ["STUDY", "study"],
  ["SERIES", "series"],
  ["IMAGE", "instance"],
]);
/** What an identifier says of itself, and what an answer always says. */
const NO_KEYS = new Set(["00080005", LEVEL_TAG, "00080054", "00080056", "00080201"]);

/** SOURCE_UNREADABLE when it is no data set; CONTEXT_MISMATCH when the level is none of the information model. */
export function readQueryKeys({ root, identifier, transferSyntax }: DimseQuery): Result<QueryKeys, Failure> {
  const read = readIdentifier(identifier, transferSyntax);
  if (!read.ok) return read;
  const asked = parseHeader(read.value.json);
  const level = LEVELS.get(textOf(asked.get(LEVEL_TAG)).trim().toUpperCase());
  if (level === undefined || (level === "patient" && root === "study"))
    return err(failure("CONTEXT_MISMATCH", "no such level"));
  const keys = [...asked].filter(([tag]) => !NO_KEYS.has(tag) && !tag.endsWith("0000"));
  const characterSet = read.value.characterSet.join("\\") === "ISO_IR 100" ? "ISO_IR 100" : "ISO_IR 192";
  return ok({
    level,
    asked: new Map(keys),
    values: new Map(keys.map(([tag, attribute]) => [tag, textOf(attribute)])),
    characterSet,
  });
}

/** Values as they stand in a data set. Of a sequence only whether anything is asked of its items, which nobody compares. */
function textOf(attribute: Attribute | undefined): string {
  const values = attribute?.Value ?? [];
  if (attribute?.vr === "SQ") return values.some(hasValue) ? "*" : "";
  return values.map(valueText).join("\\");
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return "";
  return ["Alphabetic", "Ideographic", "Phonetic"].map((group) => Reflect.get(value, group) ?? "").join("=");
}

function hasValue(item: unknown): boolean {
  return (
    typeof item === "object" &&
    item !== null &&
    Object.values(item).some((one) => JSON.stringify(one).includes("Value"))
  );
}
