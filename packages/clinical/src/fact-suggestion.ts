import type { Fact, Suggestion } from "./picture.ts";
import type { Shelf } from "./shelf.ts";
import type { Statement } from "./statement.ts";
import { substancesMentioned } from "./substances/medication-name.ts";
import { compareText } from "./text-order.ts";

/** A fact of a list and the statements that make it. */
export type FactDraft = { readonly fact: Fact; readonly members: readonly Statement[] };

const KIND_BY_SHELF = new Map<Shelf, Suggestion["kind"]>([
  ["allergies", "allergy"],
  ["problems", "problem"],
  ["medications", "medication"],
]);

/**
 * Facts of one list that may be one and stand apart: with a code in common, with the same words, or about one substance.
 * Facts about one subject that differ in their status are no duplicates.
 */
export function suggestDuplicates(shelf: Shelf, drafts: readonly FactDraft[]): Suggestion[] {
  const kind = KIND_BY_SHELF.get(shelf);
  if (kind === undefined) return [];
  const byToken = new Map<string, FactDraft[]>();
  for (const draft of drafts) {
    if (kind === "medication" && !isTaken(draft.fact)) continue;
    for (const token of tokensOf(shelf, draft)) {
      const sharing = byToken.get(token);
      if (sharing === undefined) byToken.set(token, [draft]);
      else sharing.push(draft);
    }
  }
  const bySet = new Map<string, Suggestion>();
  for (const [token, sharing] of [...byToken].sort(([a], [b]) => compareText(a, b))) {
    if (new Set(sharing.map(subjectOf)).size < 2 || !isFromSeveralSystems(sharing)) continue;
    const suggestion = suggest(kind, token, sharing);
    const members = suggestion.items.map(({ id }) => id).join();
    if (!bySet.has(members)) bySet.set(members, suggestion);
  }
  return [...bySet.values()];
}

/** What was taken years ago is no duplicate of what is taken today. */
function isTaken({ status }: Fact): boolean {
  return status === undefined || status === "active" || status === "on-hold" || status === "unknown";
}

function subjectOf({ members }: FactDraft): string {
  const forms = new Set(members.flatMap(({ medicine }) => medicine?.forms ?? []));
  return `${members[0]?.subjectKey ?? ""}|${[...forms].sort().join()}`;
}

/** A system that lists two strengths means two. */
function isFromSeveralSystems(sharing: readonly FactDraft[]): boolean {
  const sources = sharing.flatMap(({ fact }) => fact.sources);
  return new Set(sources.map(({ institutionId, system }) => `${institutionId} ${system}`)).size > 1;
}

function tokensOf(shelf: Shelf, { fact, members }: FactDraft): ReadonlySet<string> {
  const titles = [fact.title, ...fact.otherTitles];
  const tokens = new Set<string>();
  for (const title of titles) tokens.add(`same-words|${title.toLowerCase().replace(/\s+/g, " ")}`);
  for (const { system, code } of fact.codes) if (system !== "") tokens.add(`same-code|${system}|${code}`);
  if (shelf === "problems") return tokens;
  for (const { medicine } of members)
    for (const each of medicine?.substances ?? []) tokens.add(`same-substance|${each}`);
  for (const title of titles) for (const each of substancesMentioned(title)) tokens.add(`same-substance|${each}`);
  return tokens;
}

function suggest(kind: Suggestion["kind"], token: string, sharing: readonly FactDraft[]): Suggestion {
  const [reason = ""] = token.split("|", 1);
  const items = sharing
    .map(({ fact: { id, title, detail, sources } }) => ({
      id,
      text: detail === undefined ? title : `${title}: ${detail}`,
      sources,
    }))
    .sort((a, b) => compareText(a.id, b.id));
  return {
    id: `${kind}|${token}`,
    kind,
    reason: reason === "same-code" || reason === "same-words" ? reason : "same-substance",
    title: reason === "same-substance" ? token.slice(reason.length + 1) : (sharing[0]?.fact.title ?? ""),
    items,
  };
}
