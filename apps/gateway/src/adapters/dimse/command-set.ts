import { type Bytes, concatBytes } from "@caseroom/contract";

/** The elements of group 0000 that the composite services use (PS3.7 annex E.1), and how their values are written. */
export const ELEMENT = {
  affectedSopClass: 0x0002,
  commandField: 0x0100,
  messageId: 0x0110,
  messageIdRespondedTo: 0x0120,
  priority: 0x0700,
  dataSetType: 0x0800,
  status: 0x0900,
  errorComment: 0x0902,
  affectedSopInstance: 0x1000,
  remaining: 0x1020,
  completed: 0x1021,
  failed: 0x1022,
  warning: 0x1023,
} as const;

export const COMMAND = {
  storeRequest: 0x0001,
  storeReply: 0x8001,
  getRequest: 0x0010,
  getReply: 0x8010,
  findRequest: 0x0020,
  findReply: 0x8020,
  echoRequest: 0x0030,
  echoReply: 0x8030,
  cancelRequest: 0x0fff,
} as const;

/** Set in every Command Field that answers another. */
export const REPLY = 0x8000;

const NO_DATA_SET = 0x0101;
const DATA_SET = 0x0001;

/** A command set (PS3.7 §6.3): values by the element number of their tags. */
export type CommandSet = ReadonlyMap<number, Bytes>;

/** `undefined` when it is none. Always in implicit little endian, whatever was negotiated. */
export function readCommandSet(bytes: Bytes): CommandSet | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Map<number, Bytes>();
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at + 4, true);
    const from = at + 8;
    if (view.getUint16(at, true) !== 0 || length > bytes.length - from) return undefined;
    values.set(view.getUint16(at + 2, true), bytes.subarray(from, from + length));
    at = from + length;
  }
  return at === bytes.length && values.has(ELEMENT.commandField) ? values : undefined;
}

/** A value of VR US; 0 when there is none. */
export function numberIn(command: CommandSet, element: number): number {
  const value = command.get(element);
  return value?.length === 2 ? new DataView(value.buffer, value.byteOffset, 2).getUint16(0, true) : 0;
}

/** A value of VR UI; "" when there is none. */
export function uidIn(command: CommandSet, element: number): string {
  return String.fromCharCode(...(command.get(element)?.subarray(0, 64) ?? [])).replace(/[\0 ]+$/, "");
}

export function hasDataSet(command: CommandSet): boolean {
  return numberIn(command, ELEMENT.dataSetType) !== NO_DATA_SET;
}

/** Numbers are written as US, text as UI or, with blanks, as LO. */
export function writeCommandSet(
  fields: Readonly<Record<number, number | string | undefined>>,
  isFollowed: boolean,
): Bytes {
  const all = { ...fields, [ELEMENT.dataSetType]: isFollowed ? DATA_SET : NO_DATA_SET };
  const elements = Object.entries(all)
    .sort(([a], [b]) => Number(a) - Number(b))
    .flatMap(([element, value]) =>
      value === undefined ? [] : [writeElement(Number(element), valueBytes(element, value))],
    );
  const group = concatBytes(...elements);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, group.length, true);
  return concatBytes(writeElement(0, length), group);
}

function valueBytes(element: string, value: number | string): Bytes {
  if (typeof value === "number") return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff);
  const padding = Number(element) === ELEMENT.errorComment ? " " : "\0";
  return new Uint8Array(Buffer.from(value.length % 2 === 0 ? value : value + padding, "latin1"));
}

function writeElement(element: number, value: Bytes): Bytes {
  const bytes = new Uint8Array(8 + value.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, element, true);
  view.setUint32(4, value.length, true);
  bytes.set(value, 8);
  return bytes;
}
