import type { ImageObject, SeriesView } from "../engine/imaging.ts";
import {
  frameMsOf,
  hiddenReason,
  type ImagingHeader,
  isLossyImage,
  isPlacedInPatient,
  modalityOf,
  readImagingHeader,
  scaleOf,
  sizeOf,
  sliceMmOf,
} from "./imaging-header.ts";

/** What the index of a pack says of one object. */
export type IndexedObject = {
  readonly series: string;
  readonly sop: string;
  readonly sopClass: string;
  readonly number: number;
  /** Where its frames are; empty when they cannot be told apart. */
  readonly frames: readonly unknown[];
  /** DICOM JSON. */
  readonly header: string;
};

const SERIES_NUMBER = "00200011";
const SERIES_DESCRIPTION = "0008103E";
const BIRTH_DATE = "00100030";

/** The series of a study in the order of their numbers, each with its objects in the order of theirs. */
export function seriesViews(objects: readonly IndexedObject[], birthDate: string | undefined): readonly SeriesView[] {
  const bySeries = new Map<string, { object: IndexedObject; header: ImagingHeader }[]>();
  for (const object of objects) {
    const list = bySeries.get(object.series) ?? [];
    list.push({ object, header: readImagingHeader(object.header) });
    bySeries.set(object.series, list);
  }
  const views = [...bySeries].flatMap(([series, list]): readonly SeriesView[] => {
    const [first] = list;
    if (first === undefined) return [];
    const views = list.map(({ object, header }) => objectView(object, header, birthDate));
    views.sort((a, b) => a.number - b.number || (a.sop < b.sop ? -1 : 1));
    return [
      {
        series,
        modality: modalityOf(first.header),
        number: first.header.numbers(SERIES_NUMBER)[0],
        description: first.header.text(SERIES_DESCRIPTION),
        objects: views,
      },
    ];
  });
  return views.sort((a, b) => (a.number ?? 0) - (b.number ?? 0) || (a.series < b.series ? -1 : 1));
}

function objectView(object: IndexedObject, header: ImagingHeader, birthDate: string | undefined): ImageObject {
  const { sop, sopClass, number } = object;
  const size = sizeOf(header);
  // Taken apart wrongly, a frame would look like half an organ.
  const isTangled = size.frames > 1 && object.frames.length < size.frames;
  return {
    sop,
    sopClass,
    number,
    ...size,
    hidden: hiddenReason(sopClass, header) ?? (isTangled ? "frames" : undefined),
    scale: scaleOf(header),
    isPlaced: isPlacedInPatient(header),
    frameMs: frameMsOf(header),
    isLossy: isLossyImage(header),
    sliceMm: sliceMmOf(header),
    isOtherPatient: isOther(header.text(BIRTH_DATE), birthDate),
  };
}

/** Two whole birth dates that differ. A name is written in many ways, and none of them proves another person. */
function isOther(inObject: string | undefined, ofPatient: string | undefined): boolean {
  const written = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(inObject ?? "");
  if (written === null || !/^\d{4}-\d{2}-\d{2}$/.test(ofPatient ?? "")) return false;
  return `${written[1]}-${written[2]}-${written[3]}` !== ofPatient;
}
