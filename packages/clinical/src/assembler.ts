import { contentToPoints, contentToTimeline, gatherContents, type PlacedPoint } from "./content.ts";
import { createContentIndex } from "./content-index.ts";
import type { Fragment } from "./fragment.ts";
import { findGaps } from "./gap.ts";
import { createIdentityIndex, type Unit } from "./identity-index.ts";
import { createInstitutionRegister } from "./institution-register.ts";
import { buildPatient, patientConflicts } from "./patient-facts.ts";
import type {
  Conflict,
  Coverage,
  Picture,
  RetractedItem,
  Series,
  Source,
  Suggestion,
  TimelineItem,
} from "./picture.ts";
import { type Reconciliation, settle } from "./reconciliation.ts";
import { suggestResults } from "./result-suggestion.ts";
import { compareRetracted, retractedItem } from "./retracted-item.ts";
import { buildSection, completeSection, type SectionDraft } from "./section.ts";
import { buildSeries, compareSeries } from "./series.ts";
import { SHELVES, type Shelf } from "./shelf.ts";
import { readStatement, type Statement } from "./statement.ts";
import { compareText, mergeSorted } from "./text-order.ts";

/** Adds fragments to the picture of one patient. All fragments must be about the same patient: the caller knows whose chart it is. */
export type Assembler = {
  /** Costs the size of what is added. A fragment that is already there is left alone. */
  add(fragments: readonly Fragment[]): void;
  remove(ids: readonly string[]): void;
  /** Everything that clinicians reconciled or took back; replaces what was given before. */
  reconcile(entries: readonly Reconciliation[]): void;
  /** Who was asked and what came of it; replaces what was given before. */
  cover(coverage: Coverage): void;
  /** The same whatever the order in which fragments came and went. Rebuilds only what was touched since the last call. */
  picture(): Picture;
};

type View = {
  readonly timeline: readonly TimelineItem[];
  readonly points: readonly PlacedPoint[];
  readonly shelf: Shelf | undefined;
  readonly statements: readonly Statement[];
  readonly isPatient: boolean;
};

/** An empty picture to add to. */
export function createAssembler(): Assembler {
  const identities = createIdentityIndex();
  const institutions = createInstitutionRegister();
  const contents = createContentIndex();
  const views = createViews();
  const retractedByUnit = new Map<Unit, RetractedItem>();
  let reconciliations: readonly Reconciliation[] = [];
  let coverage: Coverage | undefined;
  let assembled: Picture | undefined;

  function* sources(): Iterable<Source> {
    for (const { source } of identities.statements()) yield source;
  }

  /** Brings units and what was taken back up to date; the contents that this touched have to be viewed again. */
  function settleUnits(): ReadonlySet<string> {
    const { retired, formed } = identities.settle();
    for (const unit of retired) {
      retractedByUnit.delete(unit);
      contents.remove(unit);
    }
    for (const unit of formed) {
      const item = retractedItem(unit);
      if (item !== undefined) retractedByUnit.set(unit, item);
      contents.add(unit);
    }
    return contents.takeTouched();
  }

  return {
    add(fragments) {
      for (const fragment of fragments) {
        if (identities.has(fragment.id)) continue;
        const statement = readStatement(fragment);
        identities.add(statement);
        institutions.add(statement.source);
        assembled = undefined;
      }
    },
    remove(ids) {
      for (const id of ids) {
        const removed = identities.remove(id);
        if (removed === undefined) continue;
        institutions.remove(removed.source);
        assembled = undefined;
      }
    },
    reconcile(entries) {
      reconciliations = entries;
      assembled = undefined;
    },
    cover(known) {
      coverage = known;
      assembled = undefined;
    },
    picture() {
      if (assembled !== undefined) return assembled;
      for (const key of settleUnits()) {
        const units = contents.unitsOf(key);
        views.replace(key, units.length === 0 ? undefined : viewContent(key, units));
      }
      const parts = views.compose(institutions.list(sources()));
      assembled = {
        ...parts,
        conflicts: settle(parts.conflicts, reconciliations),
        suggestions: settle(parts.suggestions, reconciliations),
        gaps: findGaps(coverage, parts.institutions, parts.timeline),
        retracted: [...retractedByUnit.values()].sort(compareRetracted),
      };
      return assembled;
    },
  };
}

function viewContent(key: string, units: readonly Unit[]): View {
  const contents = gatherContents(key, units);
  const statements = contents.flatMap(({ current }) => current);
  return {
    timeline: contents.flatMap(contentToTimeline),
    points: contents.flatMap(contentToPoints),
    shelf: statements[0]?.shelf,
    statements,
    isPatient: statements[0]?.kind === "patient",
  };
}

