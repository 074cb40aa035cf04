import { type Bytes, toBytes } from "@caseroom/contract";

const MAX_PART_HEAD = 4096;

/** The bodies of a multipart/related message (RFC 2046 §5.1.1, RFC 2387), as views; `undefined` when it is not whole or has too many. */
export function splitMultipart(body: Bytes, contentType: string, maxParts: number): readonly Bytes[] | undefined {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${name}`, "latin1");
  const parts: Bytes[] = [];
  let at = bytes.indexOf(delimiter);
  if (at !== 0 && bytes.subarray(at - 2, at).toString("latin1") !== "\r\n") return undefined;
  for (;;) {
    const after = at + delimiter.length;
    if (bytes.subarray(after, after + 2).toString("latin1") === "--") return parts;
    const head = bytes.indexOf("\r\n\r\n", after, "latin1");
    if (head < 0 || head - after > MAX_PART_HEAD || parts.length === maxParts) return undefined;
    const next = bytes.indexOf(`\r\n--${name}`, head + 2, "latin1");
    if (next < 0) return undefined;
    parts.push(toBytes(bytes.subarray(head + 4, next)));
    at = next + 2;
  }
}
