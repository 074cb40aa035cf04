/** Encodings that C-CDA senders use. Anything else is refused rather than guessed. */
const ENCODINGS = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["us-ascii", "utf-8"],
  ["ascii", "utf-8"],
  ["utf-16", "utf-16le"],
  ["iso-8859-1", "windows-1252"],
  ["latin1", "windows-1252"],
  ["windows-1252", "windows-1252"],
]);

/**
 * The text of an XML file: by its byte order mark, else by its declaration, else UTF-8 (XML 1.0 §4.3.3). `undefined` when
 * the bytes are not in that encoding or the encoding is unknown.
 */
export function decodeXml(bytes: Uint8Array): string | undefined {
  const encoding = markedEncoding(bytes) ?? declaredEncoding(bytes);
  if (encoding === undefined) return undefined;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function markedEncoding([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0xef && second === 0xbb && third === 0xbf ? "utf-8" : undefined;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder("windows-1252").decode(bytes.subarray(0, 200));
  const name = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1];
  // Without a mark UTF-16 cannot have been read this far: such a declaration is a leftover of a conversion.
  if (name?.toLowerCase() === "utf-16") return "utf-8";
  return name === undefined ? "utf-8" : ENCODINGS.get(name.toLowerCase());
}
