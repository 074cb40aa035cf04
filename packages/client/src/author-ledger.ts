import type { EntryId, ErrorCode, Kid, Oid } from "@caseroom/contract";
import type { OpenedEntry } from "@caseroom/space/secret";
import type { AuthorState } from "./stored-records.ts";

/**
 * What each author's device has said so far in a compartment. Its entries are numbered and each names the one before (protocol §5.2), so
 * that one held back by the hub shows as a gap, and one brought again as a duplicate.
 */
export type AuthorLedger = {
  readonly follow: (entry: OpenedEntry) => Verdict;
  readonly isNewObject: (oid: Oid) => boolean;
  readonly authors: () => ReadonlyMap<Kid, AuthorState>;
};

type Verdict =
  | { readonly type: "follows" }
  | { readonly type: "gap" }
  | { readonly type: "refused"; readonly code: ErrorCode };

export function createAuthorLedger(restored: ReadonlyMap<Kid, AuthorState>): AuthorLedger {
  const authors = new Map(restored);
  const entryIds = new Set<EntryId>();
  const oids = new Set<Oid>();
  return {
    authors: () => authors,
    isNewObject: (oid) => {
      if (oids.has(oid)) return false;
      oids.add(oid);
      return true;
    },
    follow: (entry) => {
      const before = authors.get(entry.kid);
      if (entryIds.has(entry.entryId) || (before !== undefined && entry.as <= before.as)) {
        return { type: "refused", code: "DUPLICATE" };
      }
      // What an author has seen of the feed never goes back (protocol §5.2, see).
      if (before !== undefined && entry.see.feedN < before.seenN) return { type: "refused", code: "ROLLBACK" };
      entryIds.add(entry.entryId);
      authors.set(entry.kid, { as: entry.as, entryId: entry.entryId, seenN: entry.see.feedN });
      const expected = { as: (before?.as ?? 0) + 1, ap: before?.entryId ?? null };
      return entry.as === expected.as && entry.ap === expected.ap ? { type: "follows" } : { type: "gap" };
    },
  };
}
