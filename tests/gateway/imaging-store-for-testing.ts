import { randomBytes } from "node:crypto";
import type { Client, ImagingPack } from "@caseroom/client";
import {
  type BlobId,
  type Bytes,
  bytesToId16,
  concatBytes,
  err,
  type Failure,
  failure,
  ok,
  toBytes,
} from "@caseroom/contract";
import { readDicom } from "@caseroom/dicom";
import type { Sql } from "@caseroom/postgres";
import { fileSeries } from "../../apps/gateway/src/features/imaging/series-store.ts";
import { present } from "../hub/hub-for-testing.ts";

/** What a gateway has read of images, without a hub: rows as the manifest reader leaves them, and packs in memory instead of blobs. */
export type ImagingStoreForTesting = {
  readonly client: Pick<Client, "blobs">;
  /** Files one series that this institution's gateway announced. */
  readonly file: (institution: string, files: readonly Bytes[]) => Promise<void>;
  /** From here on no pack can be read. */
  readonly break: (failure: Failure | undefined) => void;
};

export function createImagingStoreForTesting(sql: Sql): ImagingStoreForTesting {
  const packs = new Map<string, Bytes>();
  let broken: Failure | undefined;
  let n = 0;
  return {
    client: {
      blobs: {
        upload: async () => err(failure("INTERNAL")),
        open: (_compId, { blobId }) => {
          const bytes = packs.get(blobId) ?? new Uint8Array();
          return {
            size: bytes.length,
            read: async (from, until) =>
              broken === undefined ? ok(toBytes(bytes.subarray(from, until))) : err(broken),
          };
        },
        forget: () => undefined,
      },
    },
    file: async (institution, files) => {
      n += 1;
      const blobId = present(bytesToId16<BlobId>(toBytes(randomBytes(16))));
      packs.set(blobId, concatBytes(...files));
      const blob = {
        blobId,
        key: toBytes(randomBytes(32)),
        floeHeader: new Uint8Array(74),
        plainLength: 1,
        segments: 1,
        root: toBytes(randomBytes(32)),
        mediaType: "application/dicom",
        name: "",
      };
      let offset = 0;
      const rows = files.map((file) => {
        const read = readDicom(file);
        if (!read.ok) throw new Error(read.error.code);
        const { sop, sopClass, number, frames, transferSyntax, header } = read.value;
        const row = { sop, sopClass, number, offset, length: file.length, frames, transferSyntax, header };
        offset += file.length;
        return { row, study: read.value.study, series: read.value.series, modality: read.value.modality };
      });
      const { study, series, modality } = present(rows[0]);
      const pack: ImagingPack = { blob, index: blob, instances: files.length };
      await fileSeries(sql, {
        row: {
          spaceId: `chart of ${institution}`,
          entryId: randomBytes(32).toString("hex"),
          compId: randomBytes(32).toString("hex"),
          n,
          author: institution,
          institution,
          body: new Uint8Array(),
          tries: 0,
        },
        manifest: { study, series, modality, packs: [pack] },
        packs: [{ pack, rows: rows.map(({ row }) => row) }],
      });
    },
    break: (failure) => {
      broken = failure;
    },
  };
}
