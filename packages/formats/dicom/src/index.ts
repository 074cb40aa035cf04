export { readIdentifier } from "./identifier.ts";
export {
  dataSetOf,
  EXPLICIT_LITTLE_ENDIAN,
  fileMeta,
  IMPLEMENTATION_CLASS,
  IMPLEMENTATION_VERSION,
  IMPLICIT_LITTLE_ENDIAN,
  isUid,
  readPart10,
  wrapDataSet,
} from "./part10.ts";
export { type DicomInstance, readDicom } from "./read-dicom.ts";
export { type JsonAttribute, type JsonDataSet, type WrittenCharacterSet, writeDataSet } from "./write-data-set.ts";
