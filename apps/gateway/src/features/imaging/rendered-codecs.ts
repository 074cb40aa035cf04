import { createRequire } from "node:module";
import { InvariantError } from "@caseroom/contract";
import { Decoder } from "@cornerstonejs/jpeg-lossless-decoder-js";

/** What a codec makes of a frame: bytes of samples, and how they lie. `isRgb`: the colours were turned on the way. */
export type DecodedFrame = {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly isPlanar: boolean;
  readonly isRgb: boolean;
};

/** The part of the codecs' interface that is used here; they come without types. */
type WasmDecoder = {
  readonly getEncodedBuffer: (length: number) => Uint8Array;
  readonly decode: () => void;
  readonly getFrameInfo: () => { readonly width: number; readonly height: number; readonly componentCount: number };
  readonly getDecodedBuffer: () => Uint8Array;
  readonly getInterleaveMode?: () => number;
  readonly delete: () => void;
};
type WasmEncoder = {
  readonly getDecodedBuffer: (info: object) => Uint8Array;
  readonly setQuality: (quality: number) => void;
  readonly encode: () => void;
  readonly getEncodedBuffer: () => Uint8Array;
  readonly delete: () => void;
};
type WasmModule = Readonly<Record<string, new () => WasmDecoder & WasmEncoder>>;

type Family = "jpeg" | "jpeg-ls" | "jpeg-2000" | "htj2k" | "jpeg-lossless";
const FAMILY = new Map<string, Family>([
  ["1.2.840.10008.1.2.4.50", "jpeg"],
  ["1.2.840.10008.1.2.4.51", "jpeg"],
  ["1.2.840.10008.1.2.4.57", "jpeg-lossless"],
  ["1.2.840.10008.1.2.4.70", "jpeg-lossless"],
  ["1.2.840.10008.1.2.4.80", "jpeg-ls"],
  ["1.2.840.10008.1.2.4.81", "jpeg-ls"],
  ["1.2.840.10008.1.2.4.90", "jpeg-2000"],
  ["1.2.840.10008.1.2.4.91", "jpeg-2000"],
  ["1.2.840.10008.1.2.4.201", "htj2k"],
  ["1.2.840.10008.1.2.4.202", "htj2k"],
  ["1.2.840.10008.1.2.4.203", "htj2k"],
]);
const require = createRequire(import.meta.url);
const WASM = {
  jpeg: {
    load: () => require("@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs"),
    file: () => require.resolve("@cornerstonejs/codec-libjpeg-turbo-8bit/wasm"),
    decoder: "JPEGDecoder",
  },
  "jpeg-ls": {
    load: () => require("@cornerstonejs/codec-charls/wasmjs"),
    file: () => require.resolve("@cornerstonejs/codec-charls/wasm"),
    decoder: "JpegLSDecoder",
  },
  "jpeg-2000": {
    load: () => require("@cornerstonejs/codec-openjpeg/wasmjs"),
    file: () => require.resolve("@cornerstonejs/codec-openjpeg/wasm"),
    decoder: "J2KDecoder",
  },
  htj2k: {
    load: () => require("@cornerstonejs/codec-openjph/wasmjs"),
    file: () => require.resolve("@cornerstonejs/codec-openjph/wasm"),
    decoder: "HTJ2KDecoder",
  },
} as const;
type WasmFamily = keyof typeof WASM;

export function hasCodec(transferSyntax: string): boolean {
  return FAMILY.has(transferSyntax);
}

/** One compressed frame; throws what the codec throws when it cannot be read. */
export async function decodeFrame(
  transferSyntax: string,
  frame: Uint8Array,
  bitsAllocated: number,
): Promise<DecodedFrame | undefined> {
  const family = FAMILY.get(transferSyntax);
  if (family === undefined) return undefined;
  if (family === "jpeg-lossless") return decodeLossless(frame, bitsAllocated);
  const decoder = new (await classOf(family, WASM[family].decoder))();
  try {
    decoder.getEncodedBuffer(frame.length).set(frame);
    decoder.decode();
    const { width, height, componentCount } = decoder.getFrameInfo();
    return {
      // The codec's memory is used again for the next frame.
      bytes: Uint8Array.from(decoder.getDecodedBuffer()),
      rows: height,
      columns: width,
      samples: componentCount,
      isPlanar: family === "jpeg-ls" && decoder.getInterleaveMode?.() === 0,
      isRgb: family !== "jpeg-ls",
    };
  } finally {
    decoder.delete();
  }
}

function decodeLossless(frame: Uint8Array, bitsAllocated: number): DecodedFrame {
  const decoder = new Decoder();
  const copy = Uint8Array.from(frame);
  const decoded = decoder.decode(copy.buffer, 0, copy.length, bitsAllocated > 8 ? 2 : 1);
  const { dimY, dimX, numComp } = decoder.frame;
  return {
    bytes: new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength),
    rows: dimY,
    columns: dimX,
    samples: numComp,
    isPlanar: false,
    isRgb: false,
  };
}

/** An image of eight bits a sample as JPEG. */
export async function encodeJpeg(image: {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
  readonly quality: number;
}): Promise<Uint8Array> {
  const { width, height, channels, pixels, quality } = image;
  const encoder = new (await classOf("jpeg", "JPEGEncoder"))();
  try {
    encoder
      .getDecodedBuffer({ width, height, bitsPerSample: 8, componentCount: channels, isSigned: false })
      .set(pixels);
    encoder.setQuality(quality);
    encoder.encode();
    return Uint8Array.from(encoder.getEncodedBuffer());
  } finally {
    encoder.delete();
  }
}

const modules = new Map<WasmFamily, Promise<WasmModule>>();

async function classOf(family: WasmFamily, name: string): Promise<new () => WasmDecoder & WasmEncoder> {
  let loading = modules.get(family);
  if (loading === undefined) {
    const { load, file } = WASM[family];
    const factory: (options: object) => Promise<WasmModule> = load();
    const quiet = { print: () => undefined, printErr: () => undefined };
    loading = factory({ locateFile: () => file(), ...quiet });
    modules.set(family, loading);
  }
  const found = (await loading)[name];
  if (found === undefined) throw new InvariantError(`no ${name} in the codec`);
  return found;
}
