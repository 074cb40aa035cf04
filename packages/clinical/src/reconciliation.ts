import { isFhirObject, textOf } from "./fhir-value.ts";
import type { Conflict, Decision, Settlement, Source, Suggestion } from "./picture.ts";
import { compareText } from "./text-order.ts";

/** What the clinician had before them: a statement and the institutions that made it. */
export type SeenStatement = { readonly text: string; readonly institutionIds: readonly string[] };

/** The payload of a signed entry that reconciles a conflict or a suggestion of the picture, or that takes one back. */
export type ReconciliationPayload =
  | {
      readonly act: "reconcile";
      /** The id of the conflict or suggestion. */
      readonly subjectId: string;
      readonly seen: readonly SeenStatement[];
      readonly decision: Decision;
      readonly reason: string;
    }
  | { readonly act: "undo"; readonly entryId: string; readonly reason: string };

/** A payload with what its entry proves: who signed it, and when they say that it was. */
export type Reconciliation = {
  readonly entryId: string;
  readonly authorId: string;
  readonly atMs: number;
  readonly payload: ReconciliationPayload;
};

const MAX_STATEMENTS = 200;
const MAX_TEXT = 4_096;

/** The payload for what is on the screen now: it holds for these statements and these institutions, and for no later one. */
export function reconcile(
  subject: Conflict | Suggestion,
  decision: Decision,
  reason: string,
): Extract<ReconciliationPayload, { readonly act: "reconcile" }> {
  return { act: "reconcile", subjectId: subject.id, seen: statementsOf(subject).map(seenOf), decision, reason };
}

/** The one parser of payloads. `undefined` for anything that is not one, and beyond 200 statements or 4,096 characters a text. */
export function parseReconciliation(value: unknown): ReconciliationPayload | undefined {
  if (!isFhirObject(value)) return undefined;
  const reason = limited(value.reason);
  if (reason === undefined) return undefined;
  if (value.act === "undo") {
    const entryId = limited(value.entryId);
    return entryId === undefined ? undefined : { act: "undo", entryId, reason };
  }
  const subjectId = limited(value.subjectId);
  const decision = readDecision(value.decision);
  const seen = readList(value.seen, readSeen);
  if (value.act !== "reconcile" || subjectId === undefined || decision === undefined || seen === undefined)
    return undefined;
  return { act: "reconcile", subjectId, seen, decision, reason };
}

/**
 * Puts on each conflict or suggestion what was decided about it. The latest decision that nobody took back counts; its
 * statements stay where they are. A statement or an institution that the clinician had not seen opens it again.
 */
export function settle<T extends Conflict | Suggestion>(
  subjects: readonly T[],
  entries: readonly Reconciliation[],
): readonly T[] {
  if (entries.length === 0) return subjects;
  const latest = latestDecisions(entries);
  return subjects.map((subject) => {
    const entry = latest.get(subject.id);
    return entry === undefined ? subject : { ...subject, settlement: settlementOf(subject, entry) };
  });
}

type Decided = Reconciliation & { readonly payload: Extract<ReconciliationPayload, { readonly act: "reconcile" }> };

function latestDecisions(entries: readonly Reconciliation[]): ReadonlyMap<string, Decided> {
  const isUndone = undoing(entries);
  const latest = new Map<string, Decided>();
  for (const entry of [...entries].sort((a, b) => a.atMs - b.atMs || compareText(a.entryId, b.entryId))) {
    if (!isDecision(entry) || isUndone(entry.entryId)) continue;
    latest.set(entry.payload.subjectId, entry);
  }
  return latest;
}

function isDecision(entry: Reconciliation): entry is Decided {
  return entry.payload.act === "reconcile";
}

/** An undo can be undone. Entries that undo one another in a circle, which no honest client writes, all count as undone. */
function undoing(entries: readonly Reconciliation[]): (entryId: string) => boolean {
  const undosByTarget = new Map<string, string[]>();
  for (const { entryId, payload } of entries) {
    if (payload.act !== "undo") continue;
    undosByTarget.set(payload.entryId, [...(undosByTarget.get(payload.entryId) ?? []), entryId]);
  }
  const isUndone = (entryId: string, above: ReadonlySet<string>): boolean => {
    if (above.has(entryId)) return true;
    const below = new Set(above).add(entryId);
    return (undosByTarget.get(entryId) ?? []).some((undo) => below.has(undo) || !isUndone(undo, below));
  };
  return (entryId) => isUndone(entryId, new Set());
}

function settlementOf(subject: Conflict | Suggestion, { entryId, authorId, atMs, payload }: Decided): Settlement {
  const seen = new Map(payload.seen.map(({ text, institutionIds }) => [text, new Set(institutionIds)]));
  const isNew = statementsOf(subject).some(({ text, sources }) => {
    const institutions = seen.get(text);
    return institutions === undefined || sources.some(({ institutionId }) => !institutions.has(institutionId));
  });
  const { decision, reason } = payload;
  return { entryId, authorId, atMs, decision, reason, state: decision.kind === "open" || isNew ? "open" : "settled" };
}

type Said = { readonly text: string; readonly sources: readonly Source[] };

function statementsOf(subject: Conflict | Suggestion): readonly Said[] {
  return "statements" in subject ? subject.statements : subject.items;
}

function seenOf({ text, sources }: Said): SeenStatement {
  return { text, institutionIds: [...new Set(sources.map(({ institutionId }) => institutionId))].sort() };
}

function readDecision(value: unknown): Decision | undefined {
  if (!isFhirObject(value)) return undefined;
  switch (value.kind) {
    case "holds": {
      const text = limited(value.text);
      return text === undefined ? undefined : { kind: "holds", text };
    }
    case "same":
    case "different":
    case "open":
      return { kind: value.kind };
    default:
      return undefined;
  }
}

function readSeen(value: unknown): SeenStatement | undefined {
  if (!isFhirObject(value)) return undefined;
  const text = limited(value.text);
  const institutionIds = readList(value.institutionIds, limited);
  return text === undefined || institutionIds === undefined ? undefined : { text, institutionIds };
}

function readList<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_STATEMENTS) return undefined;
  const items = value.map(read).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}

function limited(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= MAX_TEXT && textOf(value) !== undefined ? value : undefined;
}
