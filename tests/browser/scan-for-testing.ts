import { readdirSync, readFileSync } from "node:fs";
import { type Bytes, concatBytes, toBytes } from "@caseroom/contract";
import { dataSetOf, readDicom, wrapDataSet } from "@caseroom/dicom";
import { type DemoWorld, gatewayOf } from "@caseroom/testkit";

const FIXTURES = new URL("../../fixtures/dicom/viewer/", import.meta.url);
const LONG = new Set(["OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UC", "UR", "UT", "UN", "SV", "UV"]);
const PATIENT_GROUP = 0x0010;

/** The patient of the demo's case, as the laboratory's institution knows him. */
const CHAN = [
  element(0x0010, "PN", "CHAN^TAI MAN"),
  element(0x0020, "LO", "KD-778812"),
  element(0x0021, "LO", "KDC"),
  element(0x0030, "DA", "19570731"),
  element(0x0040, "CS", "M"),
];

/** Stores the files of that name at an institution by STOW-RS (PS3.18 §10.5), as images of Chan Tai Man. Answers the status. */
export async function storeScan(world: DemoWorld, gateway: string, name: RegExp): Promise<number> {
  const { dicomweb, token } = gatewayOf(world, gateway);
  const files = readdirSync(FIXTURES)
    .filter((file) => name.test(file))
    .map((file) => asChan(toBytes(readFileSync(new URL(file, FIXTURES)))));
  const boundary = "scan-for-testing";
  const head = Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
  const body = Buffer.concat([
    ...files.flatMap((file) => [head, file, Buffer.from("\r\n")]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  const response = await fetch(`${dicomweb}/studies`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": `multipart/related; type="application/dicom"; boundary=${boundary}`,
      accept: "application/dicom+json",
    },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

/** The same image of another person: group 0010 is put in place of what stood there. For explicit little endian. */
function asChan(file: Bytes): Bytes {
  const read = readDicom(file);
  if (!read.ok) throw new RangeError("no image");
  const { sop, sopClass, transferSyntax } = read.value;
  const dataSet = dataSetOf(file);
  const [from, until] = [endBefore(dataSet, PATIENT_GROUP), endBefore(dataSet, PATIENT_GROUP + 1)];
  const changed = concatBytes(dataSet.subarray(0, from), ...CHAN, dataSet.subarray(until));
  return wrapDataSet({ sop, sopClass, transferSyntax, dataSet: changed });
}

/** Where the first element of that group or a later one begins. */
function endBefore(dataSet: Bytes, group: number): number {
  const view = new DataView(dataSet.buffer, dataSet.byteOffset, dataSet.byteLength);
  let at = 0;
  while (at < dataSet.length && view.getUint16(at, true) < group) {
    const isLong = LONG.has(String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5)));
    const length = isLong ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    if (length === 0xffff_ffff) throw new RangeError("a sequence of undefined length before the patient");
    at += (isLong ? 12 : 8) + length;
  }
  return at;
}

function element(number: number, vr: string, value: string): Bytes {
  const text = Buffer.from(value.length % 2 === 0 ? value : `${value} `, "latin1");
  const head = Buffer.alloc(8);
  head.writeUInt16LE(PATIENT_GROUP, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, "latin1");
  head.writeUInt16LE(text.length, 6);
  return toBytes(Buffer.concat([head, text]));
}
