import { type Bytes, type ErrorCode, utf8ToBytes } from "@caseroom/contract";
import { CONDITION_BY_CODE } from "./ack-condition.ts";
import { decodeHl7Text } from "./hl7-text.ts";
import { msToHl7Time } from "./hl7-time.ts";

export type AckInput = {
  /** The bytes that are answered, whatever they are. */
  readonly request: Uint8Array;
  readonly code: "AA" | "AE" | "AR";
  readonly problem?: { readonly code: ErrorCode; readonly segment?: string; readonly field?: number };
  /** MSH-10 of the acknowledgement itself. */
  readonly controlId: string;
  readonly nowMs: number;
};

type Header = { readonly separator: string; readonly encoding: string; readonly fields: readonly string[] };

const STANDARD = { separator: "|", encoding: "^~\\&" };
const MAX_HEADER_FIELD = 227;
const MAX_HEADER_BYTES = 8_192;

/**
 * The acknowledgement of a message in original mode (HL7 v2.5.1 §2.9.2): sender and receiver change places, MSA names the
 * message, ERR says where and why. It speaks in the request's own separators, and never repeats content of the message
 * beyond its header. Works for any bytes.
 */
export function buildAck(input: AckInput): Bytes {
  const header = readHeader(input.request);
  const { separator, encoding } = header;
  const [component = "^"] = encoding;
  const field = (number: number) => headerField(header, number);
  const event = field(9).split(component)[1];
  const type = event === undefined || event === "" ? "ACK" : ["ACK", event, "ACK"].join(component);
  const places = [field(5), field(6), field(3), field(4)];
  const version = field(12) || "2.5.1";
  const msh = [
    "MSH",
    encoding,
    ...places,
    msToHl7Time(input.nowMs),
    "",
    type,
    input.controlId,
    field(11) || "P",
    version,
  ];
  const segments = [msh, ["MSA", input.code, field(10)], ...errorSegment(input.problem, component)];
  const hasOnlyAscii = /^[\x20-\x7e]*$/.test(segments.flat().join(""));
  if (!hasOnlyAscii) msh.push("", "", "", "", "", "UNICODE UTF-8");
  return utf8ToBytes(segments.map((fields) => `${fields.join(separator)}\r`).join(""));
}

/** ERR (HL7 v2.5.1 §2.15.5): ERR-2 location, ERR-3 condition, ERR-4 severity, ERR-8 words for the sender's operator. */
function errorSegment(problem: AckInput["problem"], component: string): string[][] {
  if (problem === undefined) return [];
  const condition = CONDITION_BY_CODE[problem.code];
  const location =
    problem.segment === undefined
      ? []
      : [problem.segment, "1", ...(problem.field === undefined ? [] : [String(problem.field)])];
  const place =
    problem.segment === undefined || problem.field === undefined ? "" : ` ${problem.segment}-${problem.field}`;
  return [
    [
      "ERR",
      "",
      location.join(component),
      [condition.code, condition.text, "HL70357"].join(component),
      "E",
      "",
      "",
      "",
      `${condition.text}${place} (${problem.code})`,
    ],
  ];
}

/** The header's fields as far as there is one; anything else is answered with standard separators and empty fields. */
function readHeader(request: Uint8Array): Header {
  const text = decodeHl7Text(headerBytes(request)) ?? "";
  const line = text.split(/[\r\n]/, 1)[0] ?? "";
  const separator = line.charAt(3);
  const fields = separator === "" ? [] : line.split(separator);
  const encoding = fields[1] ?? "";
  const isReadable =
    line.startsWith("MSH") && /^[!-/:-@[-`{-~]$/.test(separator) && /^[!-/:-@[-`{-~]{3,5}$/.test(encoding);
  return isReadable ? { separator, encoding, fields } : { ...STANDARD, fields: [] };
}

/** MSH-n as it was written: MSH-1 is the separator itself, so that MSH-3 is the third text of the line. */
function headerField(header: Header, number: number): string {
  const printable = [...(header.fields[number - 1] ?? "")].filter(
    (character) => character >= " " && character !== "\x7f",
  );
  return printable.slice(0, MAX_HEADER_FIELD).join("");
}

/** The first line: a message whose body cannot be decoded can still be answered by name. */
function headerBytes(request: Uint8Array): Uint8Array {
  const start = request.indexOf(0x4d);
  const end = request.findIndex((byte, at) => at > start && (byte === 0x0d || byte === 0x0a));
  return request.subarray(
    Math.max(0, start),
    end < 0 ? MAX_HEADER_BYTES : Math.min(end, MAX_HEADER_BYTES + Math.max(0, start)),
  );
}
