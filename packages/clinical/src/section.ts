import { dateTimeToMs } from "./clinical-time.ts";
import { smallestId, sourcesOf } from "./content.ts";
import { distinctCodes } from "./given-code.ts";
import { compareVersions } from "./identity-index.ts";
import type { Conflict, Fact, InstitutionShare, Section } from "./picture.ts";
import { allergyConflicts, bloodGroupConflicts, problemConflicts } from "./section-conflict.ts";
import type { Shelf } from "./shelf.ts";
import type { Statement } from "./statement.ts";
import { compareText } from "./text-order.ts";

/** A section before it is known which institutions are in the picture. */
export type SectionDraft = {
  readonly state: Section<Fact>["state"];
  readonly items: readonly Fact[];
  readonly spokenInstitutionIds: ReadonlySet<string>;
  readonly conflicts: readonly Conflict[];
};

const CONFLICTS: { readonly [shelf in Shelf]?: (statements: readonly Statement[]) => Conflict[] } = {
  allergies: allergyConflicts,
  problems: problemConflicts,
  bloodGroups: bloodGroupConflicts,
};

/** Statuses that stand first, because they are about now. */
const ACTIVE = new Set(["active", "recurrence", "relapse", "on-hold", "unknown"]);

/** The list that the statements of a section make. Empty is not none: only an assertion makes `asserted-none`. */
export function buildSection(shelf: Shelf, statements: readonly Statement[]): SectionDraft {
  const speaking = statements.filter(({ absence }) => absence?.scope !== "unknown");
  const listed = speaking.filter(({ absence, status }) => absence === undefined && status !== "refuted");
  const none = speaking.filter(({ absence }) => absence?.scope === "all" || absence?.scope === "drug");
  return {
    state: listed.length > 0 ? "listed" : none.length > 0 ? "asserted-none" : "no-information",
    items: buildFacts(listed),
    spokenInstitutionIds: new Set(speaking.map(({ source }) => source.institutionId)),
    conflicts: CONFLICTS[shelf]?.(speaking) ?? [],
  };
}

/** Names the institutions of the picture that said nothing. */
export function completeSection(draft: SectionDraft, institutions: readonly InstitutionShare[]): Section<Fact> {
  const silent = institutions.filter(({ id }) => !draft.spokenInstitutionIds.has(id)).map(({ name }) => name);
  return { state: draft.state, items: draft.items, silentInstitutions: silent };
}

function buildFacts(statements: readonly Statement[]): Fact[] {
  const groups = Map.groupBy(statements, ({ codeKey, status }) => JSON.stringify([codeKey, status ?? ""]));
  const drafts = [...groups.values()].map((members) => ({
    fact: buildFact(members),
    sinceMs: earliest(members)?.atMs ?? 0,
  }));
  return drafts
    .sort(
      (a, b) =>
        Number(isActive(b.fact)) - Number(isActive(a.fact)) ||
        b.sinceMs - a.sinceMs ||
        compareText(a.fact.title, b.fact.title) ||
        compareText(a.fact.id, b.fact.id),
    )
    .map(({ fact }) => fact);
}

function buildFact(members: readonly Statement[]): Fact {
  const ordered = [...members].sort(compareVersions);
  const newest = ordered.at(-1);
  const details = [...new Set(ordered.map(({ detail }) => detail).filter((detail) => detail !== undefined))];
  const since = earliest(ordered)?.since;
  return {
    id: smallestId(ordered),
    title: newest?.title ?? "",
    ...(details.length === 0 ? {} : { detail: details.join("; ") }),
    ...(newest?.status === undefined ? {} : { status: newest.status }),
    ...(since === undefined ? {} : { since }),
    codes: distinctCodes(ordered.map(({ codes }) => codes)),
    sources: sourcesOf(ordered),
  };
}

function earliest(members: readonly Statement[]): Statement | undefined {
  const dated = members.filter(({ since }) => dateTimeToMs(since) !== undefined);
  return dated.sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0) || compareText(a.id, b.id))[0];
}

function isActive({ status }: Fact): boolean {
  return status === undefined || ACTIVE.has(status);
}
