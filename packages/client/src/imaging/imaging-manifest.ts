import { asArrayOf, asCount, asText, type CborMap, type CborValue, isCborMap } from "@caseroom/crypto/verify";
import { type BlobDescriptor, encodeBlobDescriptor, parseBlobDescriptor } from "@caseroom/space/secret";

/** Which packs hold the instances of a DICOM series; the newest manifest of a series and author counts. */
export type ImagingManifest = {
  readonly study: string;
  readonly series: string;
  readonly modality: string;
  readonly packs: readonly ImagingPack[];
};

/** PS3.10 files one after another in one blob, and the blob that says where each of them is. */
export type ImagingPack = {
  readonly blob: BlobDescriptor;
  readonly index: BlobDescriptor;
  readonly instances: number;
};

/** More would not fit an entry of 64 KiB (phase-1 §3.4). */
export const MAX_MANIFEST_PACKS = 96;
const MAX_UID = 64;

/** Body of a `manifest` entry. */
export function encodeImagingManifest(manifest: ImagingManifest): CborMap {
  return new Map<string, CborValue>([
    ["t", "dicom"],
    ["study", manifest.study],
    ["series", manifest.series],
    ["mod", manifest.modality],
    [
      "packs",
      manifest.packs.map(
        ({ blob, index, instances }) =>
          new Map<string, CborValue>([
            ["b", encodeBlobDescriptor(blob)],
            ["ix", encodeBlobDescriptor(index)],
            ["n", instances],
          ]),
      ),
    ],
  ]);
}

/** Types the body of a `manifest` entry; `undefined` for one of another type or a newer form. */
export function parseImagingManifest(body: CborValue): ImagingManifest | undefined {
  if (!isCborMap(body) || body.get("t") !== "dicom") return undefined;
  const study = asText(body.get("study"), MAX_UID);
  const series = asText(body.get("series"), MAX_UID);
  const modality = asText(body.get("mod"), 16);
  const packs = asArrayOf(body.get("packs"), readPack);
  if (study === undefined || series === undefined || modality === undefined) return undefined;
  return packs === undefined || packs.length > MAX_MANIFEST_PACKS ? undefined : { study, series, modality, packs };
}

function readPack(value: CborValue): ImagingPack | undefined {
  if (!isCborMap(value)) return undefined;
  const blob = parseBlobDescriptor(value.get("b"));
  const index = parseBlobDescriptor(value.get("ix"));
  const instances = asCount(value.get("n"));
  return blob === undefined || index === undefined || instances === undefined ? undefined : { blob, index, instances };
}
