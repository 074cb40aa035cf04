import { type CaseFile, parseFhirBody, type ReceivedEntry } from "@caseroom/client";
import {
  type Assembler,
  createAssembler,
  type Fragment,
  identifiersOf,
  type Picture,
  parseFragment,
} from "@caseroom/clinical";
import type { EntryId, SpaceId, UserId } from "@caseroom/contract";

type Identifier = { readonly system: string; readonly value: string };

/** What makes a chart part of a case's record: the patient's identifiers, and the links that institutions have made themselves. */
export type RecordSeed = {
  readonly identifiers: readonly Identifier[];
  readonly charts: ReadonlySet<SpaceId>;
  /** Charts whose institutions have taken the link back. */
  readonly apart: ReadonlySet<SpaceId>;
};

/** What the entries of a case say about where its record is. */
export function seedOf(file: CaseFile): RecordSeed {
  return { identifiers: file.patient?.identifiers ?? [], charts: file.charts, apart: file.apart };
}

export type CaseRecord = {
  readonly picture: Picture;
  readonly charts: ReadonlySet<SpaceId>;
  /** Fragments opened. */
  readonly verified: number;
  /** Fragments that were opened and make no sense. */
  readonly unreadable: number;
};

export type FoundFragment = { readonly fragment: Fragment; readonly received: ReceivedEntry };

/** The charts that this device can open, and the picture of each case's patient assembled from them. */
export type RecordIndex = {
  /** False when the entry deposits nothing. */
  readonly take: (received: ReceivedEntry) => boolean;
  /** Forgets an entry that turned out not to hold; answers whose chart it was in. */
  readonly withdraw: (entryId: EntryId) => SpaceId | undefined;
  readonly chartsOf: (seed: RecordSeed) => ReadonlySet<SpaceId>;
  /** The record of a case; costs what was added since it was last asked for. */
  readonly record: (caseId: SpaceId, seed: RecordSeed) => CaseRecord;
  readonly find: (fragmentId: string) => FoundFragment | undefined;
  /** What was deposited in those charts, in no order. */
  readonly fragments: (charts: Iterable<SpaceId>) => readonly Fragment[];
};

type Chart = {
  readonly entries: Map<EntryId, Deposit>;
  /** How often each identity of a patient is named in it. */
  readonly identities: Map<string, number>;
};
type Deposit = {
  readonly received: ReceivedEntry;
  readonly fragments: readonly Fragment[];
  readonly unreadable: number;
};
type Assembled = { readonly assembler: Assembler; readonly added: Map<SpaceId, Map<EntryId, Deposit>> };

