import { encodeImageMark, type ImageMark, type Outbox, parseImageMark, type ReceivedEntry } from "@caseroom/client";
import {
  type CompId,
  type EntryId,
  err,
  type Failure,
  failure,
  type Oid,
  ok,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import type { ImageMarkDraft, ImageMarkView } from "../engine/imaging.ts";

type Kept = {
  readonly entryId: EntryId;
  readonly oid: Oid;
  readonly author: UserId;
  readonly atMs: number;
  readonly mark: ImageMark;
};
type Withdrawal = { readonly of: EntryId; readonly by: UserId };
type OwnMark = {
  readonly oid: Oid;
  readonly mark: ImageMark;
  readonly atMs: number;
  readonly state: "queued" | "stored";
};

/** Marks on images, as they stand in the rooms of cases and on their way there. */
export type ImageMarks = {
  /** False when the entry is neither a mark nor the withdrawal of one. */
  readonly take: (received: ReceivedEntry) => boolean;
  /** Forgets an entry that turned out not to hold; answers whose room it was in. */
  readonly withdraw: (entryId: EntryId) => SpaceId | undefined;
  /** Oldest first. */
  readonly list: (spaceId: SpaceId, compId: CompId | undefined) => readonly ImageMarkView[];
  readonly add: (compId: CompId, draft: ImageMarkDraft) => Promise<Result<undefined, Failure>>;
  /** FORBIDDEN for a mark of somebody else. */
  readonly remove: (spaceId: SpaceId, compId: CompId, id: string) => Promise<Result<undefined, Failure>>;
};

const MAX_TEXT = 500;

export function createImageMarks(deps: {
  readonly me: UserId;
  readonly outbox: Pick<Outbox, "append" | "waiting">;
  readonly authorOf: (userId: UserId) => { readonly name: string; readonly institution: string };
  readonly nowMs: () => number;
  readonly onChange: (compId: CompId) => void;
}): ImageMarks {
  const { me, outbox, nowMs, onChange } = deps;
  const rooms = new Map<SpaceId, Map<EntryId, Kept>>();
  const withdrawals = new Map<SpaceId, Map<EntryId, Withdrawal>>();
  /** Accepted by the hub, and not seen in the feed yet. */
  const stored = new Map<CompId, Map<Oid, OwnMark>>();
  /** Withdrawn here; shown no longer, whenever the others learn of it. */
  const leaving = new Set<EntryId>();

  const isWithdrawn = (spaceId: SpaceId, { entryId, author }: Kept): boolean =>
    leaving.has(entryId) ||
    [...(withdrawals.get(spaceId)?.values() ?? [])].some(({ of, by }) => of === entryId && by === author) ||
    outbox.waiting().some(({ draft }) => draft.kind === "retract" && draft.re === entryId);

  const ownWaiting = (compId: CompId): readonly OwnMark[] =>
    outbox.waiting().flatMap(({ compId: where, oid, draft, createdMs }): readonly OwnMark[] => {
      const mark = where === compId && draft.kind === "annot" ? parseImageMark(draft.body) : undefined;
      return mark === undefined ? [] : [{ oid, mark, atMs: createdMs, state: "queued" }];
    });

  const view = (
    author: UserId,
    { mark, id, atMs, state }: Pick<ImageMarkView, "id" | "atMs" | "state"> & { readonly mark: ImageMark },
  ): ImageMarkView => {
    const { name, institution } = deps.authorOf(author);
    return { ...mark, id, author: { userId: author, name, institution }, mine: author === me, atMs, state };
  };

  return {
    take: ({ spaceId, entry }) => {
      const { entryId, oid, author, t, kind, body, re } = entry;
      if (kind === "retract" && re !== undefined && rooms.get(spaceId)?.has(re) === true) {
        const room = withdrawals.get(spaceId) ?? new Map<EntryId, Withdrawal>();
        withdrawals.set(spaceId, room.set(entryId, { of: re, by: author }));
        return true;
      }
      const mark = kind === "annot" ? parseImageMark(body) : undefined;
      if (mark === undefined) return false;
      const room = rooms.get(spaceId) ?? new Map<EntryId, Kept>();
      rooms.set(spaceId, room.set(entryId, { entryId, oid, author, atMs: t, mark }));
      return true;
    },
    withdraw: (entryId) => {
      for (const index of [rooms, withdrawals])
        for (const [spaceId, room] of index) if (room.delete(entryId)) return spaceId;
      return undefined;
    },
    list: (spaceId, compId) => {
      const kept = [...(rooms.get(spaceId)?.values() ?? [])];
      const inFeed = new Set(kept.map(({ oid }) => oid));
      const views = kept
        .filter((one) => !isWithdrawn(spaceId, one))
        .map(({ entryId, author, atMs, mark }) => view(author, { id: entryId, atMs, mark, state: "stored" }));
      if (compId === undefined) return views;
      const accepted = stored.get(compId);
      for (const oid of [...(accepted?.keys() ?? [])]) if (inFeed.has(oid)) accepted?.delete(oid);
      const own = [...(accepted?.values() ?? []), ...ownWaiting(compId)].filter(({ oid }) => !inFeed.has(oid));
      // A mark that the feed does not have yet has no entry that could be withdrawn: it counts as waiting.
      return [...views, ...own.map(({ oid, atMs, mark }) => view(me, { id: oid, atMs, mark, state: "queued" }))];
    },
    add: async (compId, { kind, sop, frame, space, points, text }) => {
      if (text.length > MAX_TEXT) return err(failure("TOO_LARGE"));
      const mark: ImageMark = { kind, sop, frame, space, points, text };
      const body = encodeImageMark(mark);
      if (parseImageMark(body) === undefined) return err(failure("BAD_REQUEST"));
      const atMs = nowMs();
      const { oid, accepted } = await outbox.append(compId, { kind: "annot", body });
      onChange(compId);
      const settle = async () => {
        const result = await accepted;
        if (result.ok) {
          const list = stored.get(compId) ?? new Map<Oid, OwnMark>();
          stored.set(compId, list.set(oid, { oid, mark, atMs, state: "stored" }));
        }
        onChange(compId);
      };
      settle().catch((error: unknown) => reportError(error));
      return ok();
    },
    remove: async (spaceId, compId, id) => {
      const kept = [...(rooms.get(spaceId)?.values() ?? [])].find(({ entryId }) => entryId === id);
      if (kept === undefined) return err(failure("NOT_FOUND"));
      if (kept.author !== me) return err(failure("FORBIDDEN"));
      const { accepted } = await outbox.append(compId, {
        kind: "retract",
        body: new Map([["t", "image"]]),
        re: kept.entryId,
      });
      leaving.add(kept.entryId);
      onChange(compId);
      const settle = async () => {
        const result = await accepted;
        if (result.ok) return;
        leaving.delete(kept.entryId);
        onChange(compId);
      };
      settle().catch((error: unknown) => reportError(error));
      return ok();
    },
  };
}
