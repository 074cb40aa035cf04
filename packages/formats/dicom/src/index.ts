export { dataSetOf, isUid, readPart10, wrapDataSet } from "./part10.ts";
export { type DicomInstance, readDicom } from "./read-dicom.ts";
