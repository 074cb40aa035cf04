import { type Attribute, type Header, parseHeader } from "./qido-header.ts";

/** How the pixels of one frame are to be understood (PS3.3 §C.7.6.3), and how they are to be shown. */
export type PixelDescription = {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly photometric: string;
  readonly isPlanar: boolean;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly isSigned: boolean;
  readonly padding: number | undefined;
  readonly slope: number;
  readonly intercept: number;
  readonly window: Window | undefined;
  /** Three tables of palette colours, each from `first` on, as eight-bit values. */
  readonly palette: { readonly first: number; readonly tables: readonly Uint8Array[] } | undefined;
  /** A table where a slope would be; not kept in the header when it is long. */
  readonly hasModalityTable: boolean;
};
export type WindowShape = "linear" | "linear-exact" | "sigmoid";
export type Window = { readonly center: number; readonly width: number; readonly shape: WindowShape };

const SHARED_GROUPS = "52009229";
const FRAME_GROUPS = "52009230";
const FRAME_VOI = "00289132";
const FRAME_VALUES = "00289145";

/** The description of one frame, counted from 0, out of the header as it was kept; `undefined` when there are no pixels. */
export function describePixels(headerJson: string, frame: number): PixelDescription | undefined {
  const header = parseHeader(headerJson);
  const number = (tag: string) => numberOf(header.get(tag));
  const rows = number("00280010");
  const columns = number("00280011");
  const bitsAllocated = number("00280100");
  if (rows === undefined || columns === undefined || bitsAllocated === undefined) return undefined;
  const bitsStored = number("00280101") ?? bitsAllocated;
  const values = groupOf(header, frame, FRAME_VALUES);
  return {
    rows,
    columns,
    samples: number("00280002") ?? 1,
    photometric: textOf(header.get("00280004")) ?? "MONOCHROME2",
    isPlanar: number("00280006") === 1,
    bitsAllocated,
    bitsStored,
    highBit: number("00280102") ?? bitsStored - 1,
    isSigned: number("00280103") === 1,
    padding: number("00280120"),
    slope: numberOf(values.get("00281053")) ?? number("00281053") ?? 1,
    intercept: numberOf(values.get("00281052")) ?? number("00281052") ?? 0,
    window: windowOf(groupOf(header, frame, FRAME_VOI)) ?? windowOf(header),
    palette: paletteOf(header),
    hasModalityTable: header.has("00283000"),
  };
}

/** What is said of a frame: for this one alone, or for all (PS3.3 §C.7.6.16). */
function groupOf(header: Header, frame: number, group: string): Header {
  const own = itemOf(header.get(FRAME_GROUPS), frame);
  const shared = itemOf(header.get(SHARED_GROUPS), 0);
  return itemOf(own.get(group), 0).size > 0 ? itemOf(own.get(group), 0) : itemOf(shared.get(group), 0);
}

function itemOf(sequence: Attribute | undefined, index: number): Header {
  const item = sequence?.Value?.[index];
  return typeof item === "object" && item !== null ? parseHeader(JSON.stringify(item)) : new Map();
}

function windowOf(header: Header): Window | undefined {
  const center = numberOf(header.get("00281050"));
  const width = numberOf(header.get("00281051"));
  if (center === undefined || width === undefined || width <= 0) return undefined;
  const shape = textOf(header.get("00281056"));
  return {
    center,
    width,
    shape: shape === "SIGMOID" ? "sigmoid" : shape === "LINEAR_EXACT" ? "linear-exact" : "linear",
  };
}

function paletteOf(header: Header): PixelDescription["palette"] {
  const descriptor = header.get("00281101")?.Value?.map(Number) ?? [];
  const [entries = 0, first = 0, bits = 16] = descriptor;
  const count = entries === 0 ? 65_536 : entries;
  const tables = ["00281201", "00281202", "00281203"].map((tag) => tableOf(header.get(tag), count, bits));
  return tables.every((table) => table !== undefined) ? { first, tables } : undefined;
}

function tableOf(attribute: Attribute | undefined, count: number, bits: number): Uint8Array | undefined {
  const binary: unknown = attribute?.InlineBinary;
  const values = attribute?.Value?.map(Number);
  if (values !== undefined) return Uint8Array.from(values, (value) => (bits > 8 ? value >>> 8 : value));
  if (typeof binary !== "string") return undefined;
  const bytes = Buffer.from(binary, "base64");
  if (bytes.length < count) return undefined;
  return bytes.length >= 2 * count ? Uint8Array.from({ length: count }, (_, at) => bytes[2 * at + 1] ?? 0) : bytes;
}

function numberOf(attribute: Attribute | undefined): number | undefined {
  const value = Number(attribute?.Value?.[0] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

function textOf(attribute: Attribute | undefined): string | undefined {
  const value = attribute?.Value?.[0];
  return typeof value === "string" ? value.trim() : undefined;
}
