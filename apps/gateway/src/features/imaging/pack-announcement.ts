import { createHash } from "node:crypto";
import {
  type EntryDraft,
  encodeFhirBody,
  encodeImagingManifest,
  type ImagingPack,
  parseImagingManifest,
} from "@caseroom/client";
import { type Bytes, bytesToId16, InvariantError, type Oid, toBytes } from "@caseroom/contract";
import { decodeStrict, encodeCbor } from "@caseroom/crypto/verify";
import type postgres from "postgres";
import { listDescribed, listSeriesHeaders, listStudyInstances, type SeriesKey } from "./pack-store.ts";
import { imagingStudy } from "./series-summary.ts";

/** An entry names at most 64 blobs; those of earlier packs were named by earlier manifests. */
const MAX_NAMED_BLOBS = 64;

export type Announcement = { readonly packIds: readonly string[]; readonly drafts: readonly EntryDraft[] };

/** What is said of a series when more of it is at the hub: all its packs, and its study. The same state gives the same object ids. */
export async function draftAnnouncement(
  sql: postgres.Sql,
  key: SeriesKey,
  nowMs: number,
): Promise<Announcement | undefined> {
  const packs = await listDescribed(sql, key);
  const fresh = packs.filter(({ isAnnounced }) => !isAnnounced);
  const last = packs.at(-1);
  if (fresh.length === 0 || last === undefined) return undefined;
  const described = packs.map(({ descriptors }) => readDescriptors(descriptors));
  const instances = await listStudyInstances(sql, key);
  const headers = await listSeriesHeaders(sql, key);
  const modality = instances.find(({ series }) => series === key.series)?.modality ?? "";
  const manifest = { study: key.study, series: key.series, modality, packs: described };
  const state = `${key.patientId}/${key.series}/${last.id}/${packs.length}`;
  const blobIds = described.flatMap(({ blob, index }) => [blob.blobId, index.blobId]).slice(-MAX_NAMED_BLOBS);
  const study = imagingStudy({ study: key.study, instances, headers, updatedMs: nowMs });
  return {
    packIds: fresh.map(({ id }) => id),
    drafts: [
      { kind: "manifest", oid: oidOf(`manifest/${state}`), body: encodeImagingManifest(manifest), blobIds },
      {
        kind: "fhir",
        oid: oidOf(`study/${state}/${instances.length}`),
        body: encodeFhirBody([study]),
        provenance: {
          system: "dicom",
          sourceId: key.study,
          receivedMs: nowMs,
          originalType: "application/dicom",
          original: toBytes([]),
        },
      },
    ],
  };
}

/** A pack as it is kept in its row: in the form of a manifest with one pack. */
export function encodeDescriptors(pack: ImagingPack): Bytes {
  return encodeCbor(encodeImagingManifest({ study: "", series: "", modality: "", packs: [pack] }));
}

function readDescriptors(bytes: Bytes): ImagingPack {
  const decoded = decodeStrict(bytes);
  const pack = decoded.ok ? parseImagingManifest(decoded.value)?.packs[0] : undefined;
  if (pack === undefined) throw new InvariantError("a pack is kept as it was described");
  return pack;
}

/** The same announcement gives the same objects: one that is repeated after a crash changes nothing (phase-1 §2.9). */
function oidOf(name: string): Oid {
  const hash = createHash("sha256").update(`imaging/${name}`).digest();
  const oid = bytesToId16<Oid>(toBytes(hash.subarray(0, 16)));
  if (oid === undefined) throw new RangeError("an oid has 16 bytes");
  return oid;
}
