import { type Bytes, concatBytes, toBytes } from "@caseroom/contract";
import { wrapDataSet } from "@caseroom/dicom";

const EXPLICIT = "1.2.840.10008.1.2.1";
const CT = "1.2.840.10008.5.1.4.1.1.2";
const LONG = new Set(["OB", "OW"]);

export type MadeInstance = {
  readonly sop: string;
  readonly study: string;
  readonly series: string;
  readonly file: Bytes;
};

/** A CT image in explicit little endian, written by hand from PS3.5 §7.1: a square one, or two frames in a column of given pixels. */
export function makeInstance(input: {
  readonly study: string;
  readonly series: string;
  readonly number: number;
  readonly pixels: Bytes;
  /** Rows, and columns, of 16 bits. */
  readonly side?: number;
  readonly modality?: string;
  readonly description?: string;
}): MadeInstance {
  const { study, series, number, pixels } = input;
  const sop = `${series}.${number}`;
  const [frames, rows, columns] = input.side === undefined ? [2, pixels.length / 4, 1] : [1, input.side, input.side];
  const dataSet = concatBytes(
    element(0x0008_0016, "UI", CT),
    element(0x0008_0018, "UI", sop),
    element(0x0008_0020, "DA", "20260315"),
    element(0x0008_0030, "TM", "091500"),
    element(0x0008_0050, "SH", "ACC-1"),
    element(0x0008_0060, "CS", input.modality ?? "CT"),
    element(0x0008_1030, "LO", input.description ?? "CT heart"),
    element(0x0010_0010, "PN", "CHAN^TAI MAN"),
    element(0x0010_0020, "LO", "KD-778812"),
    element(0x0010_0021, "LO", "KDC"),
    element(0x0010_0030, "DA", "19570731"),
    element(0x0010_0040, "CS", "M"),
    element(0x0018_0015, "CS", "HEART"),
    element(0x0020_000d, "UI", study),
    element(0x0020_000e, "UI", series),
    element(0x0020_0011, "IS", "3"),
    element(0x0020_0013, "IS", String(number)),
    element(0x0028_0002, "US", u16(1)),
    element(0x0028_0008, "IS", String(frames)),
    element(0x0028_0010, "US", u16(rows)),
    element(0x0028_0011, "US", u16(columns)),
    element(0x0028_0100, "US", u16(16)),
    element(0x7fe0_0010, "OW", pixels),
  );
  return { sop, study, series, file: wrapDataSet({ sop, sopClass: CT, transferSyntax: EXPLICIT, dataSet }) };
}

function element(tag: number, vr: string, value: string | Bytes): Bytes {
  const text = typeof value === "string" ? Buffer.from(value, "latin1") : value;
  const pad = text.length % 2 === 0 ? [] : [vr === "UI" ? 0 : 0x20];
  const body = concatBytes(text, toBytes(pad));
  const isLong = LONG.has(vr);
  const head = new Uint8Array(isLong ? 12 : 8);
  const view = new DataView(head.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  head.set(Buffer.from(vr, "latin1"), 4);
  if (isLong) view.setUint32(8, body.length, true);
  else view.setUint16(6, body.length, true);
  return concatBytes(head, body);
}

function u16(value: number): Bytes {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value, true);
  return bytes;
}
