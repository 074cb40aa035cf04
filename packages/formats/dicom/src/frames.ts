import type { DataSet, Element, Range } from "./data-set.ts";
import { countOf, textOf, type ValueContext } from "./element-value.ts";

const FLOAT_PIXELS = 0x7fe0_0008;
const DOUBLE_PIXELS = 0x7fe0_0009;
const PIXELS = 0x7fe0_0010;
/** Whole slides have some hundred thousand tiles. Beyond this, places are not listed: a claim of a few bytes must not fill memory. */
const MAX_FRAMES = 250_000;

export type PixelFacts = {
  readonly rows?: number;
  readonly columns?: number;
  /** 0 when there are no pixels. */
  readonly numberOfFrames: number;
  readonly frames: readonly Range[];
};

/** How many images an instance holds, and where each of them is when that can be told without decoding one (PS3.5 §8, Annex A.4). */
export function readPixelFacts(dataSet: DataSet, context: ValueContext): PixelFacts {
  const rows = countOf(dataSet.get(0x0028_0010), context);
  const columns = countOf(dataSet.get(0x0028_0011), context);
  const pixels = dataSet.get(PIXELS) ?? dataSet.get(FLOAT_PIXELS) ?? dataSet.get(DOUBLE_PIXELS);
  const size = { ...(rows === undefined ? {} : { rows }), ...(columns === undefined ? {} : { columns }) };
  if (pixels === undefined) return { ...size, numberOfFrames: 0, frames: [] };
  const numberOfFrames = Math.max(1, countOf(dataSet.get(0x0028_0008), context) ?? 1);
  const frames =
    pixels.fragments === undefined
      ? nativeFrames(pixels, numberOfFrames, frameBits(dataSet, pixels, context))
      : encapsulatedFrames(pixels.fragments, numberOfFrames);
  return { ...size, numberOfFrames, frames };
}

/** Frames lie one after the other without padding; those of single bits may begin inside a byte. */
function nativeFrames(pixels: Element, count: number, bits: number): readonly Range[] {
  const length = bits / 8;
  if (count === 1)
    return bits > 0 && length <= pixels.length ? [{ offset: pixels.offset, length: Math.ceil(length) }] : [];
  if (count > MAX_FRAMES || !Number.isInteger(length) || length === 0 || length * count > pixels.length) return [];
  return Array.from({ length: count }, (_, index) => ({ offset: pixels.offset + index * length, length }));
}

function frameBits(dataSet: DataSet, pixels: Element, context: ValueContext): number {
  const count = (tag: number) => countOf(dataSet.get(tag), context) ?? 0;
  const allocated = pixels.tag === FLOAT_PIXELS ? 32 : pixels.tag === DOUBLE_PIXELS ? 64 : count(0x0028_0100);
  const samples = Math.max(1, count(0x0028_0002));
  // Two pixels share their colour (PS3.3 §C.7.6.3.1.2).
  const stored = textOf(dataSet.get(0x0028_0004), context).endsWith("_422") ? 2 : samples;
  return count(0x0028_0010) * count(0x0028_0011) * stored * allocated;
}

/** One fragment a frame is the only case where a frame is one range of bytes; the first item is the offset table. */
function encapsulatedFrames(items: readonly Range[], count: number): readonly Range[] {
  const fragments = items.slice(1);
  return fragments.length === count ? fragments : [];
}
