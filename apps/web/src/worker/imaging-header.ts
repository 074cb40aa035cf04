import { parseJson } from "@caseroom/contract";
import type { HiddenReason, ImageScale, ScaleRegion } from "../engine/imaging.ts";

/** The header of a DICOM object as DICOM JSON (PS3.18 Annex F), asked by tag. Whatever is missing or of another form is `undefined`. */
export type ImagingHeader = {
  readonly text: (tag: string) => string | undefined;
  readonly numbers: (tag: string) => readonly number[];
  readonly items: (tag: string) => readonly ImagingHeader[];
};

const EMPTY: ImagingHeader = { text: () => undefined, numbers: () => [], items: () => [] };
const MAX_TEXT = 1024;

export function readImagingHeader(json: string): ImagingHeader {
  const parsed = parseJson(json);
  return parsed.ok ? headerOf(parsed.value) : EMPTY;
}

function headerOf(value: unknown): ImagingHeader {
  if (typeof value !== "object" || value === null) return EMPTY;
  const values = (tag: string): readonly unknown[] => {
    const element: unknown = Reflect.get(value, tag);
    const list: unknown = typeof element === "object" && element !== null ? Reflect.get(element, "Value") : undefined;
    return Array.isArray(list) ? list : [];
  };
  return {
    text: (tag) => textOf(values(tag)[0]),
    numbers: (tag) => values(tag).map(Number).filter(Number.isFinite),
    items: (tag) => values(tag).map(headerOf),
  };
}

function textOf(value: unknown): string | undefined {
  // A person's name comes in up to three scripts (PS3.18 F.2.2).
  const text: unknown =
    typeof value === "object" && value !== null
      ? (Reflect.get(value, "Alphabetic") ?? Reflect.get(value, "Ideographic"))
      : value;
  if (typeof text !== "string" && typeof text !== "number") return undefined;
  const trimmed = String(text).trim();
  return trimmed === "" ? undefined : trimmed.slice(0, MAX_TEXT);
}

const TAGS = {
  modality: "00080060",
  frames: "00280008",
  rows: "00280010",
  columns: "00280011",
  bitsAllocated: "00280100",
  lossy: "00282110",
  spacing: "00280030",
  detectorSpacing: "00181164",
  calibration: "00280A02",
  regions: "00186011",
  position: "00200032",
  shared: "52009229",
  perFrame: "52009230",
  pixelMeasures: "00289110",
  planePosition: "00209113",
  frameTime: "00181063",
  frameVector: "00181065",
  cineRate: "00180040",
  displayRate: "00082144",
  thickness: "00180050",
} as const;

export function modalityOf(header: ImagingHeader): string {
  return header.text(TAGS.modality) ?? "OT";
}

export function sizeOf(header: ImagingHeader): {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
} {
  const [rows = 0] = header.numbers(TAGS.rows);
  const [columns = 0] = header.numbers(TAGS.columns);
  const [frames = 1] = header.numbers(TAGS.frames);
  return { rows, columns, frames: Math.max(1, Math.trunc(frames)) };
}

/** Whether ImagePositionPatient is given, for the object or for its frames (PS3.3 C.7.6.2, C.7.6.16.2.3). */
export function isPlacedInPatient(header: ImagingHeader): boolean {
  const first = header.items(TAGS.perFrame)[0]?.items(TAGS.planePosition)[0];
  return header.numbers(TAGS.position).length === 3 || first?.numbers(TAGS.position).length === 3;
}

/** Milliseconds a frame stands, where the object says so (PS3.3 C.7.6.5). */
export function frameMsOf(header: ImagingHeader): number | undefined {
  const [rate] = [...header.numbers(TAGS.displayRate), ...header.numbers(TAGS.cineRate)];
  const [time] = [...header.numbers(TAGS.frameTime), ...header.numbers(TAGS.frameVector).slice(1)];
  const ms = time ?? (rate === undefined ? undefined : 1000 / rate);
  return ms !== undefined && ms >= 5 && ms <= 10_000 ? ms : undefined;
}

export function isLossyImage(header: ImagingHeader): boolean {
  return header.text(TAGS.lossy) === "01";
}

export function sliceMmOf(header: ImagingHeader): number | undefined {
  const shared = header.items(TAGS.shared)[0]?.items(TAGS.pixelMeasures)[0];
  return [...header.numbers(TAGS.thickness), ...(shared?.numbers(TAGS.thickness) ?? [])][0];
}

