import { type Bytes, err, type Failure, failure, type Result } from "@caseroom/contract";
import { type GatheredBytes, gatherBytes, MAX_OBJECT_BYTES, type ReceptionMemory } from "./gathered-bytes.ts";

const MAX_PART_HEAD = 4096;
const MAX_PREAMBLE = 65_536;

/** The boundary that a multipart/related content type names (RFC 2046 §5.1.1). */
export function boundaryOf(contentType: string): string | undefined {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType);
  return boundary?.[1] ?? boundary?.[2];
}

/** A body of a part. The memory that it lies in is the reader's until it is released. */
export type MultipartBody = { readonly body: Result<Bytes, Failure>; readonly release: () => void };

/**
 * The bodies of a multipart message (RFC 2046 §5.1.1, RFC 2387), each as soon as it is there; nothing more is read until the next is asked
 * for. One that is too large, or for which there is no memory now, is a failure of its own. BAD_REQUEST is the last: from there on the
 * message cannot be taken apart, or it ended too early.
 */
export async function* readMultipart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: { readonly maxParts: number; readonly memory: ReceptionMemory; readonly maxPartBytes?: number },
): AsyncGenerator<MultipartBody> {
  const { maxParts, memory, maxPartBytes = MAX_OBJECT_BYTES } = limits;
  const reader = createDelimitedReader(source);
  const delimiter = `\r\n--${boundary}`;
  const read = async (until: string, limit: number): Promise<GatheredBytes | undefined> => {
    const gathered = gatherBytes(limit, memory);
    if (await reader.readUntil(until, gathered)) return gathered;
    gathered.release();
    return undefined;
  };
  /** False also when it is longer than may be. */
  const skip = async (until: string, limit: number): Promise<boolean> => {
    const gathered = await read(until, limit);
    gathered?.release();
    return gathered !== undefined && gathered.size() <= limit;
  };
  let isWhole = await skip(delimiter, MAX_PREAMBLE);
  for (let count = 0; isWhole; count++) {
    if (await reader.isNext("--")) return;
    if (count === maxParts || !(await skip("\r\n\r\n", MAX_PART_HEAD))) break;
    const gathered = await read(delimiter, maxPartBytes);
    isWhole = gathered !== undefined;
    if (gathered !== undefined) yield { body: gathered.whole(), release: gathered.release };
  }
  yield { body: err(failure("BAD_REQUEST", "the multipart body cannot be taken apart")), release: () => undefined };
}

/** Reads up to a delimiter that may be cut anywhere. As if the message began on a new line, so that its first delimiter is like the others. */
function createDelimitedReader(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.from("\r\n");
  const more = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([rest, next.value]);
    return true;
  };
  return {
    readUntil: async (delimiter: string, gathered: GatheredBytes): Promise<boolean> => {
      for (;;) {
        const at = rest.indexOf(delimiter, 0, "latin1");
        const certain = at >= 0 ? at : Math.max(0, rest.length - delimiter.length + 1);
        gathered.add(rest.subarray(0, certain));
        rest = rest.subarray(at >= 0 ? at + delimiter.length : certain);
        if (at >= 0) return true;
        if (!(await more())) return false;
      }
    },
    isNext: async (text: string): Promise<boolean> => {
      while (rest.length < text.length) if (!(await more())) return false;
      return rest.toString("latin1", 0, text.length) === text;
    },
  };
}
