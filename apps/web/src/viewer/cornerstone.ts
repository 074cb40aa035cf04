import { cache, getWebWorkerManager, init as initCore, registerImageLoader, type Types } from "@cornerstonejs/core";
import dicomImageLoader from "@cornerstonejs/dicom-image-loader";
import { Enums as MetadataEnums, utilities as metadata } from "@cornerstonejs/metadata";

import { inflateFile } from "./inflate.ts";

/** Our own scheme of image ids: nothing that could be asked for by URL, or found after the viewer was closed. */
const SCHEME = "caseroom";
const { NATURALIZED } = MetadataEnums.MetadataModules;

/** Hands over the bytes of the object with that number. */
type BytesOf = (object: number) => Promise<ArrayBuffer>;

let bytesOf: BytesOf | undefined;
let isStarted = false;

/** Lets Cornerstone ask for objects here. One viewer at a time. */
export function startCornerstone(source: BytesOf): void {
  prepareCornerstone();
  bytesOf = source;
}

/** Starts Cornerstone and a decoder, once a page: half a second that nobody has to wait for after the tap. */
export function prepareCornerstone(): void {
  if (isStarted) return;
  isStarted = true;
  // One picture at a time needs one context of the graphics card; seven, as usual, cost half a second to open.
  initCore({ rendering: { webGlContextCount: 1 }, debug: {} });
  dicomImageLoader.init({ maxWebWorkers: Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2))) });
  registerImageLoader(SCHEME, (imageId, options) => ({ promise: load(imageId, options) }));
  // The first task brings the worker up; what becomes of it does not matter.
  getWebWorkerManager()
    .executeTask("dicomImageLoader", "decodeTask", ONE_PIXEL)
    .catch(() => undefined);
}

const ONE_PIXEL = {
  imageFrame: {
    rows: 1,
    columns: 1,
    bitsAllocated: 8,
    bitsStored: 8,
    samplesPerPixel: 1,
    pixelRepresentation: 0,
    planarConfiguration: 0,
    photometricInterpretation: "MONOCHROME2",
  },
  transferSyntax: "1.2.840.10008.1.2.1",
  decodeConfig: {},
  options: { preScale: { enabled: false } },
  pixelData: new Uint8Array(1),
};

/** The name by which Cornerstone asks for a frame. Frames count from 1; an object of one frame has none. */
export function imageIdOf(object: number, frame: number | undefined): string {
  return `${SCHEME}:${object}${frame === undefined ? "" : `?frame=${frame}`}`;
}

/** Forgets every decoded image and every parsed object: nothing that was opened stays in the page. */
export function purgeCornerstone(): void {
  bytesOf = undefined;
  parsing.clear();
  cache.purgeCache();
  metadata.clearTypedCacheData(NATURALIZED);
}

const parsing = new Map<number, Promise<unknown>>();

async function load(imageId: string, options?: Record<string, unknown>): Promise<Types.IImage> {
  const object = Number.parseInt(imageId.slice(SCHEME.length + 1), 10);
  await parsed(object);
  // What the file says of itself is known by now: no address is asked for.
  return dicomImageLoader.wadouri.loadImageFromNaturalizedMetadata(imageId, options).promise;
}

/**
 * Resolves when an object is here and understood. To be awaited before Cornerstone is asked for an image of it: of an image that does
 * not come, its cache leaves a rejected promise behind that nobody handles.
 */
export function parsed(object: number): Promise<unknown> {
  const known = parsing.get(object);
  if (known !== undefined) return known;
  const source = bytesOf;
  const begun = (async () => {
    if (source === undefined) throw new ImageFailure("closed");
    const bytes = await source(object);
    if (bytesOf !== source) throw new ImageFailure("closed");
    const plain = await inflateFile(bytes);
    if (plain === undefined) throw new ImageFailure("damaged");
    await metadata.addDicomPart10Instance(imageIdOf(object, undefined), plain);
  })();
  parsing.set(object, begun);
  begun.catch(() => parsing.delete(object));
  return begun;
}

/** Why an image is not shown: a code of the engine, or that the viewer was closed meanwhile. Never holds content. */
export class ImageFailure extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super("the image was not loaded");
    this.name = "ImageFailure";
    this.reason = reason;
  }
}
