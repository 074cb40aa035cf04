import {
  type Blobs,
  type ImagingPack,
  institutionName,
  MAX_INDEX_BYTES,
  type NameBook,
  type PackRow,
  parsePackIndex,
} from "@caseroom/client";
import { err, type Failure, failure, ok, type Result, type SpaceId } from "@caseroom/contract";
import type { ImagingView, ObjectAddress, StudyView } from "../engine/imaging.ts";
import { readStudyFact } from "./imaging-fact.ts";
import type { KnownSeries } from "./imaging-index.ts";
import { listStudies } from "./imaging-list.ts";
import { type IndexedObject, seriesViews } from "./imaging-study.ts";
import { seedOf } from "./record-index.ts";
import type { SignedIn } from "./signed-in.ts";

/** An object larger than this would not fit into a page beside the others. */
const MAX_OBJECT_BYTES = 536_870_912;

/** The studies of a case's patient, as far as the charts that belong to the case say. */
export function readImaging(signedIn: SignedIn, spaceId: SpaceId): ImagingView | undefined {
  if (signedIn.client.directory.space(spaceId)?.kind !== "case") return undefined;
  const names = signedIn.names();
  const studies = studiesOf(signedIn, spaceId, names);
  const present = new Set(studies.map(({ institution }) => institution));
  const members = [...(signedIn.room(spaceId)?.members.keys() ?? [])];
  const orgIds = [...new Set(members.flatMap((userId) => names(userId).orgId ?? []))];
  const silentInstitutions = orgIds
    .map((orgId) => institutionName(signedIn.client.directory, orgId))
    .filter((name) => !present.has(name));
  return { spaceId, studies, silentInstitutions };
}

export function studiesOf(signedIn: SignedIn, spaceId: SpaceId, names: NameBook): ImagingView["studies"] {
  const charts = chartsOf(signedIn, spaceId);
  const facts = signedIn.records.fragments(charts).flatMap((fragment) => readStudyFact(fragment) ?? []);
  return listStudies(facts, signedIn.imaging.series(charts), (author) => names(author).institution);
}

export function chartsOf({ records, cases }: SignedIn, spaceId: SpaceId): ReadonlySet<SpaceId> {
  return records.chartsOf(seedOf(cases.file(spaceId)));
}

type Located = { readonly known: KnownSeries; readonly pack: ImagingPack; readonly row: PackRow };

/** Opens studies and their objects. Indexes of packs are kept until the viewer closes, pixels never. */
export type ImagingReader = {
  readonly study: (signedIn: SignedIn, spaceId: SpaceId, study: string) => Promise<Result<StudyView, Failure>>;
  readonly object: (
    signedIn: SignedIn,
    spaceId: SpaceId,
    address: ObjectAddress,
  ) => Promise<Result<ArrayBuffer, Failure>>;
  readonly forget: (blobs: Blobs | undefined) => void;
};

export function createImagingReader(): ImagingReader {
  const indexes = new Map<string, Promise<Result<readonly PackRow[], Failure>>>();

  const readIndex = (signedIn: SignedIn, { compId }: KnownSeries, { index }: ImagingPack) => {
    const key = `${compId} ${index.blobId}`;
    const known = indexes.get(key) ?? openIndex(signedIn, compId, index);
    indexes.set(key, known);
    return known.then((result) => {
      // Tried again when it is asked for again.
      if (!result.ok) indexes.delete(key);
      return result;
    });
  };
  /** Every object of a study or series once, from whichever copy says it first. */
  const locate = async (
    signedIn: SignedIn,
    spaceId: SpaceId,
    wanted: (known: KnownSeries) => boolean,
  ): Promise<Result<ReadonlyMap<string, Located>, Failure>> => {
    const series = signedIn.imaging.series(chartsOf(signedIn, spaceId)).filter(wanted);
    const packs = series.flatMap((known) => known.manifest.packs.map((pack) => ({ known, pack })));
    const found = new Map<string, Located>();
    let problem: Failure | undefined;
    const read = await Promise.all(
      packs.map(async ({ known, pack }) => ({ known, pack, rows: await readIndex(signedIn, known, pack) })),
    );
    for (const { known, pack, rows } of read) {
      if (!rows.ok) problem = rows.error;
      else for (const row of rows.value) if (!found.has(row.sop)) found.set(row.sop, { known, pack, row });
    }
    // One damaged pack does not hide the others; only when nothing is left is there nothing to show.
    return found.size === 0 ? err(problem ?? failure("NOT_FOUND")) : ok(found);
  };

  return {
    study: async (signedIn, spaceId, study) => {
      const facts = studiesOf(signedIn, spaceId, signedIn.names()).find((one) => one.study === study);
      if (facts === undefined) return err(failure("NOT_FOUND"));
      const located = await locate(signedIn, spaceId, ({ manifest }) => manifest.study === study);
      if (!located.ok) return located;
      const objects = [...located.value.values()].map(
        ({ known, row }): IndexedObject => ({ series: known.manifest.series, ...row }),
      );
      const birthDate = signedIn.cases.file(spaceId).patient?.birthDate;
      const { when, description, institution } = facts;
      return ok({ study, when, description, institution, series: seriesViews(objects, birthDate) });
    },
    object: async (signedIn, spaceId, { study, series, sop }) => {
      const located = await locate(
        signedIn,
        spaceId,
        ({ manifest }) => manifest.study === study && manifest.series === series,
      );
      if (!located.ok) return located;
      const found = located.value.get(sop);
      if (found === undefined) return err(failure("NOT_FOUND"));
      const { known, pack, row } = found;
      if (row.length > MAX_OBJECT_BYTES) return err(failure("TOO_LARGE"));
      const read = await signedIn.client.blobs.open(known.compId, pack.blob).read(row.offset, row.offset + row.length);
      if (!read.ok) return read;
      if (read.value.length !== row.length) return err(failure("BLOB_INVALID", "the pack ends before the object"));
      return ok(ownBuffer(read.value));
    },
    forget: (blobs) => {
      indexes.clear();
      blobs?.forget();
    },
  };
}

async function openIndex(
  { client }: SignedIn,
  compId: KnownSeries["compId"],
  descriptor: ImagingPack["index"],
): Promise<Result<readonly PackRow[], Failure>> {
  const blob = client.blobs.open(compId, descriptor);
  if (blob.size > MAX_INDEX_BYTES) return err(failure("TOO_LARGE"));
  const bytes = await blob.read(0, blob.size);
  return bytes.ok ? parsePackIndex(bytes.value) : bytes;
}

/** A buffer that holds nothing but these bytes: it is handed over whole. */
function ownBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}
