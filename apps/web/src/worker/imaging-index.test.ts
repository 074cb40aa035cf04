import { encodeImagingManifest, type ImagingManifest } from "@caseroom/client";
import { testEntry, testId } from "@caseroom/client/testing";
import type { SpaceId, UserId } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { createImagingIndex } from "./imaging-index.ts";

const chart = testId<SpaceId>(1);
const radiology = testId<UserId>(2);
const outside = testId<UserId>(3);

function manifest(n: number, author: UserId, more: Partial<ImagingManifest> = {}) {
  const body = encodeImagingManifest({ study: "1.2", series: "1.2.3", modality: "CT", packs: [], ...more });
  return testEntry({ spaceId: chart, n, author, kind: "manifest", body });
}

describe("the images in a chart", () => {
  it("are where the newest manifest of a series and its author says, in whichever order they were opened", () => {
    const index = createImagingIndex();
    expect(index.take(manifest(5, radiology, { modality: "MR" }))).toBe(true);
    index.take(manifest(2, radiology));
    index.take(manifest(3, outside));
    expect(index.series([chart]).map(({ n, author }) => [n, author])).toEqual([
      [5, radiology],
      [3, outside],
    ]);
    expect(index.firstMs([chart], "1.2")).toBe(1002);
  });
  it("are again where the earlier one said when the newest did not hold", () => {
    const index = createImagingIndex();
    index.take(manifest(2, radiology));
    const false_ = manifest(5, radiology);
    index.take(false_);
    expect(index.withdraw(false_.entry.entryId)).toBe(chart);
    expect(index.series([chart]).map(({ n }) => n)).toEqual([2]);
  });
});
