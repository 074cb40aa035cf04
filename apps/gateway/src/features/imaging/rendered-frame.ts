import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { decodeFrame, encodeJpeg, hasCodec } from "./rendered-codecs.ts";
import { colourImage, encodePng, fitImage, greyImage, type ScreenImage } from "./rendered-image.ts";
import { describePixels, type PixelDescription, type Window } from "./rendered-pixels.ts";
import { decodeRle, expandHalfColour, type Samples, samplesOf } from "./rendered-samples.ts";
import { isPlain } from "./wado-frames.ts";

/** One frame to be shown. */
export type FrameJob = {
  readonly header: string;
  readonly transferSyntax: string;
  readonly frame: Uint8Array;
  /** From 0. */
  readonly index: number;
  readonly mediaType: "image/png" | "image/jpeg";
  readonly quality: number;
  readonly window?: Window;
  readonly viewport?: { readonly width: number; readonly height: number };
};

/** A large mammogram has 24 million; more is a claim of a header. */
const MAX_PIXELS = 40_000_000;
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const RLE = "1.2.840.10008.1.2.5";

/** SOURCE_UNSUPPORTED: nothing here shows such pixels. SOURCE_UNREADABLE: they are not what the header says. TOO_LARGE: too many. */
export async function renderFrame(job: FrameJob): Promise<Result<Uint8Array, Failure>> {
  const pixels = describePixels(job.header, job.index);
  if (pixels === undefined || pixels.rows * pixels.columns === 0)
    return err(failure("SOURCE_UNSUPPORTED", "no pixels"));
  if (pixels.rows * pixels.columns > MAX_PIXELS) return err(failure("TOO_LARGE", "pixels"));
  if (pixels.bitsStored > pixels.bitsAllocated || pixels.bitsStored < 1 || pixels.hasModalityTable)
    return err(failure("SOURCE_UNSUPPORTED", "pixel format"));
  let decoded: { readonly samples: Samples; readonly isRgb: boolean } | undefined;
  try {
    decoded = await decode(job, pixels);
  } catch {
    // A codec throws whatever it likes at a frame that it cannot read.
    return err(failure("SOURCE_UNREADABLE", "pixels"));
  }
  if (decoded === undefined) return err(failure("SOURCE_UNSUPPORTED", "pixel format"));
  const isGrey = pixels.samples === 1 && pixels.photometric.startsWith("MONOCHROME");
  const image = isGrey
    ? greyImage(decoded.samples, pixels, job.window)
    : colourImage(decoded.samples, pixels, decoded.isRgb);
  if (image === undefined) return err(failure("SOURCE_UNSUPPORTED", "colours"));
  return ok(await encode(job.viewport === undefined ? image : fitImage(image, job.viewport), job));
}

async function encode(image: ScreenImage, { mediaType, quality }: FrameJob): Promise<Uint8Array> {
  return mediaType === "image/png" ? encodePng(image) : encodeJpeg({ ...image, quality });
}

async function decode(
  { transferSyntax, frame }: FrameJob,
  pixels: PixelDescription,
): Promise<{ readonly samples: Samples; readonly isRgb: boolean } | undefined> {
  const plain = (samples: Samples | undefined) => (samples === undefined ? undefined : { samples, isRgb: false });
  if (isPlain(transferSyntax) || transferSyntax === BIG_ENDIAN) {
    if (pixels.photometric === "YBR_FULL_422") return plain(expandHalfColour(frame, pixels.rows * pixels.columns));
    return plain(samplesOf(frame, pixels, { isPlanar: pixels.isPlanar, isBigEndian: transferSyntax === BIG_ENDIAN }));
  }
  if (transferSyntax === RLE) {
    const planes = decodeRle(frame, pixels);
    return planes === undefined ? undefined : plain(samplesOf(planes, pixels, { isPlanar: true }));
  }
  const decoded = hasCodec(transferSyntax) ? await decodeFrame(transferSyntax, frame, pixels.bitsAllocated) : undefined;
  if (decoded === undefined) return undefined;
  const { rows, columns, samples: count, isPlanar, isRgb } = decoded;
  if (rows !== pixels.rows || columns !== pixels.columns || count !== pixels.samples) return undefined;
  const samples = samplesOf(decoded.bytes, { ...pixels, highBit: pixels.bitsStored - 1 }, { isPlanar });
  return samples === undefined ? undefined : { samples, isRgb };
}
