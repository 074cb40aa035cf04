import type { ErrorCode } from "@caseroom/contract";
import { Enums, RenderingEngine, type Types, utilities } from "@cornerstonejs/core";
import type { ImageSource } from "./image-source.ts";
import type { Pixel } from "./measure.ts";
import type { Stack, StackImage } from "./stack.ts";
import type { Window } from "./window-presets.ts";

export type CanvasPoint = readonly [x: number, y: number];
export type PatientPoint = readonly [number, number, number];

export type ViewportState = {
  /** Where the reader is, also while that image is still coming. */
  readonly index: number;
  /** What is painted now; `undefined` until something is. */
  readonly painted: StackImage | undefined;
  readonly failure: ErrorCode | "undecodable" | undefined;
  readonly window: Window | undefined;
  readonly isInverted: boolean;
  /** Screen points for one pixel of the image. */
  readonly zoom: number;
};

/** One stack of images on a canvas: what is shown of it, and where a point of the screen is in it. */
export type ImageViewport = {
  readonly state: () => ViewportState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly show: (stack: Stack, index: number) => void;
  readonly goTo: (index: number) => void;
  /** `undefined`: as the object itself says. */
  readonly setWindow: (window: Window | undefined) => void;
  readonly invert: () => void;
  readonly reset: () => void;
  readonly panBy: (across: number, down: number) => void;
  readonly zoomBy: (factor: number, around?: CanvasPoint) => void;
  readonly toPixel: (point: CanvasPoint) => Pixel | undefined;
  readonly toCanvas: (pixel: Pixel) => CanvasPoint | undefined;
  readonly toPatient: (pixel: Pixel) => PatientPoint | undefined;
  readonly fromPatient: (point: PatientPoint) => Pixel | undefined;
  /** Directions in the patient to which rows and columns run; `undefined` when the image has no place there. */
  readonly directions: () => { readonly row: PatientPoint; readonly column: PatientPoint } | undefined;
  readonly resize: () => void;
  readonly close: () => void;
};

const VIEWPORT = "scan";
const NOTHING: ViewportState = {
  index: 0,
  painted: undefined,
  failure: undefined,
  window: undefined,
  isInverted: false,
  zoom: 1,
};

