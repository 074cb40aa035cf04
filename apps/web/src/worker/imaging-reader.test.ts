import { encodePackIndex, type ImagingPack, type OpenBlob, type PackRow } from "@caseroom/client";
import { testId } from "@caseroom/client/testing";
import {
  type Bytes,
  type CompId,
  concatBytes,
  err,
  failure,
  ok,
  type SpaceId,
  toBytes,
  type UserId,
} from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import type { KnownSeries } from "./imaging-index.ts";
import { createImagingReader } from "./imaging-reader.ts";
import type { SignedIn } from "./signed-in.ts";

const CASE = testId<SpaceId>(1);
const HEADER = JSON.stringify({
  "00080060": { Value: ["CT"] },
  "00280010": { Value: [8] },
  "00280011": { Value: [8] },
});

function row(sop: string, offset: number, length: number): PackRow {
  const frames = [{ offset: 0, length }];
  return {
    sop,
    sopClass: "1.2.840.10008.5.1.4.1.1.2",
    number: 1,
    offset,
    length,
    frames,
    transferSyntax: "1.2",
    header: HEADER,
  };
}

/** A device that can open packs; `reads` tells what of which blob was asked for. */
function device(
  packs: readonly { readonly rows: readonly PackRow[]; readonly bytes: Bytes; readonly isDamaged?: boolean }[],
) {
  const reads: string[] = [];
  const blobs = new Map<string, Bytes | undefined>();
  const described = packs.map(({ rows, bytes, isDamaged }, i) => {
    blobs.set(`index${i}`, isDamaged === true ? undefined : encodePackIndex(rows));
    blobs.set(`pack${i}`, bytes);
    return {
      blob: { blobId: `pack${i}` },
      index: { blobId: `index${i}` },
      instances: rows.length,
    } as unknown as ImagingPack;
  });
  const series: KnownSeries = {
    compId: testId<CompId>(9),
    author: testId<UserId>(2),
    n: 1,
    atMs: 1,
    manifest: { study: "1", series: "1.1", modality: "CT", packs: described },
  };
  const open = (_compId: CompId, { blobId }: { blobId: string }): OpenBlob => {
    const bytes = blobs.get(blobId);
    return {
      size: bytes?.length ?? 1,
      read: async (from, until) => {
        reads.push(`${blobId} ${from}-${until}`);
        return bytes === undefined ? err(failure("BLOB_INVALID")) : ok(bytes.slice(from, until));
      },
    };
  };
  const signedIn = {
    imaging: { series: () => [series] },
    records: { chartsOf: () => new Set(), fragments: () => [] },
    cases: { file: () => ({ patient: undefined, charts: new Set() }) },
    names: () => () => ({ institution: "Harbour General" }),
    client: { blobs: { open } },
  } as unknown as SignedIn;
  return { signedIn, reads };
}

const file = (byte: number) => toBytes(new Uint8Array(100).fill(byte));

describe("the images of a study", () => {
  it("are opened one by one: only the bytes of the image that is looked at are fetched, and the index once", async () => {
    const { signedIn, reads } = device([
      { rows: [row("a", 0, 100), row("b", 100, 100)], bytes: concatBytes(file(1), file(2)) },
    ]);
    const reader = createImagingReader();
    const study = await reader.study(signedIn, CASE, "1");
    expect(study.ok && study.value.series[0]?.objects.map(({ sop }) => sop)).toEqual(["a", "b"]);
    const image = await reader.object(signedIn, CASE, { study: "1", series: "1.1", sop: "b" });
    expect(image.ok && new Uint8Array(image.value)).toEqual(new Uint8Array(file(2)));
    expect(reads.filter((read) => read.startsWith("index"))).toHaveLength(1);
    expect(reads.filter((read) => read.startsWith("pack"))).toEqual(["pack0 100-200"]);
  });
  it("of whole packs are shown when another pack is damaged, and the damage is said when nothing else is there", async () => {
    const damaged = { rows: [row("x", 0, 100)], bytes: file(3), isDamaged: true };
    const reader = createImagingReader();
    const some = await reader.study(
      device([{ rows: [row("a", 0, 100)], bytes: file(1) }, damaged]).signedIn,
      CASE,
      "1",
    );
    expect(some.ok && some.value.series[0]?.objects.map(({ sop }) => sop)).toEqual(["a"]);
    expect(await createImagingReader().study(device([damaged]).signedIn, CASE, "1")).toMatchObject({
      error: { code: "BLOB_INVALID" },
    });
  });
  it("are refused when the pack ends before they do", async () => {
    const { signedIn } = device([{ rows: [row("a", 50, 100)], bytes: file(1) }]);
    const image = await createImagingReader().object(signedIn, CASE, { study: "1", series: "1.1", sop: "a" });
    expect(image).toMatchObject({ error: { code: "BLOB_INVALID" } });
  });
});
