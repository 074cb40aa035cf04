import { type Bytes, toBytes } from "@caseroom/contract";

/** Every copy of `bytes` with one byte changed, each in one seeded way; `positions` narrows it for large objects. */
export function* mutations(
  bytes: Uint8Array,
  positions: Iterable<number> = bytes.keys(),
): Generator<{ readonly at: number; readonly bytes: Bytes }> {
  for (const at of positions) {
    const copy = toBytes(bytes);
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    yield { at, bytes: copy };
  }
}