export function openViewport(element: HTMLDivElement, source: ImageSource): ImageViewport {
  const engine = new RenderingEngine(`viewer-${crypto.randomUUID()}`);
  engine.enableElement({
    viewportId: VIEWPORT,
    type: Enums.ViewportType.STACK,
    element,
    defaultOptions: { background: [0, 0, 0] },
  });
  const viewport = engine.getViewport<Types.IStackViewport>(VIEWPORT);
  const listeners = new Set<() => void>();
  let state = NOTHING;
  let stack: Stack | undefined;
  /** The stack that Cornerstone has; it is set anew only once its first image is here. */
  let paintedStack: Stack | undefined;
  let turn = 0;
  let wished: Window | undefined;
  let isClosed = false;

  const update = (change: Partial<ViewportState>) => {
    if (isClosed) return;
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const look = (): Partial<ViewportState> => {
    const { voiRange, invert } = viewport.getProperties();
    const window = voiRange === undefined ? undefined : windowOf(voiRange);
    const [origin, next] = [toCanvas([0, 0]), toCanvas([1, 0])];
    const zoom = origin && next ? Math.hypot(next[0] - origin[0], next[1] - origin[1]) : 1;
    return { window, isInverted: (invert === true) !== isNegative(), zoom };
  };
  const paint = () => {
    viewport.render();
    update(look());
  };

  const goTo: ImageViewport["goTo"] = (index) => {
    const image = stack?.images[index];
    if (stack === undefined || image === undefined) return;
    const mine = ++turn;
    const wanted = stack;
    update({ index });
    const show = async () => {
      const problem = await source.ready(image);
      if (isClosed || mine !== turn) return;
      if (problem !== undefined) return update({ failure: problem.failure, painted: undefined });
      if (paintedStack === wanted) await viewport.setImageIdIndex(index);
      else {
        paintedStack = wanted;
        await viewport.setStack(wanted.images.map(source.idOf), index);
        viewport.resetCamera();
        wished ??= wanted.series.modality === "PT" ? recorded() : undefined;
      }
      if (isClosed || mine !== turn) return;
      if (wished !== undefined) apply(wished);
      viewport.render();
      update({ failure: undefined, painted: image });
      update(look());
    };
    show().catch(() => update({ failure: "undecodable", painted: undefined }));
  };
  /** Low values are white in the object itself (PS3.3 C.7.6.3.1.2). */
  const isNegative = () => viewport.getCornerstoneImage()?.invert === true;
  const recorded = (): Window => {
    const { windowCenter, windowWidth, minPixelValue, maxPixelValue } = viewport.getCornerstoneImage();
    // Of PET, Cornerstone shows uptake values, while the window in the object is for what was counted.
    if (stack?.series.modality === "PT") return windowOf({ lower: minPixelValue, upper: maxPixelValue });
    return { center: first(windowCenter), width: first(windowWidth) };
  };
  const apply = ({ center, width }: Window) =>
    viewport.setProperties({ voiRange: utilities.windowLevel.toLowHighRange(width, center) });

  const geometry = () => (state.painted === undefined ? undefined : viewport.getImageData()?.imageData);
  function toPixel([x, y]: CanvasPoint): Pixel | undefined {
    return fromPatient(tuple(viewport.canvasToWorld([x, y])));
  }
  function toCanvas(pixel: Pixel): CanvasPoint | undefined {
    const at = toPatient(pixel);
    if (at === undefined) return undefined;
    const [x, y] = viewport.worldToCanvas([...at]);
    return [x, y];
  }
  function toPatient([column, row]: Pixel): PatientPoint | undefined {
    const at = geometry()?.indexToWorld?.([column, row, 0]);
    return at === undefined ? undefined : tuple(at);
  }
  function fromPatient(point: PatientPoint): Pixel | undefined {
    const index = geometry()?.worldToIndex?.([...point]);
    const [column, row] = index ?? [];
    return column === undefined || row === undefined ? undefined : [column, row];
  }
  const moveCamera = (by: PatientPoint) => {
    const { focalPoint, position } = viewport.getCamera();
    if (focalPoint === undefined || position === undefined) return;
    viewport.setCamera({ focalPoint: plus(focalPoint, by), position: plus(position, by) });
  };
  const between = (from: CanvasPoint, to: CanvasPoint): PatientPoint => {
    const [a, b] = [viewport.canvasToWorld([...from]), viewport.canvasToWorld([...to])];
    return [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  };

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show: (wanted, index) => {
      const isSame = stack?.key === wanted.key;
      stack = wanted;
      if (!isSame) {
        wished = undefined;
        update(NOTHING);
      }
      goTo(index);
    },
    goTo,
    setWindow: (window) => {
      wished = window;
      if (state.painted === undefined) return;
      apply(window ?? recorded());
      paint();
    },
    invert: () => {
      if (state.painted === undefined) return;
      viewport.setProperties({ invert: viewport.getProperties().invert !== true });
      paint();
    },
    reset: () => {
      if (state.painted === undefined) return;
      wished = undefined;
      // Not Cornerstone's own reset: it shows an image whose low values are white (MONOCHROME1) as a negative afterwards.
      apply(recorded());
      viewport.setProperties({ invert: isNegative() });
      viewport.resetCamera();
      paint();
    },
    panBy: (across, down) => {
      if (state.painted === undefined) return;
      moveCamera(between([across, down], [0, 0]));
      paint();
    },
    zoomBy: (factor, around) => {
      const { parallelScale } = viewport.getCamera();
      if (state.painted === undefined || parallelScale === undefined) return;
      const zoom = state.zoom * factor;
      if (zoom < 0.05 || zoom > 64) return;
      const at: CanvasPoint = around ?? [element.clientWidth / 2, element.clientHeight / 2];
      const before = tuple(viewport.canvasToWorld([...at]));
      viewport.setCamera({ parallelScale: parallelScale / factor });
      const after = tuple(viewport.canvasToWorld([...at]));
      moveCamera([before[0] - after[0], before[1] - after[1], before[2] - after[2]]);
      paint();
    },
    toPixel,
    toCanvas,
    toPatient,
    fromPatient,
    directions: () => {
      if (state.painted?.object.isPlaced !== true) return undefined;
      const [at, right, down] = [toPatient([0, 0]), toPatient([1, 0]), toPatient([0, 1])];
      if (at === undefined || right === undefined || down === undefined) return undefined;
      return { row: minus(right, at), column: minus(down, at) };
    },
    resize: () => {
      if (isClosed || element.clientWidth === 0 || element.clientHeight === 0) return;
      engine.resize(true, true);
      if (state.painted !== undefined) paint();
    },
    close: () => {
      isClosed = true;
      listeners.clear();
      engine.destroy();
    },
  };
}

/** PS3.3 C.11.2.1.2.1: a window of width w reaches over w − 1 values. */
function windowOf({ lower, upper }: Types.VOIRange): Window {
  const { windowCenter, windowWidth } = utilities.windowLevel.toWindowLevel(lower, upper);
  return { center: windowCenter, width: windowWidth };
}

function first(value: number | number[]): number {
  return typeof value === "number" ? value : (value[0] ?? 0);
}

function tuple(point: ArrayLike<number>): PatientPoint {
  return [point[0] ?? 0, point[1] ?? 0, point[2] ?? 0];
}

function plus(a: ArrayLike<number>, b: PatientPoint): Types.Point3 {
  return [(a[0] ?? 0) + b[0], (a[1] ?? 0) + b[1], (a[2] ?? 0) + b[2]];
}

function minus(a: PatientPoint, b: PatientPoint): PatientPoint {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
