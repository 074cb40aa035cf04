import type { ImageMarkDraft, MarkPoint } from "../engine/imaging.ts";
import type { Pixel } from "./measure.ts";
import type { StackImage } from "./stack.ts";
import type { ImageViewport } from "./viewport.ts";

const MICROMETRES = 1000;
const THOUSANDTHS = 1000;
/** An accidental touch is no mark. */
const MIN_PIXELS = 1;

type Places = Pick<ImageViewport, "toPatient" | "fromPatient">;
type Shape = { readonly kind: ImageMarkDraft["kind"]; readonly from: Pixel; readonly to: Pixel; readonly text: string };

/** A mark as it is kept: in the patient where the image has a place there, so that it holds on any screen and at any zoom. */
export function draftMark({ object, frame }: StackImage, shape: Shape, places: Places): ImageMarkDraft | undefined {
  const { kind, from, to, text } = shape;
  const points = [from, to].flatMap((pixel): readonly MarkPoint[] => {
    if (!object.isPlaced) return [whole([pixel[0], pixel[1], 0], THOUSANDTHS)];
    const at = places.toPatient(pixel);
    return at === undefined ? [] : [whole(at, MICROMETRES)];
  });
  if (points.length !== 2 || Math.hypot(to[0] - from[0], to[1] - from[1]) < MIN_PIXELS) return undefined;
  return { kind, sop: object.sop, frame, space: object.isPlaced ? "patient" : "image", points, text };
}

/** Where a kept mark lies on the image that is painted now; `undefined` for a mark of another form. */
export function pixelsOf(
  { space, points }: Pick<ImageMarkDraft, "space" | "points">,
  places: Pick<Places, "fromPatient">,
): readonly [Pixel, Pixel] | undefined {
  const [from, to] = points.map((point): Pixel | undefined =>
    space === "image"
      ? [point[0] / THOUSANDTHS, point[1] / THOUSANDTHS]
      : places.fromPatient([point[0] / MICROMETRES, point[1] / MICROMETRES, point[2] / MICROMETRES]),
  );
  return from === undefined || to === undefined ? undefined : [from, to];
}

export function isOn({ object, frame }: StackImage, mark: Pick<ImageMarkDraft, "sop" | "frame">): boolean {
  return mark.sop === object.sop && mark.frame === frame;
}

function whole(point: readonly [number, number, number], by: number): MarkPoint {
  // CBOR's whole numbers have no negative zero.
  const round = (value: number) => Math.round(value * by) || 0;
  return [round(point[0]), round(point[1]), round(point[2])];
}
