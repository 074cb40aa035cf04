import { bytesToUtf8 } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { findInText, fromEditableText, toEditableText } from "./editable-text.ts";
import { readHl7 } from "./read-hl7.ts";

const LINES = [
  "MSH|^~\\&|LIS|KDC|CASEROOM|KDC|20261124093000+0800||ADT^A08|C-1|P|2.5.1",
  "PID|1||KD-1^^^KDC^MR||Chan^Tai Man||19990101|M",
];

describe("a message that a person mends", () => {
  it("goes out as it came in when nothing was changed", () => {
    const bytes = new TextEncoder().encode(`${LINES.join("\r")}\r`);
    const text = toEditableText(bytes) ?? "";
    expect(text.split("\n")).toEqual(LINES);
    expect(bytesToUtf8(fromEditableText(text))).toBe(`${LINES.join("\r")}\r`);
  });

  it("is read by the name that was typed, whatever character set its header named", () => {
    const header = `${LINES[0]}||||||BIG-5`;
    const reading = readHl7(fromEditableText(`${header}\n\nPID|1||KD-1^^^KDC^MR||陳^大文||19570731|M\n`));
    expect(reading).toMatchObject({ ok: true, value: { patient: { name: "陳大文", birthDate: "1957-07-31" } } });
  });

  it("has its faulty field marked, and the whole segment where the field is missing", () => {
    const text = LINES.join("\n");
    const marked = (segment: string, field?: number) => {
      const range = findInText(text, segment, field);
      return range === undefined ? undefined : text.slice(range.from, range.to);
    };
    expect(marked("PID", 7)).toBe("19990101");
    expect(marked("PID", 3)).toBe("KD-1^^^KDC^MR");
    expect(marked("MSH", 9)).toBe("ADT^A08");
    expect(marked("PID", 40)).toBe(LINES[1]);
    expect(marked("PID")).toBe(LINES[1]);
    expect(marked("OBX", 3)).toBeUndefined();
  });
});
