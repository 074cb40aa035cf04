import {
  type BlobId,
  type Bytes,
  type CompId,
  type Digest,
  type ErrorCode,
  err,
  failure,
  type Oid,
  ok,
} from "@caseroom/contract";
import { appendLeaf, feedLeafHash, type RightEdge } from "@caseroom/crypto/verify";
import type { Session } from "../sessions/session-store.ts";
import type { Access } from "../spaces/access.ts";
import type { Feed, FeedMemory } from "./feed-memory.ts";
import { type FeedRow, placeKey, type TakenPlace } from "./feed-store.ts";

/** What one request wants appended, in this order. `problem` is what is wrong with an entry whoever sends it. */
export type Submission = {
  readonly session: Session;
  readonly compId: CompId;
  readonly entries: readonly {
    readonly oid: Oid;
    readonly e: number;
    readonly hash: Digest;
    readonly bytes: Bytes;
    readonly problem: ErrorCode | undefined;
    readonly missingBlobs: readonly BlobId[];
  }[];
};

/** The prefix of a request that stands, and where and why it stopped (phase-1 §2.9). */
export type Judgement = {
  readonly accepted: { readonly oid: Oid; readonly n: number; readonly repeated: boolean }[];
  readonly stopped: { readonly oid: Oid; readonly code: ErrorCode; readonly hash?: Digest } | null;
};

/** What the requests of a group add to the feeds, in their order. Nothing of it is true before it is committed. */
export type Draft = {
  readonly grown: Map<CompId, GrownFeed>;
  /** By `placeKey`: places that are taken in the database, and those that this draft takes. */
  readonly taken: Map<string, TakenPlace>;
  readonly at: number;
};
export type GrownFeed = Pick<Feed, "compId" | "spaceId"> & { readonly rows: FeedRow[]; edge: RightEdge };

export function createDraft(taken: ReadonlyMap<string, TakenPlace>, at: number): Draft {
  return { grown: new Map(), taken: new Map(taken), at };
}

/** Applies a prefix of the request to the draft. Rights are those of this moment. */
export function judgeSubmission(
  { session, compId, entries }: Submission,
  deps: { readonly access: Access; readonly feeds: FeedMemory; readonly draft: Draft },
): Judgement {
  const { access, feeds, draft } = deps;
  const accepted: Judgement["accepted"] = [];
  const standing = standingOf(session, compId, access);
  for (const entry of entries) {
    const { oid, hash } = entry;
    const key = placeKey(compId, oid);
    const place = draft.taken.get(key);
    if (place !== undefined) {
      if (place.hash !== hash) return { accepted, stopped: { oid, code: "OID_TAKEN", hash: place.hash } };
      accepted.push({ oid, n: place.n, repeated: true });
      continue;
    }
    const code = standing.ok ? refusalOf(entry, standing.value) : standing.error.code;
    if (code !== undefined) return { accepted, stopped: { oid, code } };
    const n = append(entry, draft.grown.get(compId) ?? begin(feeds.get(compId), draft), draft.at);
    draft.taken.set(key, { n, hash });
    accepted.push({ oid, n, repeated: false });
  }
  return { accepted, stopped: null };
}

function begin({ compId, spaceId, edge }: Feed, draft: Draft): GrownFeed {
  const grown: GrownFeed = { compId, spaceId, edge, rows: [] };
  draft.grown.set(compId, grown);
  return grown;
}

function append({ oid, hash, bytes }: Submission["entries"][number], grown: GrownFeed, at: number): number {
  const { compId, spaceId, edge, rows } = grown;
  rows.push({ n: edge.size, kind: "entry", bytes, spaceId, compId, oid, hash, at });
  grown.edge = appendLeaf(edge, feedLeafHash("entry", bytes));
  return edge.size;
}

/** The order of phase-1 §4: device, role, epoch, what is wrong with the bytes, blobs. Idempotency came before all of them. */
function standingOf(session: Session, compId: CompId, access: Access) {
  if (!access.isDeviceActive(session)) return err(failure("DEVICE_REVOKED"));
  const found = access.appender(compId, session.userId);
  return found.ok ? ok(found.value.comp.epochs.at(-1)?.e) : found;
}

function refusalOf(entry: Submission["entries"][number], epoch: number | undefined): ErrorCode | undefined {
  if (entry.problem !== undefined) return entry.problem;
  if (entry.e !== epoch) return "STALE_EPOCH";
  return entry.missingBlobs.length > 0 ? "BLOB_INCOMPLETE" : undefined;
}
