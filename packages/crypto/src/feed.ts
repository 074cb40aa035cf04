import { type Bytes, concatBytes, toBytes } from "@caseroom/contract";
import { leafHash } from "./merkle.ts";
import { sha256 } from "./sha256.ts";

/** What stands at a position of a compartment's feed. */
export type FeedKind = "entry" | "link";

const KIND_BYTE: Record<FeedKind, Bytes> = {
  entry: toBytes([0]),
  link: toBytes([1]),
};

/** Leaf of the feed's tree: leaf data = u8 kind ‖ SHA-256(bytes) (phase-1 §3.8). */
export function feedLeafHash(kind: FeedKind, bytes: Uint8Array): Bytes {
  return leafHash(concatBytes(KIND_BYTE[kind], sha256(bytes)));
}
