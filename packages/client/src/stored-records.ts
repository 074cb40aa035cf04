import { type Bytes, bytesToId32, type Digest, type EntryId, idToBytes, type Kid } from "@caseroom/contract";
import {
  asArray,
  asArrayOf,
  asBytes,
  asCount,
  asText,
  type CborValue,
  decodeEdge,
  decodeStrict,
  encodeCbor,
  encodeEdge,
  type RightEdge,
} from "@caseroom/crypto/verify";
import type { Moment } from "@caseroom/space/verify";

/** What stands in the store, typed when it is read back: a file of one's own is outside too. Unreadable rows count as absent. */

export type StoredLink = { readonly bytes: Bytes; readonly at: Moment };

export function encodeStoredLink({ bytes, at }: StoredLink): Bytes {
  return encodeCbor([at.index, at.ts, bytes]);
}

export function parseStoredLink(bytes: Bytes): StoredLink | undefined {
  const parts = readArray(bytes, 3);
  const index = asCount(parts?.[0]);
  const ts = asCount(parts?.[1]);
  const link = asBytes(parts?.[2]);
  return index === undefined || ts === undefined || link === undefined ? undefined : { bytes: link, at: { index, ts } };
}

export type StoredFeedItem = { readonly kind: "entry" | "link"; readonly bytes: Bytes };

export function encodeFeedItem({ kind, bytes }: StoredFeedItem): Bytes {
  return encodeCbor([kind, bytes]);
}

export function parseFeedItem(bytes: Bytes): StoredFeedItem | undefined {
  const parts = readArray(bytes, 2);
  const kind = asText(parts?.[0]);
  const item = asBytes(parts?.[1]);
  return (kind === "entry" || kind === "link") && item !== undefined ? { kind, bytes: item } : undefined;
}

/** What an author's device has said last in a compartment: the next must follow it. */
export type AuthorState = { readonly as: number; readonly entryId: EntryId; readonly seenN: number };

/** How far a compartment has been received, opened and proven. */
export type CompartmentProgress = {
  readonly n: number;
  readonly edge: RightEdge;
  readonly e: number;
  readonly covered: { readonly n: number; readonly head: Digest };
  readonly authors: ReadonlyMap<Kid, AuthorState>;
};

export function encodeProgress(progress: CompartmentProgress): Bytes {
  const authors = [...progress.authors].map(
    ([kid, one]): CborValue => [idToBytes(kid), one.as, idToBytes(one.entryId), one.seenN],
  );
  const { covered } = progress;
  return encodeCbor([progress.n, encodeEdge(progress.edge), progress.e, covered.n, idToBytes(covered.head), authors]);
}

export function parseProgress(bytes: Bytes): CompartmentProgress | undefined {
  const parts = readArray(bytes, 6);
  const n = asCount(parts?.[0]);
  const edgeBytes = asBytes(parts?.[1]);
  const edge = edgeBytes === undefined ? undefined : decodeEdge(edgeBytes);
  const e = asCount(parts?.[2]);
  const coveredN = asCount(parts?.[3]);
  const headBytes = asBytes(parts?.[4], 32);
  const head = headBytes === undefined ? undefined : bytesToId32<Digest>(headBytes);
  const authors = asArrayOf(parts?.[5], readAuthor);
  if (n === undefined || edge === undefined || e === undefined || coveredN === undefined) return undefined;
  if (head === undefined || authors === undefined || edge.size !== n) return undefined;
  return { n, edge, e, covered: { n: coveredN, head }, authors: new Map(authors) };
}

function readAuthor(value: CborValue): readonly [Kid, AuthorState] | undefined {
  const parts = asArray(value);
  const kidBytes = asBytes(parts?.[0], 32);
  const kid = kidBytes === undefined ? undefined : bytesToId32<Kid>(kidBytes);
  const as = asCount(parts?.[1]);
  const entryBytes = asBytes(parts?.[2], 32);
  const entryId = entryBytes === undefined ? undefined : bytesToId32<EntryId>(entryBytes);
  const seenN = asCount(parts?.[3]);
  if (kid === undefined || as === undefined || entryId === undefined || seenN === undefined) return undefined;
  return [kid, { as, entryId, seenN }];
}

function readArray(bytes: Bytes, length: number): readonly CborValue[] | undefined {
  const decoded = decodeStrict(bytes, { maxBytes: 1_048_576 });
  const parts = decoded.ok ? asArray(decoded.value) : undefined;
  return parts?.length === length ? parts : undefined;
}
