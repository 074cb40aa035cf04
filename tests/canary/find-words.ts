/**
 * Looks for canary words in bytes, in every form in which content could leak: UTF-8, UTF-16 of both byte orders, hexadecimal of
 * both cases, base64 and base64url at each of the three offsets, and all of these again inside anything that inflates.
 */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

export type Sighting = { readonly word: string; readonly form: string };

type Needle = {
  readonly word: string;
  readonly form: string;
  readonly bytes: Buffer;
};

const MAX_INFLATED_BYTES = 64 * 1024 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const ZLIB_SECOND_BYTES = new Set([0x01, 0x5e, 0x9c, 0xda]);

/** The forms of each word. A word needs 8 bytes or more, or its base64 middle would be found by chance. */
export function needlesOf(words: readonly string[]): readonly Needle[] {
  return words.flatMap((word) => {
    const utf8 = Buffer.from(word, "utf8");
    if (utf8.length < 8) throw new RangeError("a canary word needs at least 8 bytes");
    const utf16le = Buffer.from(word, "utf16le");
    const utf16be = Buffer.from(utf16le).swap16();
    const forms: [string, Buffer][] = [
      ["utf-8", utf8],
      ["utf-16le", utf16le],
      ["utf-16be", utf16be],
      ["hex", Buffer.from(utf8.toString("hex"))],
      ["HEX", Buffer.from(utf8.toString("hex").toUpperCase())],
    ];
    for (const offset of [0, 1, 2]) {
      for (const alphabet of ["base64", "base64url"] as const) {
        forms.push([`${alphabet}+${offset}`, Buffer.from(base64Middle(utf8, offset, alphabet))]);
      }
    }
    return forms.map(([form, bytes]) => ({ word, form, bytes }));
  });
}

/** The characters of base64 that depend on the word alone when `offset` unknown bytes stand before it. */
function base64Middle(word: Buffer, offset: number, alphabet: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(offset), word])
    .toString(alphabet)
    .replaceAll("=", "");
  const firstWhole = Math.ceil((offset * 8) / 6);
  const lastWhole = Math.floor(((offset + word.length) * 8) / 6);
  return text.slice(firstWhole, lastWhole);
}

/** Every sighting in these bytes, also inside what inflates (gzip, zlib, brotli or raw as a whole; gzip and zlib at any offset). */
export function findWords(haystack: Buffer, needles: readonly Needle[], depth = 0): readonly Sighting[] {
  const found = needles.filter((needle) => haystack.includes(needle.bytes));
  const sightings: Sighting[] = found.map(({ word, form }) => ({
    word,
    form: depth === 0 ? form : `inflated ${form}`,
  }));
  if (depth >= 2) return sightings;
  for (const inflated of inflatedParts(haystack)) sightings.push(...findWords(inflated, needles, depth + 1));
  return sightings;
}

function* inflatedParts(bytes: Buffer): Generator<Buffer> {
  const options = { maxOutputLength: MAX_INFLATED_BYTES };
  for (const inflate of [inflateRawSync, brotliDecompressSync]) {
    const whole = attempt(() => inflate(bytes, options));
    if (whole !== undefined && whole.length > 0) yield whole;
  }
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + 1)) {
    const part = attempt(() => gunzipSync(bytes.subarray(at), options));
    if (part !== undefined) yield part;
  }
  for (let at = bytes.indexOf(0x78); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0x78, at + 1)) {
    if (!ZLIB_SECOND_BYTES.has(bytes[at + 1] ?? 0)) continue;
    const part = attempt(() => inflateSync(bytes.subarray(at), options));
    if (part !== undefined) yield part;
  }
}

function attempt(inflate: () => Buffer): Buffer | undefined {
  try {
    return inflate();
  } catch {
    return undefined;
  }
}
