import {
  type Bytes,
  bytesToId32,
  type Digest,
  type EntryId,
  idToBytes,
  type Kid,
  type UserId,
} from "@caseroom/contract";
import {
  asArray,
  asArrayOf,
  asBytes,
  asCount,
  asText,
  type CborValue,
  decodeEdge,
  decodeStrict,
  emptyEdge,
  encodeCbor,
  encodeEdge,
  NO_HEAD,
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

/** An entry that was shown and that no proven leaf covered yet: what its author must be judged by when one does. */
export type ProvisionalEntry = {
  readonly n: number;
  readonly entryId: EntryId;
  readonly author: UserId;
  readonly kid: Kid;
  readonly kind: string;
};

/** How far a compartment has been received, opened and proven. */
export type CompartmentProgress = {
  readonly n: number;
  readonly edge: RightEdge;
  readonly e: number;
  readonly covered: { readonly n: number; readonly head: Digest };
  readonly authors: ReadonlyMap<Kid, AuthorState>;
  readonly provisional: readonly ProvisionalEntry[];
};

/** Of a compartment that nothing has been received of. */
export const EMPTY_PROGRESS: CompartmentProgress = {
  n: 0,
  edge: emptyEdge,
  e: 0,
  covered: { n: 0, head: NO_HEAD },
  authors: new Map(),
  provisional: [],
};

export function encodeProgress(progress: CompartmentProgress): Bytes {
  const authors = [...progress.authors].map(
    ([kid, one]): CborValue => [idToBytes(kid), one.as, idToBytes(one.entryId), one.seenN],
  );
  const provisional = progress.provisional.map(
    (one): CborValue => [one.n, idToBytes(one.entryId), idToBytes(one.author), idToBytes(one.kid), one.kind],
  );
  const { n, edge, e, covered } = progress;
  return encodeCbor([n, encodeEdge(edge), e, covered.n, idToBytes(covered.head), authors, provisional]);
}

export function parseProgress(bytes: Bytes): CompartmentProgress | undefined {
  const parts = readArray(bytes, 7);
  const n = asCount(parts?.[0]);
  const edgeBytes = asBytes(parts?.[1]);
  const edge = edgeBytes === undefined ? undefined : decodeEdge(edgeBytes);
  const e = asCount(parts?.[2]);
  const coveredN = asCount(parts?.[3]);
  const headBytes = asBytes(parts?.[4], 32);
  const head = headBytes === undefined ? undefined : bytesToId32<Digest>(headBytes);
  const authors = asArrayOf(parts?.[5], readAuthor);
  const provisional = asArrayOf(parts?.[6], readProvisional);
  if (n === undefined || edge === undefined || e === undefined || coveredN === undefined) return undefined;
  if (head === undefined || authors === undefined || provisional === undefined || edge.size !== n) return undefined;
  return { n, edge, e, covered: { n: coveredN, head }, authors: new Map(authors), provisional };
}

function readProvisional(value: CborValue): ProvisionalEntry | undefined {
  const parts = asArray(value);
  const n = asCount(parts?.[0]);
  const entryId = readId<EntryId>(parts?.[1]);
  const author = readId<UserId>(parts?.[2]);
  const kid = readId<Kid>(parts?.[3]);
  const kind = asText(parts?.[4], 32);
  if (n === undefined || entryId === undefined || author === undefined || kid === undefined) return undefined;
  return kind === undefined ? undefined : { n, entryId, author, kid, kind };
}

function readAuthor(value: CborValue): readonly [Kid, AuthorState] | undefined {
  const parts = asArray(value);
  const kid = readId<Kid>(parts?.[0]);
  const as = asCount(parts?.[1]);
  const entryId = readId<EntryId>(parts?.[2]);
  const seenN = asCount(parts?.[3]);
  if (kid === undefined || as === undefined || entryId === undefined || seenN === undefined) return undefined;
  return [kid, { as, entryId, seenN }];
}

function readId<Id extends EntryId | UserId | Kid>(value: CborValue | undefined): Id | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<Id>(bytes);
}

function readArray(bytes: Bytes, length: number): readonly CborValue[] | undefined {
  const decoded = decodeStrict(bytes, { maxBytes: 1_048_576 });
  const parts = decoded.ok ? asArray(decoded.value) : undefined;
  return parts?.length === length ? parts : undefined;
}
