import { dateTimeToMs } from "./clinical-time.ts";
import { smallestId, sourcesOf } from "./content.ts";
import { type FactDraft, suggestDuplicates } from "./fact-suggestion.ts";
import { distinctCodes, hasStandardCode } from "./given-code.ts";
import { compareVersions } from "./identity-index.ts";
import type { Conflict, Fact, InstitutionShare, Section, Suggestion } from "./picture.ts";
import { allergyConflicts, bloodGroupConflicts, doseConflicts, problemConflicts } from "./section-conflict.ts";
import type { Shelf } from "./shelf.ts";
import type { Statement } from "./statement.ts";
import { compareText } from "./text-order.ts";

/** A section before it is known which institutions are in the picture. */
export type SectionDraft = {
  readonly state: Section<Fact>["state"];
  readonly items: readonly Fact[];
  readonly spokenInstitutionIds: ReadonlySet<string>;
  readonly conflicts: readonly Conflict[];
  readonly suggestions: readonly Suggestion[];
};

const CONFLICTS: { readonly [shelf in Shelf]?: (statements: readonly Statement[]) => Conflict[] } = {
  allergies: allergyConflicts,
  problems: problemConflicts,
  medications: doseConflicts,
  bloodGroups: bloodGroupConflicts,
};

/** Statuses that stand first, because they are about now. */
const ACTIVE = new Set(["active", "recurrence", "relapse", "on-hold", "unknown"]);

/** The list that the statements of a section make. Empty is not none: only an assertion makes `asserted-none`. */
export function buildSection(shelf: Shelf, statements: readonly Statement[]): SectionDraft {
  const speaking = statements.filter(({ absence }) => absence?.scope !== "unknown");
  const listed = speaking.filter(({ absence, status }) => absence === undefined && status !== "refuted");
  const none = speaking.filter(({ absence }) => absence?.scope === "all" || absence?.scope === "drug");
  const items = buildFacts(listed);
  return {
    state: listed.length > 0 ? "listed" : none.length > 0 ? "asserted-none" : "no-information",
    items: items.map(({ fact }) => fact),
    spokenInstitutionIds: new Set(speaking.map(({ source }) => source.institutionId)),
    conflicts: CONFLICTS[shelf]?.(speaking) ?? [],
    suggestions: suggestDuplicates(shelf, items),
  };
}

/** Names the institutions of the picture that said nothing. */
export function completeSection(draft: SectionDraft, institutions: readonly InstitutionShare[]): Section<Fact> {
  const silent = institutions.filter(({ id }) => !draft.spokenInstitutionIds.has(id)).map(({ name }) => name);
  return { state: draft.state, items: draft.items, silentInstitutions: silent };
}

function buildFacts(statements: readonly Statement[]): FactDraft[] {
  const groups = Map.groupBy(statements, ({ subjectKey, status }) => JSON.stringify([subjectKey, status ?? ""]));
  const drafts = [...groups.values()].flatMap(splitForms).map((members) => ({
    fact: buildFact(members),
    members,
    sinceMs: earliest(members)?.atMs ?? 0,
  }));
  return drafts.sort(
    (a, b) =>
      Number(isActive(b.fact)) - Number(isActive(a.fact)) ||
      b.sinceMs - a.sinceMs ||
      compareText(a.fact.title, b.fact.title) ||
      compareText(a.fact.id, b.fact.id),
  );
}

/**
 * Medicines of one substance and strength that say different forms are different; one that says none is the same as the
 * others only where these agree.
 */
function splitForms(members: readonly Statement[]): readonly (readonly Statement[])[] {
  const byForm = Map.groupBy(members, ({ medicine }) => medicine?.forms.join() ?? "");
  const said = [...byForm.keys()].filter((forms) => forms !== "");
  return said.length > 1 ? [...byForm.values()] : [members];
}

function buildFact(members: readonly Statement[]): Fact {
  const ordered = [...members].sort(compareVersions);
  const newest = ordered.at(-1);
  const details = [...new Set(ordered.map(({ detail }) => detail).filter((detail) => detail !== undefined))];
  const since = earliest(ordered)?.since;
  const codes = distinctCodes(ordered.map((each) => each.codes));
  return {
    id: smallestId(ordered),
    title: newest?.title ?? "",
    otherTitles: [...new Set(ordered.map(({ title }) => title))]
      .filter((title) => title !== newest?.title)
      .sort(compareText),
    ...(details.length === 0 ? {} : { detail: details.join("; ") }),
    ...(newest?.status === undefined ? {} : { status: newest.status }),
    ...(since === undefined ? {} : { since }),
    codes,
    mapping: hasStandardCode(codes) ? "standard" : ordered.some(isInTable) ? "table" : "none",
    substances: newest?.medicine?.substances ?? [],
    sources: sourcesOf(ordered),
  };
}

function isInTable({ subjectKey, codeKey }: Statement): boolean {
  return subjectKey !== codeKey;
}

function earliest(members: readonly Statement[]): Statement | undefined {
  const dated = members.filter(({ since }) => dateTimeToMs(since) !== undefined);
  return dated.sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0) || compareText(a.id, b.id))[0];
}

function isActive({ status }: Fact): boolean {
  return status === undefined || ACTIVE.has(status);
}
