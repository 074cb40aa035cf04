import type { GivenCode } from "./given-code.ts";
import { compareVersions, type Unit } from "./identity-index.ts";
import type { Measurement } from "./observation.ts";
import type { Point, Source, TimelineItem } from "./picture.ts";
import type { Statement } from "./statement.ts";
import { compareText } from "./text-order.ts";

/** The statements that say the same of one thing, from whatever unit: those that count and those that were replaced. */
export type Content = {
  readonly current: readonly Statement[];
  readonly superseded: readonly Statement[];
};

/** A point together with the series it belongs to. */
export type PlacedPoint = {
  readonly seriesBase: string;
  readonly part: Measurement;
  readonly codes: readonly GivenCode[];
  /** Its value in the unit of the series is not known before the series is. */
  readonly point: Omit<Point, "common">;
};

/**
 * The things that have this content, each with the statements of all its units, oldest version first. What two systems
 * say alike is one thing; what one system numbers as two is two, and the first of another system's is a copy of the first.
 */
export function gatherContents(contentKey: string, units: readonly Unit[]): readonly Content[] {
  const [only] = units;
  // Most contents are said once, of one thing.
  if (units.length === 1 && only?.members.length === 1) return [only];
  const parts = units
    .map((unit) => ({
      current: unit.current.filter((statement) => statement.contentKey === contentKey),
      superseded: unit.superseded.filter((statement) => statement.contentKey === contentKey),
    }))
    .map((part) => ({ ...part, id: smallestId([...part.current, ...part.superseded]) }))
    .sort((a, b) => compareText(a.id, b.id));
  const countBySystem = new Map<string, number>();
  const contents: { current: Statement[]; superseded: Statement[] }[] = [];
  for (const { current, superseded } of parts) {
    const systems = numberingSystems([...current, ...superseded]);
    const place = Math.max(0, ...systems.map((system) => countBySystem.get(system) ?? 0));
    for (const system of systems) countBySystem.set(system, place + 1);
    const content = contents[place] ?? { current: [], superseded: [] };
    content.current.push(...current);
    content.superseded.push(...superseded);
    contents[place] = content;
  }
  return contents.map(({ current, superseded }) => ({
    current: current.sort(compareVersions),
    superseded: superseded.sort(compareVersions),
  }));
}

/**
 * The items of the timeline for one content. A result whose value was corrected at its source is replaced in every
 * copy, also where another institution still shows the first value; other facts stand as long as somebody states them.
 */
export function contentToTimeline({ current, superseded }: Content): TimelineItem[] {
  if (isReplacedResult({ current, superseded }))
    return timelineItem([...current, ...superseded].sort(compareVersions), true);
  return [...timelineItem(current, false), ...timelineItem(superseded, true)];
}

/** The points of one content: none when it was replaced. */
export function contentToPoints(content: Content): PlacedPoint[] {
  const shown = content.current.at(-1);
  if (shown === undefined || shown.atMs === undefined || isReplacedResult(content)) return [];
  const { atMs, status } = shown;
  const sources = sourcesOf(content.current);
  const id = smallestId(content.current);
  return shown.measurements.map((part, index) => ({
    seriesBase: part.seriesBase,
    part,
    codes: shown.codes,
    point: {
      id: shown.measurements.length === 1 ? id : `${id}/${index}`,
      atMs,
      isDayOnly: shown.isDayOnly,
      value: part.value,
      ...(part.unit === undefined ? {} : { unit: part.unit }),
      text: part.text,
      ...(part.flag === undefined ? {} : { flag: part.flag }),
      ...(part.low === undefined ? {} : { low: part.low }),
      ...(part.high === undefined ? {} : { high: part.high }),
      ...(part.hba1c === undefined ? {} : { hba1c: part.hba1c }),
      status: status ?? "unknown",
      sources,
    },
  }));
}

/** Every source, oldest received first; ties by fragment. */
export function sourcesOf(statements: readonly Statement[]): Source[] {
  return sortSources(statements.map((statement) => statement.source));
}

/** The same for sources that were gathered before; a fragment counts once. */
export function sortSources(sources: readonly Source[]): Source[] {
  if (sources.length < 2) return [...sources];
  const byFragment = new Map(sources.map((source) => [source.fragmentId, source]));
  return [...byFragment.values()].sort(
    (a, b) => a.receivedMs - b.receivedMs || (a.fragmentId < b.fragmentId ? -1 : a.fragmentId > b.fragmentId ? 1 : 0),
  );
}

/** The id by which something shown is known: that of its first fragment in the order of ids. */
export function smallestId(statements: readonly Statement[]): string {
  return statements.reduce((least, { id }) => (least === "" || id < least ? id : least), "");
}

function numberingSystems(statements: readonly Statement[]): readonly string[] {
  const numbered = statements.filter(({ isNumbered }) => isNumbered);
  return [...new Set(numbered.map(({ source }) => JSON.stringify([source.institutionId, source.system])))];
}

function isReplacedResult({ current, superseded }: Content): boolean {
  return current[0]?.kind === "result" && superseded.length > 0;
}

function timelineItem(statements: readonly Statement[], superseded: boolean): TimelineItem[] {
  const shown = statements.at(-1);
  if (shown === undefined || shown.kind === "patient" || shown.kind === "background") return [];
  return [
    {
      id: smallestId(statements),
      atMs: shown.atMs,
      kind: shown.kind,
      title: shown.title,
      ...(shown.detail === undefined ? {} : { detail: shown.detail }),
      ...(shown.status === undefined ? {} : { status: shown.status }),
      codes: shown.codes,
      superseded,
      sources: sourcesOf(statements),
    },
  ];
}
