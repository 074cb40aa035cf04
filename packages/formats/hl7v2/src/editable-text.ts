import { type Bytes, utf8ToBytes } from "@caseroom/contract";
import { decodeHl7Text } from "./hl7-text.ts";

/** A part of a text, in UTF-16 code units from its beginning. */
export type TextRange = { readonly from: number; readonly to: number };

/** A message as people read and mend it: a segment a line. `undefined` when its bytes are not in its character set. */
export function toEditableText(bytes: Uint8Array): string | undefined {
  return decodeHl7Text(bytes)?.replace(/\r\n?/g, "\n");
}

/**
 * The message of a text that a person has mended: segments end as HL7 v2.5.1 §2.5.4 asks, blank lines are dropped. It is UTF-8; where that
 * makes a difference MSH-18 says so, whatever it said before (HL7 table 0211).
 */
export function fromEditableText(text: string): Bytes {
  const segments = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");
  const [header = "", ...rest] = segments;
  const isAscii = utf8ToBytes(text).length === text.length;
  return utf8ToBytes([isAscii ? header : declareUtf8(header), ...rest].map((segment) => `${segment}\r`).join(""));
}

function declareUtf8(header: string): string {
  const separator = header.charAt(3);
  if (!header.startsWith("MSH") || separator === "") return header;
  const fields = header.split(separator);
  // MSH-1 is the separator itself: MSH-18 is the text after the seventeenth.
  while (fields.length < 18) fields.push("");
  fields[17] = "UNICODE UTF-8";
  return fields.join(separator);
}

/** Where a field of the first such segment stands in an editable text; the segment where it has no such field; else `undefined`. */
export function findInText(text: string, segment: string, field?: number): TextRange | undefined {
  const separator = text.startsWith("MSH") ? text.charAt(3) : "|";
  let from = 0;
  for (const line of text.split("\n")) {
    if (line.split(separator, 1)[0] === segment) return findField(line, { from, segment, field, separator });
    from += line.length + 1;
  }
  return undefined;
}

function findField(
  line: string,
  at: {
    readonly from: number;
    readonly segment: string;
    readonly field: number | undefined;
    readonly separator: string;
  },
): TextRange {
  const whole = { from: at.from, to: at.from + line.length };
  const fields = line.split(at.separator);
  const index = at.segment === "MSH" && at.field !== undefined ? at.field - 1 : at.field;
  const value = index === undefined ? undefined : fields[index];
  if (index === undefined || value === undefined) return whole;
  const before = fields.slice(0, index).reduce((sum, one) => sum + one.length + at.separator.length, 0);
  return { from: at.from + before, to: at.from + before + value.length };
}
