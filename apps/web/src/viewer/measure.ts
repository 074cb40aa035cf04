import type { ImageScale } from "../engine/imaging.ts";

/** A place on an image: pixels from the middle of the first one, across and down. */
export type Pixel = readonly [column: number, row: number];

export type Measured =
  | { readonly unit: "mm"; readonly value: number; readonly isAtDetector: boolean }
  /** No scale: a number of pixels is not a length. */
  | { readonly unit: "px"; readonly value: number };

/** How long a line is. Millimetres only where the image's own object gives a scale for the whole line. */
export function measureLine(from: Pixel, to: Pixel, scale: ImageScale): Measured {
  const [across, down] = [to[0] - from[0], to[1] - from[1]];
  const mm = (at: { readonly columnMm: number; readonly rowMm: number }) =>
    Math.hypot(across * at.columnMm, down * at.rowMm);
  if (scale.type === "patient" || scale.type === "detector")
    return { unit: "mm", value: mm(scale), isAtDetector: scale.type === "detector" };
  if (scale.type === "regions") {
    const region = scale.regions.find((one) => [from, to].every((pixel) => isInside(pixel, one)));
    if (region !== undefined) return { unit: "mm", value: mm(region), isAtDetector: false };
  }
  return { unit: "px", value: Math.hypot(across, down) };
}

function isInside([column, row]: Pixel, region: { left: number; top: number; right: number; bottom: number }): boolean {
  return column >= region.left && column <= region.right && row >= region.top && row <= region.bottom;
}

/** As it stands beside a line: one decimal, because a screen's pixel is no finer. */
export function writeMeasured({ unit, value }: Measured): string {
  return unit === "mm" ? `${value.toFixed(1)} mm` : `${Math.round(value)} px`;
}
