import type { PixelDescription } from "./rendered-pixels.ts";

/** Samples of one frame, pixel by pixel, as they are stored: masked and signed. */
export type Samples = Uint8Array | Int16Array | Uint16Array;

/** Samples of uncompressed bytes, or of what a codec made of compressed ones; `undefined` where there are too few bytes. */
export function samplesOf(
  bytes: Uint8Array,
  pixels: PixelDescription,
  order: { readonly isPlanar: boolean; readonly isBigEndian?: boolean },
): Samples | undefined {
  const { rows, columns, samples, bitsAllocated } = pixels;
  const count = rows * columns * samples;
  if (bitsAllocated === 1) return bytes.length * 8 < count ? undefined : unpackBits(bytes, count);
  if (bitsAllocated === 8) {
    if (bytes.length < count) return undefined;
    const own = bytes.subarray(0, count);
    return order.isPlanar && samples > 1 ? interleave(own, rows * columns, samples) : own;
  }
  if (bitsAllocated !== 16 || samples !== 1 || bytes.length < 2 * count) return undefined;
  return sixteenBits(bytes, pixels, count, order.isBigEndian === true);
}

function sixteenBits(
  bytes: Uint8Array,
  { bitsStored, highBit, isSigned }: PixelDescription,
  count: number,
  isBigEndian: boolean,
): Int16Array | Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shift = Math.max(0, highBit + 1 - bitsStored);
  const unused = 32 - bitsStored;
  const values = isSigned ? new Int16Array(count) : new Uint16Array(count);
  for (let at = 0; at < count; at++) {
    const stored = (view.getUint16(2 * at, !isBigEndian) >>> shift) << unused;
    values[at] = isSigned ? stored >> unused : stored >>> unused;
  }
  return values;
}

function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, at) => ((bytes[at >>> 3] ?? 0) >>> (at & 7)) & 1);
}

function interleave(planes: Uint8Array, pixels: number, samples: number): Uint8Array {
  const mixed = new Uint8Array(planes.length);
  for (let plane = 0; plane < samples; plane++)
    for (let at = 0; at < pixels; at++) mixed[at * samples + plane] = planes[plane * pixels + at] ?? 0;
  return mixed;
}

/** Two pixels share their colour (PS3.3 §C.7.6.3.1.2): Y1 Y2 Cb Cr becomes two triples. */
export function expandHalfColour(bytes: Uint8Array, pixels: number): Uint8Array | undefined {
  if (bytes.length < pixels * 2) return undefined;
  const full = new Uint8Array(pixels * 3);
  for (let at = 0; at < pixels; at++) {
    const pair = (at >>> 1) * 4;
    full[3 * at] = bytes[pair + (at & 1)] ?? 0;
    full[3 * at + 1] = bytes[pair + 2] ?? 0;
    full[3 * at + 2] = bytes[pair + 3] ?? 0;
  }
  return full;
}

/** RLE (PS3.5 annex G): a segment for every byte of a sample, the highest first; here as planes, and 16-bit samples in little endian. */
export function decodeRle(
  frame: Uint8Array,
  { rows, columns, samples, bitsAllocated }: PixelDescription,
): Uint8Array | undefined {
  const pixels = rows * columns;
  const bytesPerSample = bitsAllocated / 8;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 64 || view.getUint32(0, true) !== samples * bytesPerSample) return undefined;
  const decoded = new Uint8Array(pixels * samples * bytesPerSample);
  for (let segment = 0; segment < samples * bytesPerSample; segment++) {
    const from = view.getUint32(4 + 4 * segment, true);
    const next = segment + 1 < samples * bytesPerSample ? view.getUint32(8 + 4 * segment, true) : frame.length;
    const sample = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    const place = { start: sample * pixels * bytesPerSample + byte, step: bytesPerSample, count: pixels };
    if (!unpackSegment(frame.subarray(from, next), decoded, place)) return undefined;
  }
  return decoded;
}

function unpackSegment(
  packed: Uint8Array,
  into: Uint8Array,
  { start, step, count }: { readonly start: number; readonly step: number; readonly count: number },
): boolean {
  let at = 0;
  let written = 0;
  while (written < count && at < packed.length) {
    const control = packed[at] ?? 0;
    at += 1;
    if (control === 128) continue;
    const isRun = control > 128;
    const length = Math.min(count - written, isRun ? 257 - control : control + 1);
    for (let index = 0; index < length; index++)
      into[start + step * (written + index)] = packed[isRun ? at : at + index] ?? 0;
    at += isRun ? 1 : control + 1;
    written += length;
  }
  return written === count;
}
