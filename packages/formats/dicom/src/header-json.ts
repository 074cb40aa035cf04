import { bytesToBase64url, err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { characterSet } from "./character-set.ts";
import type { DataSet, Element } from "./data-set.ts";
import { isNumber, isText, numbersOf, tagName, tagsOf, textsOf, type ValueContext } from "./element-value.ts";

/** Binary values beyond this are bulk data: whoever serves the instance names where they are. */
export const MAX_INLINE_BYTES = 1024;
/** The whole header as text, in UTF-16 units. */
export const MAX_HEADER = 16 * 1024 * 1024;

const SPECIFIC_CHARACTER_SET = 0x0008_0005;
const PIXELS = new Set([0x7fe0_0008, 0x7fe0_0009, 0x7fe0_0010]);

/** Its cost is counted as it is written, so that nobody has to hold what is refused. */
type Writer = { left: number };

/**
 * The data set as DICOM JSON (PS3.18 Annex F), in UTF-8 terms whatever it was written in. Without pixels and without binary values of more
 * than 1 KiB. Numbers in text keep their digits. TOO_LARGE beyond 16 MiB.
 */
export function headerJson(dataSet: DataSet, context: ValueContext): Result<string, Failure<"TOO_LARGE">> {
  const writer: Writer = { left: MAX_HEADER };
  const json = dataSetJson(dataSet, context, writer);
  return writer.left >= 0 ? ok(json) : err(failure("TOO_LARGE", "header"));
}

function dataSetJson(dataSet: DataSet, outer: ValueContext, writer: Writer): string {
  const context = withCharacterSet(dataSet, outer);
  const members: string[] = [];
  for (const element of [...dataSet.values()].sort((a, b) => a.tag - b.tag)) {
    // Group lengths say nothing in JSON (PS3.18 §F.2.2).
    if ((element.tag & 0xffff) === 0 || PIXELS.has(element.tag)) continue;
    const json = elementJson(element, context, writer);
    if (json === undefined) continue;
    members.push(`"${tagName(element.tag)}":${json}`);
    writer.left -= json.length + 12;
    if (writer.left < 0) break;
  }
  return `{${members.join(",")}}`;
}

/** An item may be written in a character set of its own. */
function withCharacterSet(dataSet: DataSet, outer: ValueContext): ValueContext {
  const element = dataSet.get(SPECIFIC_CHARACTER_SET);
  return element === undefined ? outer : { ...outer, characterSet: characterSet(textsOf(element, outer)) };
}

function elementJson(element: Element, context: ValueContext, writer: Writer): string | undefined {
  const { tag, vr } = element;
  if (element.fragments !== undefined) return undefined;
  if (vr === "SQ") {
    const items = (element.items ?? []).map((item) => dataSetJson(item, context, writer));
    return withValues(vr, items);
  }
  if (tag === SPECIFIC_CHARACTER_SET) return withValues(vr, element.length === 0 ? [] : ['"ISO_IR 192"']);
  if (isText(vr))
    return withValues(
      vr,
      textsOf(element, context).map((text) => textJson(vr, text)),
    );
  if (element.length > MAX_INLINE_BYTES) return undefined;
  if (isNumber(vr)) return withValues(vr, numbersOf(element, context).map(numberJson));
  if (vr === "AT")
    return withValues(
      vr,
      tagsOf(element, context).map((name) => `"${name}"`),
    );
  return element.length === 0 ? withValues(vr, []) : `{"vr":"${vr}","InlineBinary":"${base64(element, context)}"}`;
}

function withValues(vr: string, values: readonly string[]): string {
  const isEmpty = values.every((value) => value === "null");
  return isEmpty ? `{"vr":"${vr}"}` : `{"vr":"${vr}","Value":[${values.join(",")}]}`;
}

function textJson(vr: string, text: string): string {
  if (text === "") return "null";
  if (vr === "PN") return nameJson(text);
  return vr === "DS" || vr === "IS" ? numberTextJson(text) : JSON.stringify(text);
}

/** The three component groups of a name (PS3.5 §6.2.1.2). */
function nameJson(text: string): string {
  const groups = text.split("=");
  const members = ["Alphabetic", "Ideographic", "Phonetic"].flatMap((name, index) => {
    const group = (groups[index] ?? "").trim();
    return group === "" ? [] : [`"${name}":${JSON.stringify(group)}`];
  });
  return members.length === 0 ? "null" : `{${members.join(",")}}`;
}

/** A number in text as a JSON number with the same digits where JSON can write it so; what is no number stays text. */
function numberTextJson(text: string): string {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return text;
  const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? String(number) : JSON.stringify(text);
}

/** PS3.18 §F.2.3.1 leaves infinities open; JSON has none. */
function numberJson(value: number | bigint): string {
  if (typeof value === "bigint") return `"${value}"`;
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function base64(element: Element, { bytes }: ValueContext): string {
  const text = bytesToBase64url(bytes.subarray(element.offset, element.offset + element.length));
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return standard.padEnd(Math.ceil(standard.length / 4) * 4, "=");
}