/** What each content contributes, and the parts of the picture built from it that are still good. */
function createViews() {
  const viewByContent = new Map<string, View>();
  const membersByBase = new Map<string, Map<string, readonly PlacedPoint[]>>();
  const seriesByBase = new Map<string, readonly Series[]>();
  const suggestionsBySeries = new Map<string, readonly Suggestion[]>();
  const statementsByShelf = new Map(SHELVES.map((shelf) => [shelf, new Map<string, readonly Statement[]>()]));
  const draftByShelf = new Map<Shelf, SectionDraft>();
  const registrations = new Map<string, readonly Statement[]>();
  let person: { readonly patient: Picture["patient"]; readonly conflicts: readonly Conflict[] } | undefined;
  const staleItems = new Set<TimelineItem>();
  const freshItems: TimelineItem[] = [];
  const staleBases = new Set<string>();
  let timeline: readonly TimelineItem[] = [];

  function withdraw(key: string, view: View): void {
    viewByContent.delete(key);
    for (const item of view.timeline) staleItems.add(item);
    for (const { seriesBase } of view.points) {
      membersByBase.get(seriesBase)?.delete(key);
      staleBases.add(seriesBase);
    }
    if (view.shelf !== undefined) {
      statementsByShelf.get(view.shelf)?.delete(key);
      draftByShelf.delete(view.shelf);
    }
    if (view.isPatient) {
      registrations.delete(key);
      person = undefined;
    }
  }

  function contribute(key: string, view: View): void {
    viewByContent.set(key, view);
    freshItems.push(...view.timeline);
    for (const [base, points] of Map.groupBy(view.points, ({ seriesBase }) => seriesBase)) {
      membersByBase.set(base, (membersByBase.get(base) ?? new Map()).set(key, points));
      staleBases.add(base);
    }
    if (view.shelf !== undefined) {
      statementsByShelf.get(view.shelf)?.set(key, view.statements);
      draftByShelf.delete(view.shelf);
    }
    if (view.isPatient) {
      registrations.set(key, view.statements);
      person = undefined;
    }
  }

  function refreshTimeline(): readonly TimelineItem[] {
    if (staleItems.size === 0 && freshItems.length === 0) return timeline;
    const kept = staleItems.size === 0 ? timeline : timeline.filter((item) => !staleItems.has(item));
    const added = freshItems.filter((item) => !staleItems.has(item)).sort(compareItems);
    timeline = mergeSorted(kept, added, compareItems);
    staleItems.clear();
    freshItems.length = 0;
    return timeline;
  }

  function refreshSeries(): readonly Series[] {
    for (const base of staleBases) {
      for (const { key } of seriesByBase.get(base) ?? []) suggestionsBySeries.delete(key);
      const series = buildSeries(base, [...(membersByBase.get(base)?.values() ?? [])].flat());
      for (const one of series) suggestionsBySeries.set(one.key, suggestResults(one));
      if (series.length > 0) seriesByBase.set(base, series);
      else seriesByBase.delete(base);
    }
    staleBases.clear();
    return [...seriesByBase.values()].flat().sort(compareSeries);
  }

  function whoItIs() {
    if (person !== undefined) return person;
    const registered = [...registrations.values()].flat();
    person = { patient: buildPatient(registered), conflicts: patientConflicts(registered) };
    return person;
  }

  function draft(shelf: Shelf): SectionDraft {
    const known = draftByShelf.get(shelf);
    if (known !== undefined) return known;
    const built = buildSection(shelf, [...(statementsByShelf.get(shelf)?.values() ?? [])].flat());
    draftByShelf.set(shelf, built);
    return built;
  }

  return {
    replace(key: string, view: View | undefined): void {
      const previous = viewByContent.get(key);
      if (previous !== undefined) withdraw(key, previous);
      if (view !== undefined) contribute(key, view);
    },
    compose(institutions: Picture["institutions"]): Omit<Picture, "gaps" | "retracted"> {
      const { patient, conflicts } = whoItIs();
      const series = refreshSeries();
      const section = (shelf: Shelf) => completeSection(draft(shelf), institutions);
      return {
        patient,
        institutions,
        timeline: refreshTimeline(),
        series,
        allergies: section("allergies"),
        problems: section("problems"),
        medications: section("medications"),
        devices: section("devices"),
        directives: section("directives"),
        alerts: section("alerts"),
        bloodGroups: section("bloodGroups"),
        conflicts: [...conflicts, ...SHELVES.flatMap((shelf) => draft(shelf).conflicts)],
        suggestions: [
          ...SHELVES.flatMap((shelf) => draft(shelf).suggestions),
          ...series.flatMap(({ key }) => suggestionsBySeries.get(key) ?? []),
        ],
      };
    },
  };
}

function compareItems(a: TimelineItem, b: TimelineItem): number {
  return (b.atMs ?? Number.NEGATIVE_INFINITY) === (a.atMs ?? Number.NEGATIVE_INFINITY)
    ? Number(a.superseded) - Number(b.superseded) || compareText(a.id, b.id)
    : (b.atMs ?? Number.NEGATIVE_INFINITY) - (a.atMs ?? Number.NEGATIVE_INFINITY);
}