export function createRecordIndex(deps: {
  /** The institution for which an author deposits. */
  readonly institutionOf: (author: UserId) => { readonly id: string; readonly name: string };
}): RecordIndex {
  const charts = new Map<SpaceId, Chart>();
  const assembledByCase = new Map<SpaceId, Assembled>();

  const chartsOf: RecordIndex["chartsOf"] = (seed) => {
    const identities = new Set(seed.identifiers.flatMap((one) => identityKey(one) ?? []));
    const found = new Set<SpaceId>();
    for (let grew = true; grew; ) {
      grew = false;
      for (const [spaceId, chart] of charts) {
        if (found.has(spaceId) || seed.apart.has(spaceId)) continue;
        const isOfPatient = seed.charts.has(spaceId) || [...chart.identities.keys()].some((key) => identities.has(key));
        if (!isOfPatient) continue;
        found.add(spaceId);
        for (const key of chart.identities.keys()) identities.add(key);
        grew = true;
      }
    }
    return found;
  };

  return {
    chartsOf,
    take: (received) => {
      const { entry, spaceId } = received;
      if (entry.kind !== "fhir") return false;
      const chart = charts.get(spaceId) ?? { entries: new Map(), identities: new Map() };
      charts.set(spaceId, chart);
      if (chart.entries.has(entry.entryId)) return true;
      const deposit = readDeposit(received, deps.institutionOf(entry.author));
      chart.entries.set(entry.entryId, deposit);
      countIdentities(chart, deposit, 1);
      return true;
    },
    withdraw: (entryId) => {
      for (const [spaceId, chart] of charts) {
        const deposit = chart.entries.get(entryId);
        if (deposit === undefined) continue;
        chart.entries.delete(entryId);
        countIdentities(chart, deposit, -1);
        return spaceId;
      }
      return undefined;
    },
    record: (caseId, seed) => {
      const assembled = assembledByCase.get(caseId) ?? { assembler: createAssembler(), added: new Map() };
      assembledByCase.set(caseId, assembled);
      const included = chartsOf(seed);
      let verified = 0;
      let unreadable = 0;
      for (const spaceId of new Set([...included, ...assembled.added.keys()])) {
        const entries = included.has(spaceId) ? (charts.get(spaceId)?.entries ?? new Map()) : new Map();
        bringUpToDate(assembled, spaceId, entries);
      }
      for (const deposit of [...assembled.added.values()].flatMap((added) => [...added.values()])) {
        verified += deposit.fragments.length;
        unreadable += deposit.unreadable;
      }
      return { picture: assembled.assembler.picture(), charts: included, verified, unreadable };
    },
    fragments: (wanted) =>
      [...wanted].flatMap((spaceId) =>
        [...(charts.get(spaceId)?.entries.values() ?? [])].flatMap(({ fragments }) => fragments),
      ),
    find: (fragmentId) => {
      for (const chart of charts.values()) {
        for (const { received, fragments } of chart.entries.values()) {
          if (!fragmentId.startsWith(received.entry.entryId)) continue;
          const fragment = fragments.find(({ id }) => id === fragmentId);
          if (fragment !== undefined) return { fragment, received };
        }
      }
      return undefined;
    },
  };
}

/** Adds to the picture what a chart holds now, and takes back what it no longer holds. */
function bringUpToDate(
  { assembler, added }: Assembled,
  spaceId: SpaceId,
  entries: ReadonlyMap<EntryId, Deposit>,
): void {
  const before = added.get(spaceId) ?? new Map<EntryId, Deposit>();
  added.set(spaceId, before);
  for (const [entryId, { fragments }] of before) {
    if (entries.has(entryId)) continue;
    assembler.remove(fragments.map(({ id }) => id));
    before.delete(entryId);
  }
  for (const [entryId, deposit] of entries) {
    if (before.has(entryId)) continue;
    assembler.add(deposit.fragments);
    before.set(entryId, deposit);
  }
}

function readDeposit(received: ReceivedEntry, institution: { readonly id: string; readonly name: string }): Deposit {
  const { entry } = received;
  const texts = parseFhirBody(entry.body);
  if (texts === undefined) return { received, fragments: [], unreadable: 1 };
  const provenance = {
    institutionId: institution.id,
    institution: institution.name,
    system: entry.provenance?.system ?? "",
    receivedMs: entry.provenance?.receivedMs ?? entry.t,
    ...(entry.provenance === undefined ? {} : { originalMediaType: entry.provenance.originalType }),
  };
  const fragments = texts.flatMap((json, i) => {
    const fragment = parseFragment({ id: `${entry.entryId}:${i}`, json, provenance });
    return fragment.ok ? [fragment.value] : [];
  });
  return { received, fragments, unreadable: texts.length - fragments.length };
}

function countIdentities(chart: Chart, { fragments }: Deposit, by: 1 | -1): void {
  for (const { resourceType, resource } of fragments) {
    if (resourceType !== "Patient") continue;
    for (const key of identifiersOf(resource).flatMap((one) => identityKey(one) ?? [])) {
      const count = (chart.identities.get(key) ?? 0) + by;
      if (count > 0) chart.identities.set(key, count);
      else chart.identities.delete(key);
    }
  }
}

/**
 * A number joins charts only together with who issued it. A Hong Kong identity number only suggests that two charts are one person's, even
 * with a valid check digit: the institution that keeps the chart confirms it by a signed link.
 */
function identityKey({ system, value }: Identifier): string | undefined {
  return system === "HKID" ? undefined : `${system}|${value}`;
}
