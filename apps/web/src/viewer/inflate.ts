const DEFLATED = "1.2.840.10008.1.2.1.99";
/** The syntax of what was deflated: Explicit VR Little Endian. */
const PLAIN = "1.2.840.10008.1.2.1";
const PREAMBLE = 132;
/** Group length (0002,0000): tag, UL, a length of 4, and the number of bytes that follow it in the group (PS3.10 7.1). */
const GROUP_LENGTH_AT = PREAMBLE + 8;
const META_FROM = PREAMBLE + 12;
const MAX_INFLATED = 536_870_912;

/**
 * A file whose data set is deflated (PS3.5 A.5) as one that is not, because Cornerstone reads only those; any other file as it is.
 * `undefined` when what was deflated is damaged or larger than 512 MiB.
 */
export async function inflateFile(file: ArrayBuffer): Promise<ArrayBuffer | undefined> {
  if (file.byteLength < META_FROM) return file;
  const bytes = new Uint8Array(file);
  const dataFrom = META_FROM + new DataView(file).getUint32(GROUP_LENGTH_AT, true);
  const meta = String.fromCharCode(...bytes.subarray(0, Math.min(dataFrom, 2048)));
  const syntaxAt = meta.indexOf(DEFLATED, PREAMBLE);
  if (syntaxAt < 0 || dataFrom > file.byteLength) return file;
  const dataSet = await inflate(bytes.subarray(dataFrom));
  if (dataSet === undefined) return undefined;
  const whole = new Uint8Array(dataFrom + dataSet.length);
  whole.set(bytes.subarray(0, dataFrom));
  // A UID is padded with zero bytes: the element keeps its length.
  whole.fill(0, syntaxAt + PLAIN.length, syntaxAt + DEFLATED.length);
  whole.set(dataSet, dataFrom);
  return whole.buffer;
}

/** What may follow the deflated data: a byte that makes the length even, or the check sum of those who wrote a whole zlib stream. */
const TAIL = 16;

async function inflate(deflated: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
  const stream = new DecompressionStream("deflate-raw");
  const parts: Uint8Array[] = [];
  let size = 0;
  const reading = (async () => {
    const reader = stream.readable.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      size += next.value.length;
      if (size > MAX_INFLATED) {
        await reader.cancel();
        throw new RangeError("inflated too far");
      }
    }
  })();
  // Browsers refuse whatever follows the end, with all that was not read before: so the end is fed byte by byte.
  const writing = (async () => {
    const writer = stream.writable.getWriter();
    const bodyLength = Math.max(0, deflated.length - TAIL);
    await writer.write(deflated.subarray(0, bodyLength));
    for (let at = bodyLength; at < deflated.length; at++) await writer.write(deflated.subarray(at, at + 1));
    await writer.close();
  })();
  const [read] = await Promise.allSettled([reading, writing]);
  const isRefused = read.status === "rejected" && !(read.reason instanceof TypeError);
  return isRefused || size === 0 ? undefined : joined(parts, size);
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
