/**
 * The text of a message. The character set is what MSH-18 names (HL7 table 0211); without it strict UTF-8, else
 * ISO 8859-1. A byte-order mark, MLLP framing bytes and blank lines around the message are dropped. `usual` is what the
 * sender writes where MSH-18 is empty.
 */
export function decodeHl7Text(bytes: Uint8Array, usual?: string): string | undefined {
  const said = (headerOf(bytes)[17] ?? "").split(/[~^]/, 1)[0]?.trim().toUpperCase() ?? "";
  const declared = encodingOf(said === "" ? (usual ?? "").toUpperCase() : said);
  const text =
    declared === undefined ? (decode(bytes, "utf-8") ?? decode(bytes, "windows-1252")) : decode(bytes, declared);
  return text === undefined ? undefined : trimFraming(text);
}

/** MSH-3 and MSH-4 of bytes whose character set is not known yet, by which a sender's profile is found. */
export function sniffSender(bytes: Uint8Array): { readonly application: string; readonly facility: string } {
  const header = headerOf(bytes);
  const first = (field: string | undefined) => (field ?? "").split("^", 1)[0]?.trim() ?? "";
  return { application: first(header[2]), facility: first(header[3]) };
}

/** Whether messages in a character set of HL7 table 0211 can be read. */
export function isKnownCharset(name: string): boolean {
  return encodingOf(name.toUpperCase()) !== undefined;
}

/** The header's structure is ASCII in every set that is used here. */
function headerOf(bytes: Uint8Array): readonly string[] {
  const header = trimFraming(decode(bytes.subarray(0, 4096), "windows-1252")?.replace(/^ï»¿/, "") ?? "");
  return header.split(/[\r\n]/, 1)[0]?.split(header.charAt(3)) ?? [];
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