/** Where the image was made by rays that spread on their way to the detector. */
const PROJECTION = new Set(["CR", "DX", "MG", "RF", "XA", "PX", "IO", "RG", "DR"]);
/** Physical units of a region (PS3.3 C.8.5.5.1.15): centimetres. */
const CENTIMETRES = 3;
/** Spatial format of a region (C.8.5.5.1.1) in which both directions are lengths: 2D, tissue or flow. */
const TISSUE = 1;

/** The scale of an image, only where its object gives one without doubt. */
export function scaleOf(header: ImagingHeader): ImageScale {
  const modality = modalityOf(header);
  // A pixel spacing in ultrasound says nothing about where on the picture it holds; only regions do.
  if (modality === "US" || modality === "IVUS" || header.items(TAGS.regions).length > 0) return regionScale(header);
  const shared = header.items(TAGS.shared)[0]?.items(TAGS.pixelMeasures)[0];
  const perFrame = header.items(TAGS.perFrame)[0]?.items(TAGS.pixelMeasures)[0];
  const own = pairOf(header, TAGS.spacing) ?? (shared && pairOf(shared, TAGS.spacing));
  const spacing = own ?? (perFrame && pairOf(perFrame, TAGS.spacing));
  const detector = pairOf(header, TAGS.detectorSpacing);
  if (!PROJECTION.has(modality))
    return spacing === undefined ? { type: "none" } : { type: "patient", rowMm: spacing[0], columnMm: spacing[1] };
  // PS3.3 10.7.1.3: without a calibration the spacing is that of the detector, whichever attribute it stands in.
  const isCalibrated =
    spacing !== undefined &&
    (header.text(TAGS.calibration) !== undefined ||
      (detector !== undefined && (detector[0] !== spacing[0] || detector[1] !== spacing[1])));
  const used = spacing ?? detector;
  if (used === undefined) return { type: "none" };
  return { type: isCalibrated ? "patient" : "detector", rowMm: used[0], columnMm: used[1] };
}

function pairOf(header: ImagingHeader, tag: string): readonly [number, number] | undefined {
  const [row, column] = header.numbers(tag);
  return row !== undefined && column !== undefined && row > 0 && column > 0 ? [row, column] : undefined;
}

function regionScale(header: ImagingHeader): ImageScale {
  const regions = header.items(TAGS.regions).flatMap((region): readonly ScaleRegion[] => {
    const [format] = region.numbers("00186012");
    const [unitsX, unitsY] = [region.numbers("00186024")[0], region.numbers("00186026")[0]];
    if (format !== TISSUE || unitsX !== CENTIMETRES || unitsY !== CENTIMETRES) return [];
    const [left, top, right, bottom] = ["00186018", "0018601A", "0018601C", "0018601E"].map(
      (tag) => region.numbers(tag)[0],
    );
    const [cmX, cmY] = [region.numbers("0018602C")[0], region.numbers("0018602E")[0]];
    if (left === undefined || top === undefined || right === undefined || bottom === undefined) return [];
    if (cmX === undefined || cmY === undefined || cmX === 0 || cmY === 0) return [];
    return [{ left, top, right, bottom, columnMm: Math.abs(cmX) * 10, rowMm: Math.abs(cmY) * 10 }];
  });
  return regions.length === 0 ? { type: "none" } : { type: "regions", regions };
}

const STORAGE = "1.2.840.10008.5.1.4.1.1.";

/** Why an object is no image for this viewer, by its SOP class (PS3.4 B.5); `undefined` when it is one. */
export function hiddenReason(sopClass: string, header: ImagingHeader): HiddenReason | undefined {
  const known = reasonOfClass(sopClass);
  if (known !== undefined) return known;
  const { rows, columns } = sizeOf(header);
  return rows > 0 && columns > 0 ? undefined : "noPixels";
}

function reasonOfClass(sopClass: string): HiddenReason | undefined {
  if (!sopClass.startsWith(STORAGE)) return "other";
  const kind = sopClass.slice(STORAGE.length);
  if (kind.startsWith("88.")) return "report";
  if (kind.startsWith("104.")) return "document";
  if (kind.startsWith("9.")) return "waveform";
  if (kind.startsWith("11.")) return "presentation";
  if (kind.startsWith("66.") || kind === "66") return "segmentation";
  // Radiotherapy images (481.1) are images; doses, structures and plans are not.
  if (kind.startsWith("481.") && kind !== "481.1") return "radiotherapy";
  // Parametric maps, surfaces, real world values, microscopy in tiles, video.
  if (/^(30|67|77\.1\.6|77\.1\.[124]\.1|91\.1|68\.\d)$/.test(kind)) return "other";
  return undefined;
}
