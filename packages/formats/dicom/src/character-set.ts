/** How the text of a data set is to be decoded: by the terms of Specific Character Set (0008,0005), PS3.3 §C.12.1.1.2. */
export type CharacterSet = { readonly decode: (bytes: Uint8Array, isName?: boolean) => string };

/** Single-byte and multi-byte sets without code extensions. */
const WITHOUT_EXTENSIONS = new Map([
  ["ISO_IR 100", "windows-1252"],
  ["ISO_IR 101", "iso-8859-2"],
  ["ISO_IR 109", "iso-8859-3"],
  ["ISO_IR 110", "iso-8859-4"],
  ["ISO_IR 144", "iso-8859-5"],
  ["ISO_IR 127", "iso-8859-6"],
  ["ISO_IR 126", "iso-8859-7"],
  ["ISO_IR 138", "iso-8859-8"],
  ["ISO_IR 148", "windows-1254"],
  ["ISO_IR 203", "iso-8859-15"],
  ["ISO_IR 13", "shift_jis"],
  ["ISO_IR 166", "windows-874"],
  ["ISO_IR 192", "utf-8"],
  ["GB18030", "gb18030"],
  ["GBK", "gbk"],
]);

/** Escape sequences (PS3.3 tables C.12-3 and C.12-4) to the set that they call in. */
const ESCAPES = new Map<string, Designation>([
  ["(B", { half: "G0", label: "ascii" }],
  ["(J", { half: "G0", label: "shift_jis" }],
  [")I", { half: "G1", label: "shift_jis" }],
  ["-A", { half: "G1", label: "windows-1252" }],
  ["-B", { half: "G1", label: "iso-8859-2" }],
  ["-C", { half: "G1", label: "iso-8859-3" }],
  ["-D", { half: "G1", label: "iso-8859-4" }],
  ["-L", { half: "G1", label: "iso-8859-5" }],
  ["-G", { half: "G1", label: "iso-8859-6" }],
  ["-F", { half: "G1", label: "iso-8859-7" }],
  ["-H", { half: "G1", label: "iso-8859-8" }],
  ["-M", { half: "G1", label: "windows-1254" }],
  ["-b", { half: "G1", label: "iso-8859-15" }],
  ["-T", { half: "G1", label: "windows-874" }],
  ["$@", { half: "G0", label: "jis-x-0208" }],
  ["$B", { half: "G0", label: "jis-x-0208" }],
  ["$(D", { half: "G0", label: "jis-x-0212" }],
  ["$)C", { half: "G1", label: "euc-kr" }],
  ["$)A", { half: "G1", label: "gbk" }],
]);

type Designation = { readonly half: "G0" | "G1"; readonly label: string };

const ESCAPE = 0x1b;

/**
 * The decoder for the terms of Specific Character Set, in order. Total: what a set does not know, and every byte beyond ASCII under a term
 * that nobody here knows, becomes U+FFFD, so that a reader sees that something is missing.
 */
export function characterSet(terms: readonly string[]): CharacterSet {
  const first = (terms[0] ?? "").trim();
  const single = WITHOUT_EXTENSIONS.get(first);
  // Code extensions are to be announced by several terms; that they are used after a single one is common.
  const base = single ?? WITHOUT_EXTENSIONS.get(first.replace(/^ISO 2022 IR/, "ISO_IR")) ?? "ascii";
  const isWhole = base === "utf-8" || base === "gb18030" || base === "gbk";
  return {
    decode: (bytes, isName = false) =>
      isWhole || !bytes.includes(ESCAPE) ? decodeAs(base, bytes) : decodeExtended(base, bytes, isName),
  };
}

/** Text with escape sequences: each run in the set called in last; line ends and delimiters call the first one back (PS3.5 §6.1.2.5.3). */
function decodeExtended(base: string, bytes: Uint8Array, isName: boolean): string {
  let g0 = "ascii";
  let g1 = base;
  let text = "";
  let from = 0;
  const flush = (until: number): void => {
    if (until > from) text += decodeRun(g0, g1, bytes.subarray(from, until));
    from = until;
  };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === ESCAPE) {
      flush(at);
      const { designation, length } = readEscape(bytes, at);
      if (designation?.half === "G0") g0 = designation.label;
      if (designation?.half === "G1") g1 = designation.label;
      if (designation === undefined) text += "\ufffd";
      from = at + length;
      at = from - 1;
    } else if (isReset(byte, isName) && !g0.startsWith("jis-x")) {
      flush(at);
      g0 = "ascii";
      g1 = base;
    }
  }
  flush(bytes.length);
  return text;
}

function readEscape(bytes: Uint8Array, at: number): { designation: Designation | undefined; length: number } {
  for (const length of [3, 4]) {
    const designation = ESCAPES.get(String.fromCharCode(...bytes.subarray(at + 1, at + length)));
    if (designation !== undefined) return { designation, length };
  }
  return { designation: undefined, length: 1 };
}

/** CR, LF, FF, TAB, backslash; in names also ^ and =. */
function isReset(byte: number, isName: boolean): boolean {
  return (
    byte === 0x0d ||
    byte === 0x0a ||
    byte === 0x0c ||
    byte === 0x09 ||
    byte === 0x5c ||
    (isName && (byte === 0x5e || byte === 0x3d))
  );
}

function decodeRun(g0: string, g1: string, bytes: Uint8Array): string {
  if (g0 === "jis-x-0208") return decodeAs("euc-jp", bytes.map(toHighHalf));
  if (g0 === "jis-x-0212") {
    const euc: number[] = [];
    for (let at = 0; at + 1 < bytes.length; at += 2)
      euc.push(0x8f, toHighHalf(bytes[at] ?? 0), toHighHalf(bytes[at + 1] ?? 0));
    return decodeAs("euc-jp", Uint8Array.from(euc));
  }
  // Romaji differs from ASCII in two signs only; every other G1 set here leaves the lower half to ASCII.
  return decodeAs(g1 === "ascii" && g0 === "shift_jis" ? "shift_jis" : g1, bytes);
}

function toHighHalf(byte: number): number {
  return byte >= 0x21 && byte <= 0x7e ? byte | 0x80 : byte;
}

const decoders = new Map<string, TextDecoder>();

function decodeAs(label: string, bytes: Uint8Array): string {
  if (label === "ascii") {
    let text = "";
    for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : "\ufffd";
    return text;
  }
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    decoder = new TextDecoder(label, { ignoreBOM: true });
    decoders.set(label, decoder);
  }
  return decoder.decode(bytes);
}
