import type { Bytes } from "@caseroom/contract";
import { documentType } from "./import-document.ts";

/** What a file is by its first bytes; names and media types of files are guesses of their senders. */
export type ImportFormat =
  | "dicom"
  | "dicomdir"
  | "fhir-json"
  | "fhir-ndjson"
  | "fhir-xml"
  | "ccda"
  | "document"
  | "hl7v2"
  | "zip"
  | "unknown";

const DICM = [0x44, 0x49, 0x43, 0x4d];
const PREAMBLE_BYTES = 128;
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const EMPTY_ZIP = [0x50, 0x4b, 0x05, 0x06];
/** UID of a media directory (PS3.4 annex B), which stands in the first group of every DICOMDIR. */
const MEDIA_DIRECTORY = /1\.2\.840\.10008\.1\.3\.10(?![\d.])/;
const HEAD_BYTES = 4096;
const FHIR_NAMESPACE = "http://hl7.org/fhir";

export function sniffFormat(name: string, bytes: Bytes): ImportFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  if (startsWith(bytes, ZIP, 0) || startsWith(bytes, EMPTY_ZIP, 0)) return "zip";
  if (startsWith(bytes, DICM, PREAMBLE_BYTES)) {
    return MEDIA_DIRECTORY.test(head.toString("latin1", PREAMBLE_BYTES)) ? "dicomdir" : "dicom";
  }
  if (documentType(bytes) !== undefined) return "document";
  const text = textOf(head);
  if (text.startsWith("{")) return isLines(name, bytes) ? "fhir-ndjson" : "fhir-json";
  // Documents, bare sections and bare entries begin alike: what XML it is, its reader knows.
  if (text.startsWith("<")) return text.includes(`="${FHIR_NAMESPACE}"`) ? "fhir-xml" : "ccda";
  if (HL7_HEADER.test(text)) return "hl7v2";
  // A data set without preamble and marker, as some devices write it: group 0002 or 0008 comes first, little endian.
  if ((bytes[0] === 0x02 || bytes[0] === 0x08) && bytes[1] === 0x00 && bytes[3] === 0x00) return "dicom";
  return "unknown";
}

/** The header of a message, of a batch or of a file of batches at the beginning of a line (HL7 v2.5.1 §2.10.3), after whatever else. */
const HL7_HEADER = /(^|[\r\n])(MSH|FHS|BHS)([!-/:-@[-`{-~])[!-/:-@[-`{-~]{3,5}\3/;

/** One resource a line (FHIR Bulk Data, application/fhir+ndjson): a first line that is whole, and a second one. */
function isLines(name: string, bytes: Bytes): boolean {
  if (/\.ndjson$/i.test(name)) return true;
  const end = bytes.indexOf(0x0a);
  if (end < 0 || bytes[end + 1] !== 0x7b) return false;
  return bytes[bytes[end - 1] === 0x0d ? end - 2 : end - 1] === 0x7d;
}

function startsWith(bytes: Bytes, magic: readonly number[], at: number): boolean {
  return magic.every((byte, i) => bytes[at + i] === byte);
}

/** UTF-16 by its byte-order mark, as XML may be; everything else that is looked for is ASCII. */
function textOf(head: Buffer): string {
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  const encoding = head[0] === 0xfe ? "utf-16be" : "utf-16le";
  const text = isUtf16 ? new TextDecoder(encoding).decode(head) : head.toString("utf8");
  return text.replace(/^\uFEFF/, "").trimStart();
}
