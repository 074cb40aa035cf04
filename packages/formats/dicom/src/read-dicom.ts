import { inflateRawSync } from "node:zlib";
import { type Bytes, err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import type { DataSet } from "./data-set.ts";
import { countOf, textOf, type ValueContext } from "./element-value.ts";
import { readPixelFacts } from "./frames.ts";
import { headerJson } from "./header-json.ts";
import { openDataSet } from "./open-data-set.ts";
import { DEFLATED_EXPLICIT_LITTLE_ENDIAN, isUid, readPart10 } from "./part10.ts";
import { isoDate, isoTime, readPatient } from "./patient-module.ts";

/** One DICOM object in PS3.10 form, as far as it has to be understood to be kept, found and shown. */
export type DicomInstance = {
  readonly study: string;
  readonly series: string;
  readonly sop: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  readonly modality: string;
  /** Instance Number (0020,0013), or 0. */
  readonly number: number;
  readonly rows?: number;
  readonly columns?: number;
  /** 0 when there are no pixels. */
  readonly numberOfFrames: number;
  readonly patient: {
    readonly id?: string;
    readonly issuer?: string;
    readonly name: string;
    /** YYYY-MM-DD */
    readonly birthDate?: string;
    /** male, female or other */
    readonly sex?: string;
  };
  /** Study date, and time where it is known, in the place's own time (ISO 8601 without offset). */
  readonly when?: string;
  readonly description?: {
    readonly study?: string;
    readonly series?: string;
    readonly bodyPart?: string;
    readonly accession?: string;
  };
  /** Where each frame is in the file; empty when frames cannot be told apart without decoding. */
  readonly frames: readonly { readonly offset: number; readonly length: number }[];
  /** The header as DICOM JSON (PS3.18 Annex F), without pixels and without binary values of more than 1 KiB. */
  readonly header: string;
};

/** What a deflated data set may become. */
const MAX_INFLATED = 256 * 1024 * 1024;
const DICOMDIR = "1.2.840.10008.1.3.10";

/**
 * Reads one DICOM file (PS3.10), or a bare data set. SOURCE_UNREADABLE: not DICOM, or it contradicts itself. SOURCE_INCOMPLETE: cut short, or
 * without the UIDs that name it. SOURCE_UNSUPPORTED: a directory of media. TOO_LARGE: beyond the limits of depth, elements or header.
 * No failure holds a value of the file.
 */
export function readDicom(bytes: Bytes): Result<DicomInstance, Failure> {
  const part10 = readPart10(bytes);
  if (!part10.ok) return part10;
  const { transferSyntax, from } = part10.value;
  const isDeflated = transferSyntax === DEFLATED_EXPLICIT_LITTLE_ENDIAN;
  const body = isDeflated ? inflate(bytes.subarray(from)) : ok({ bytes, from });
  if (!body.ok) return body;
  const opened = openDataSet(body.value.bytes, body.value.from, transferSyntax);
  if (!opened.ok) return opened;
  return describe(opened.value.dataSet, opened.value.context, { transferSyntax, isDeflated });
}

function describe(
  dataSet: DataSet,
  context: ValueContext,
  { transferSyntax, isDeflated }: { readonly transferSyntax: string; readonly isDeflated: boolean },
): Result<DicomInstance, Failure> {
  const text = (tag: number) => textOf(dataSet.get(tag), context);
  const sopClass = text(0x0008_0016);
  if (sopClass === DICOMDIR || dataSet.has(0x0004_1220)) return err(failure("SOURCE_UNSUPPORTED", "a media directory"));
  const uids = { study: text(0x0020_000d), series: text(0x0020_000e), sop: text(0x0008_0018), sopClass };
  const missing = Object.entries(uids).find(([, uid]) => !isUid(uid));
  if (missing !== undefined) return err(failure("SOURCE_INCOMPLETE", `no UID of the ${missing[0]}`));
  const header = headerJson(dataSet, context);
  if (!header.ok) return header;
  const pixels = readPixelFacts(dataSet, context);
  const date = isoDate(text(0x0008_0020));
  const time = isoTime(text(0x0008_0030));
  const description = compact({
    study: text(0x0008_1030),
    series: text(0x0008_103e),
    bodyPart: text(0x0018_0015),
    accession: text(0x0008_0050),
  });
  return ok({
    ...uids,
    transferSyntax,
    modality: text(0x0008_0060),
    number: countOf(dataSet.get(0x0020_0013), context) ?? 0,
    ...pixels,
    frames: isDeflated ? [] : pixels.frames,
    patient: readPatient(text),
    ...(date === undefined ? {} : { when: time === undefined ? date : `${date}T${time}` }),
    ...(Object.keys(description).length === 0 ? {} : { description }),
    header: header.value,
  });
}

/** Without what is empty. */
function compact<K extends string>(texts: Readonly<Record<K, string>>): { readonly [Key in K]?: string } {
  const kept: { [Key in K]?: string } = {};
  for (const key in texts) if (texts[key] !== "") kept[key] = texts[key];
  return kept;
}

/** PS3.5 Annex A.5: the data set, and nothing else, is deflated. */
function inflate(deflated: Bytes): Result<{ readonly bytes: Bytes; readonly from: number }, Failure> {
  try {
    return ok({ bytes: new Uint8Array(inflateRawSync(deflated, { maxOutputLength: MAX_INFLATED })), from: 0 });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return err(isTooLarge ? failure("TOO_LARGE", "inflated") : failure("SOURCE_UNREADABLE", "cannot be inflated"));
  }
}
