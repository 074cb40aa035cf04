import type { ImageObject, SeriesView } from "../engine/imaging.ts";

/** One image that can be shown: a frame of an object. */
export type StackImage = {
  /** SeriesInstanceUID. */
  readonly series: string;
  readonly object: ImageObject;
  /** From 1. */
  readonly frame: number;
};

/** What is scrolled through as one: the single images of a series, or the frames of one moving image. */
export type Stack = {
  readonly key: string;
  readonly series: SeriesView;
  readonly images: readonly StackImage[];
  /** The frames follow each other in time: they can be played. */
  readonly isMoving: boolean;
};

/** Modalities whose frames are moments; in others the frames of one object are slices. */
const MOVING = new Set(["US", "IVUS", "XA", "RF", "ES", "NM", "GM"]);

/** The stacks of a series; an empty one when nothing of it can be shown. */
export function stacksOf(series: SeriesView): readonly Stack[] {
  const shown = series.objects.filter(({ hidden }) => hidden === undefined);
  const single = shown.filter(({ frames }) => frames === 1);
  const several = shown.filter(({ frames }) => frames > 1);
  const stacks: Stack[] = several.map((object) => ({
    key: `${series.series} ${object.sop}`,
    series,
    images: Array.from({ length: object.frames }, (_, index) => ({ series: series.series, object, frame: index + 1 })),
    isMoving: object.frameMs !== undefined || MOVING.has(series.modality),
  }));
  const flat = single.map((object) => ({ series: series.series, object, frame: 1 }));
  if (flat.length > 0 || several.length === 0)
    stacks.unshift({ key: series.series, series, images: flat, isMoving: false });
  return stacks;
}

/** Where a stack opens: in the middle of slices, where the organ is; at the start of what moves. */
export function firstIndex({ images, isMoving }: Stack): number {
  return isMoving ? 0 : Math.floor((images.length - 1) / 2);
}

/** The order in which the objects of a stack are fetched: from where the reader is outwards, onwards before backwards. */
export function fetchOrder(count: number, from: number): readonly number[] {
  const order: number[] = [];
  for (let step = 0; order.length < count; step++) {
    const ahead = from + step;
    const back = from - step;
    if (ahead < count) order.push(ahead);
    if (step > 0 && back >= 0) order.push(back);
    if (step > count + from) break;
  }
  return order;
}
