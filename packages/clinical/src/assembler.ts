import type { SectionName } from "./absence.ts";
import { contentToPoints, contentToTimeline, gatherContent, type PlacedPoint } from "./content.ts";
import type { Fragment } from "./fragment.ts";
import { createIdentityIndex, type Unit } from "./identity-index.ts";
import { createInstitutionRegister } from "./institution-register.ts";
import { buildPatient, patientConflicts } from "./patient-facts.ts";
import type { Picture, Series, TimelineItem } from "./picture.ts";
import { buildSection, completeSection, type SectionDraft } from "./section.ts";
import { buildSeries, compareSeries, compareText } from "./series.ts";
import { readStatement, type Statement } from "./statement.ts";

/** Adds fragments to the picture of one patient. All fragments must be about the same patient: the caller knows whose chart it is. */
export type Assembler = {
  /** Costs the size of what is added. A fragment that is already there is left alone. */
  add(fragments: readonly Fragment[]): void;
  remove(ids: readonly string[]): void;
  /** The same whatever the order in which fragments came and went. Rebuilds only what was touched since the last call. */
  picture(): Picture;
};

type View = {
  readonly timeline: readonly TimelineItem[];
  readonly points: readonly PlacedPoint[];
  readonly section: SectionName | undefined;
  readonly statements: readonly Statement[];
  readonly isPatient: boolean;
};

const SECTIONS = ["allergies", "problems", "medications"] as const;

/** An empty picture to add to. */
export function createAssembler(): Assembler {
  const identities = createIdentityIndex();
  const institutions = createInstitutionRegister();
  const unitsByContent = new Map<string, Set<Unit>>();
  const views = createViews();
  let assembled: Picture | undefined;

  function settle(): ReadonlySet<string> {
    const touched = new Set<string>();
    const { retired, formed } = identities.settle();
    for (const unit of retired) {
      for (const key of contentKeysOf(unit)) {
        touched.add(key);
        unitsByContent.get(key)?.delete(unit);
      }
    }
    for (const unit of formed) {
      for (const key of contentKeysOf(unit)) {
        touched.add(key);
        unitsByContent.set(key, (unitsByContent.get(key) ?? new Set()).add(unit));
      }
    }
    return touched;
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
        if (!identities.has(id)) continue;
        identities.remove(id);
        institutions.remove(id);
        assembled = undefined;
      }
    },
    picture() {
      if (assembled !== undefined) return assembled;
      for (const key of settle()) {
        const units = unitsByContent.get(key) ?? new Set();
        if (units.size === 0) unitsByContent.delete(key);
        views.replace(key, units.size === 0 ? undefined : viewContent(key, units));
      }
      assembled = views.compose(institutions.list());
      return assembled;
    },
  };
}

function contentKeysOf(unit: Unit): ReadonlySet<string> {
  return new Set([...unit.current, ...unit.superseded].map(({ contentKey }) => contentKey));
}

function viewContent(key: string, units: ReadonlySet<Unit>): View {
  const content = gatherContent(key, units);
  const [first] = content.current;
  return {
    timeline: contentToTimeline(content),
    points: contentToPoints(content),
    section: first === undefined ? undefined : (first.absence?.section ?? first.section),
    statements: content.current,
    isPatient: first?.kind === "patient",
  };
}

/** What each content contributes, and the parts of the picture built from it that are still good. */
function createViews() {
  const viewByContent = new Map<string, View>();
  const membersByBase = new Map<string, Map<string, readonly PlacedPoint[]>>();
  const seriesByBase = new Map<string, readonly Series[]>();
  const statementsBySection = new Map(SECTIONS.map((name) => [name, new Map<string, readonly Statement[]>()]));
  const draftBySection = new Map<SectionName, SectionDraft>();
  const registrations = new Map<string, readonly Statement[]>();
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
    if (view.section !== undefined) {
      statementsBySection.get(view.section)?.delete(key);
      draftBySection.delete(view.section);
    }
    if (view.isPatient) registrations.delete(key);
  }

  function contribute(key: string, view: View): void {
    viewByContent.set(key, view);
    freshItems.push(...view.timeline);
    for (const [base, points] of Map.groupBy(view.points, ({ seriesBase }) => seriesBase)) {
      membersByBase.set(base, (membersByBase.get(base) ?? new Map()).set(key, points));
      staleBases.add(base);
    }
    if (view.section !== undefined) {
      statementsBySection.get(view.section)?.set(key, view.statements);
      draftBySection.delete(view.section);
    }
    if (view.isPatient) registrations.set(key, view.statements);
  }

  function refreshTimeline(): readonly TimelineItem[] {
    if (staleItems.size === 0 && freshItems.length === 0) return timeline;
    timeline = [...timeline, ...freshItems].filter((item) => !staleItems.has(item)).sort(compareItems);
    staleItems.clear();
    freshItems.length = 0;
    return timeline;
  }

  function refreshSeries(): readonly Series[] {
    for (const base of staleBases) {
      const series = buildSeries(base, [...(membersByBase.get(base)?.values() ?? [])].flat());
      if (series.length > 0) seriesByBase.set(base, series);
      else seriesByBase.delete(base);
    }
    staleBases.clear();
    return [...seriesByBase.values()].flat().sort(compareSeries);
  }

  function draft(name: SectionName): SectionDraft {
    const known = draftBySection.get(name);
    if (known !== undefined) return known;
    const built = buildSection([...(statementsBySection.get(name)?.values() ?? [])].flat());
    draftBySection.set(name, built);
    return built;
  }

  return {
    replace(key: string, view: View | undefined): void {
      const previous = viewByContent.get(key);
      if (previous !== undefined) withdraw(key, previous);
      if (view !== undefined) contribute(key, view);
    },
    compose(institutions: Picture["institutions"]): Picture {
      const registered = [...registrations.values()].flat();
      return {
        patient: buildPatient(registered),
        institutions,
        timeline: refreshTimeline(),
        series: refreshSeries(),
        allergies: completeSection(draft("allergies"), institutions),
        problems: completeSection(draft("problems"), institutions),
        medications: completeSection(draft("medications"), institutions),
        conflicts: [...patientConflicts(registered), ...draft("allergies").conflicts],
      };
    },
  };
}

function compareItems(a: TimelineItem, b: TimelineItem): number {
  return (b.atMs ?? Number.NEGATIVE_INFINITY) === (a.atMs ?? Number.NEGATIVE_INFINITY)
    ? compareText(a.id, b.id)
    : (b.atMs ?? Number.NEGATIVE_INFINITY) - (a.atMs ?? Number.NEGATIVE_INFINITY);
}
