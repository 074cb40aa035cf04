import { crc32, deflateSync } from "node:zlib";
import type { PixelDescription, Window } from "./rendered-pixels.ts";
import type { Samples } from "./rendered-samples.ts";

/** An image for a screen: eight bits a channel. */
export type ScreenImage = {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
};

/**
 * Grey values as PS3.3 §C.11 wants them shown: rescaled, windowed, turned where small values are bright. Without a window the values that
 * occur, from the smallest to the largest.
 */
export function greyImage(samples: Samples, pixels: PixelDescription, asked: Window | undefined): ScreenImage {
  const { rows, columns, slope, intercept, photometric } = pixels;
  const window = asked ?? pixels.window ?? fullWindow(samples, pixels);
  const isInverse = photometric === "MONOCHROME1";
  // By stored value: an image has far more pixels than values.
  const table = new Uint8Array(65_536);
  for (let stored = 0; stored < table.length; stored++) {
    const value = (pixels.isSigned ? (stored << 16) >> 16 : stored) * slope + intercept;
    const grey = Math.round(255 * windowed(value, window));
    table[stored] = isInverse ? 255 - grey : grey;
  }
  const shown = new Uint8Array(rows * columns);
  for (let at = 0; at < shown.length; at++) shown[at] = table[(samples[at] ?? 0) & 0xffff] ?? 0;
  return { width: columns, height: rows, channels: 1, pixels: shown };
}

/** From 0 to 1 (PS3.3 §C.11.2.1.2 and §C.11.2.1.3). */
function windowed(value: number, { center, width, shape }: Window): number {
  if (shape === "sigmoid") return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  const isExact = shape === "linear-exact";
  const range = isExact ? width : width - 1;
  const middle = isExact ? center : center - 0.5;
  if (value <= middle - range / 2) return 0;
  return value > middle + range / 2 ? 1 : (value - middle) / range + 0.5;
}

function fullWindow(samples: Samples, { slope, intercept, padding }: PixelDescription): Window {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of samples) {
    if (value === padding) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const [low, high] = [least * slope + intercept, most * slope + intercept].sort((a, b) => a - b);
  if (low === undefined || high === undefined || !Number.isFinite(low)) return { center: 0, width: 1, shape: "linear" };
  return { center: (low + high) / 2, width: Math.max(1, high - low), shape: "linear-exact" };
}

/** Colours as they are, out of luminance and chrominance (PS3.3 §C.7.6.3.1.2), or out of the palette. */
export function colourImage(samples: Samples, pixels: PixelDescription, isRgb: boolean): ScreenImage | undefined {
  const { rows, columns, photometric, palette } = pixels;
  const size = { width: columns, height: rows, channels: 3 as const };
  if (photometric === "PALETTE COLOR")
    return palette === undefined ? undefined : { ...size, pixels: fromPalette(samples, palette) };
  if (!(samples instanceof Uint8Array)) return undefined;
  if (isRgb || photometric === "RGB") return { ...size, pixels: samples };
  return photometric.startsWith("YBR_FULL") ? { ...size, pixels: toRgb(samples) } : undefined;
}

function fromPalette(samples: Samples, { first, tables }: NonNullable<PixelDescription["palette"]>): Uint8Array {
  const shown = new Uint8Array(samples.length * 3);
  for (const [channel, table] of tables.entries())
    for (let at = 0; at < samples.length; at++) {
      const place = Math.min(table.length - 1, Math.max(0, (samples[at] ?? 0) - first));
      shown[3 * at + channel] = table[place] ?? 0;
    }
  return shown;
}

function toRgb(samples: Uint8Array): Uint8Array {
  const shown = new Uint8ClampedArray(samples.length);
  for (let at = 0; at + 2 < samples.length; at += 3) {
    const y = samples[at] ?? 0;
    const cb = (samples[at + 1] ?? 0) - 128;
    const cr = (samples[at + 2] ?? 0) - 128;
    shown[at] = y + 1.402 * cr;
    shown[at + 1] = y - 0.344136 * cb - 0.714136 * cr;
    shown[at + 2] = y + 1.772 * cb;
  }
  return new Uint8Array(shown.buffer);
}

/** As large as fits into a viewport (PS3.18 §8.3.5.1.3); what becomes smaller is averaged. */
export function fitImage(
  image: ScreenImage,
  viewport: { readonly width: number; readonly height: number },
): ScreenImage {
  const scale = Math.min(viewport.width / image.width, viewport.height / image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const pixels = new Uint8Array(width * height * image.channels);
  const columns = spans(width, image.width);
  const rows = spans(height, image.height);
  let at = 0;
  for (const row of rows)
    for (const column of columns)
      for (let channel = 0; channel < image.channels; channel++) {
        pixels[at] = average(image, row, column, channel);
        at += 1;
      }
  return { width, height, channels: image.channels, pixels };
}

type Span = { readonly from: number; readonly until: number };

function spans(count: number, length: number): readonly Span[] {
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * length) / count);
    return { from, until: Math.max(from + 1, Math.floor(((index + 1) * length) / count)) };
  });
}

function average({ width, channels, pixels }: ScreenImage, row: Span, column: Span, channel: number): number {
  let sum = 0;
  for (let y = row.from; y < row.until; y++)
    for (let x = column.from; x < column.until; x++) sum += pixels[(y * width + x) * channels + channel] ?? 0;
  return Math.round(sum / ((row.until - row.from) * (column.until - column.from)));
}

/** PNG (ISO/IEC 15948), without filters: medical images gain little by them. */
export function encodePng({ width, height, channels, pixels }: ScreenImage): Uint8Array {
  const line = width * channels;
  const raw = new Uint8Array((line + 1) * height);
  for (let y = 0; y < height; y++) raw.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = channels === 1 ? 0 : 2;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(raw)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
