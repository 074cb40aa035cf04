/**
 * The text of a message. The character set is what MSH-18 names (HL7 table 0211); without it strict UTF-8, else
 * ISO 8859-1. A byte-order mark, MLLP framing bytes and blank lines around the message are dropped.
 */
export function decodeHl7Text(bytes: Uint8Array): string | undefined {
  const declared = encodingOf(declaredCharset(bytes));
  const text =
    declared === undefined ? (decode(bytes, "utf-8") ?? decode(bytes, "windows-1252")) : decode(bytes, declared);
  return text === undefined ? undefined : trimFraming(text);
}

/** MSH-18 of bytes whose character set is not known yet: the header's structure is ASCII in every set that is used here. */
function declaredCharset(bytes: Uint8Array): string {
  const header = trimFraming(decode(bytes.subarray(0, 4096), "windows-1252")?.replace(/^ï»¿/, "") ?? "");
  const fields = header.split(/[\r\n]/, 1)[0]?.split(header.charAt(3)) ?? [];
  return (fields[17] ?? "").split(/[~^]/, 1)[0]?.trim().toUpperCase() ?? "";
}

/** HL7 table 0211 beside ISO 8859; ASCII and unknown names say nothing. */
const ENCODINGS = new Map([
  ["BIG-5", "big5"],
  ["CNS 11643-1992", "big5"],
  ["GB 18030-2000", "gb18030"],
  ["ISO IR14", "shift_jis"],
  ["ISO IR87", "iso-2022-jp"],
  ["ISO IR159", "iso-2022-jp"],
  ["KS X 1001", "euc-kr"],
  ["UNICODE UTF-16", "utf-16be"],
]);

function encodingOf(charset: string): string | undefined {
  if (/^(UNICODE )?UTF-?8$/.test(charset) || charset === "UNICODE") return "utf-8";
  const part = /^8859\/([1-9]|1[0-5])$/.exec(charset)?.[1];
  if (part !== undefined) return part === "1" ? "windows-1252" : `iso-8859-${part}`;
  return ENCODINGS.get(charset);
}

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function trimFraming(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isFraming(text.charCodeAt(from))) from++;
  while (to > from && isFraming(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** White space, the MLLP bytes 0x0B and 0x1C, and a byte-order mark. */
function isFraming(code: number): boolean {
  return code <= 0x20 || code === 0xfeff;
}
