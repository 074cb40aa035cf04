import type { ByteSpan } from "@caseroom/client";
import { type Accepted, acceptsStored, coversType } from "./wado-accept.ts";
import type { ImagingObject } from "./wado-store.ts";

/** Transfer syntaxes whose pixels are plain little-endian numbers (PS3.18 table 8.7.3-5: application/octet-stream). */
const PLAIN = new Set(["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.1.98"]);
export const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

/** Media type of one compressed frame (PS3.18 table 8.7.3-5). */
const TYPE_BY_SYNTAX: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.5": "image/dicom-rle",
  "1.2.840.10008.1.2.4.50": "image/jpeg",
  "1.2.840.10008.1.2.4.51": "image/jpeg",
  "1.2.840.10008.1.2.4.57": "image/jpeg",
  "1.2.840.10008.1.2.4.70": "image/jpeg",
  "1.2.840.10008.1.2.4.80": "image/jls",
  "1.2.840.10008.1.2.4.81": "image/jls",
  "1.2.840.10008.1.2.4.90": "image/jp2",
  "1.2.840.10008.1.2.4.91": "image/jp2",
  "1.2.840.10008.1.2.4.92": "image/jpx",
  "1.2.840.10008.1.2.4.93": "image/jpx",
  "1.2.840.10008.1.2.4.201": "image/jphc",
  "1.2.840.10008.1.2.4.202": "image/jphc",
  "1.2.840.10008.1.2.4.203": "image/jphc",
};

export function isPlain(transferSyntax: string): boolean {
  return PLAIN.has(transferSyntax);
}

/**
 * Under which type a frame can be given as it is kept; `undefined` when the client takes none (406). Viewers ask for any transfer syntax as
 * application/octet-stream; they get what is kept under that name, with the transfer syntax beside it.
 */
export function frameType(
  accepted: readonly Accepted[],
  { transferSyntax }: ImagingObject,
): { readonly type: string; readonly contentType: string } | undefined {
  if (isPlain(transferSyntax)) {
    const taken = accepted.find(
      (one) =>
        coversType(one.mediaType, "application/octet-stream") &&
        (one.transferSyntax === undefined ||
          one.transferSyntax === "*" ||
          one.transferSyntax === EXPLICIT_LITTLE_ENDIAN ||
          one.transferSyntax === transferSyntax),
    );
    return taken === undefined ? undefined : typed("application/octet-stream", EXPLICIT_LITTLE_ENDIAN);
  }
  const mediaType = TYPE_BY_SYNTAX[transferSyntax];
  if (mediaType !== undefined && acceptsStored(accepted, { mediaType, transferSyntax }) !== undefined)
    return typed(mediaType, transferSyntax);
  const isNamed = accepted.some(
    (one) =>
      one.mediaType === "application/octet-stream" &&
      (one.transferSyntax === "*" || one.transferSyntax === transferSyntax),
  );
  return isNamed ? typed("application/octet-stream", transferSyntax) : undefined;
}

function typed(type: string, transferSyntax: string) {
  return { type, contentType: `${type}; transfer-syntax=${transferSyntax}` };
}

/** Frames by a list of numbers from 1 (PS3.18 §10.4.1.1.1); `undefined` for a list that names one which is not there. */
export function chooseFrames(frames: readonly ByteSpan[], list: string): readonly ByteSpan[] | undefined {
  const numbers = list.split(",").map((text) => (/^\d{1,9}$/.test(text) ? Number(text) : 0));
  if (numbers.length > 10_000) return undefined;
  const chosen = numbers.flatMap((number) => frames[number - 1] ?? []);
  return chosen.length === numbers.length && !numbers.includes(0) ? chosen : undefined;
}

/** The value of PixelData: one run where the pixels are plain, else frame by frame. */
export function pixelSpans(object: ImagingObject): readonly ByteSpan[] {
  const [first] = object.frames;
  const last = object.frames.at(-1);
  if (first === undefined || last === undefined || !isPlain(object.transferSyntax)) return object.frames;
  return [{ offset: first.offset, length: last.offset + last.length - first.offset }];
}
