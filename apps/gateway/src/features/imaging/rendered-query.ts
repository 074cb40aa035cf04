import type { FrameJob } from "./rendered-frame.ts";
import type { Window, WindowShape } from "./rendered-pixels.ts";
import { type Accepted, coversType } from "./wado-accept.ts";

const MAX_VIEWPORT = 8192;
const DEFAULT_QUALITY = 90;
const SHAPES = new Map<string, WindowShape>([
  ["linear", "linear"],
  ["linear-exact", "linear-exact"],
  ["sigmoid", "sigmoid"],
]);

export type RenderedQuery = Pick<FrameJob, "quality" | "window" | "viewport">;

/** The parameters of a rendered resource (PS3.18 §8.3.5.1), or the name of the one that is not understood. Others are none of ours. */
export function parseRenderedQuery(search: URLSearchParams): RenderedQuery | { readonly wrong: string } {
  const quality = search.get("quality") ?? String(DEFAULT_QUALITY);
  if (!/^(100|[1-9]\d?)$/.test(quality)) return { wrong: "quality" };
  const asked = { window: search.get("window"), viewport: search.get("viewport") };
  const window = asked.window === null ? undefined : parseWindow(asked.window);
  if (asked.window !== null && window === undefined) return { wrong: "window" };
  const viewport = asked.viewport === null ? undefined : parseViewport(asked.viewport);
  if (asked.viewport !== null && viewport === undefined) return { wrong: "viewport" };
  return {
    quality: Number(quality),
    ...(window === undefined ? {} : { window }),
    ...(viewport === undefined ? {} : { viewport }),
  };
}

/** center,width,function */
function parseWindow(text: string): Window | undefined {
  const [center = "", width = "", shape = "linear", ...rest] = text.split(",");
  const isNumber = (value: string) => /^-?\d{1,9}(\.\d{1,9})?$/.test(value);
  const known = SHAPES.get(shape.toLowerCase());
  if (!isNumber(center) || !isNumber(width) || known === undefined || rest.length > 0) return undefined;
  const least = known === "linear" ? 1 : Number.MIN_VALUE;
  return Number(width) < least ? undefined : { center: Number(center), width: Number(width), shape: known };
}

/** width,height; parts of an image are not cut out. */
function parseViewport(text: string): RenderedQuery["viewport"] {
  const match = /^(\d{1,5}),(\d{1,5})$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  return width >= 1 && height >= 1 && width <= MAX_VIEWPORT && height <= MAX_VIEWPORT ? { width, height } : undefined;
}

/** JPEG where the client has no wish: the standard's own default (PS3.18 table 8.7.4-1). */
export function renderedType(accepted: readonly Accepted[]): FrameJob["mediaType"] | undefined {
  for (const { isMultipart, mediaType } of accepted) {
    if (isMultipart) continue;
    if (coversType(mediaType, "image/jpeg")) return "image/jpeg";
    if (coversType(mediaType, "image/png")) return "image/png";
  }
  return undefined;
}
