import type { ErrorCode } from "@caseroom/contract";
import { fileMeta, isUid } from "@caseroom/dicom";
import { type ReceiveDeps, receiveInstance } from "../../features/imaging/receive-instance.ts";
import type { DimseObject, DimseStatus } from "./services.ts";

const SUCCESS = 0x0000;
const PROCESSING_FAILURE = 0x0110;
const OUT_OF_RESOURCES = 0xa700;
const DATA_SET_DOES_NOT_MATCH = 0xa900;
const CANNOT_UNDERSTAND = 0xc000;

/** PS3.4 table B.2-1, PS3.7 annex C. */
const STATUS: Partial<Record<ErrorCode, DimseStatus>> = {
  SOURCE_UNREADABLE: { status: CANNOT_UNDERSTAND, comment: "the data set cannot be read" },
  SOURCE_INCOMPLETE: { status: CANNOT_UNDERSTAND, comment: "no patient id, or a UID is missing" },
  SOURCE_UNSUPPORTED: { status: CANNOT_UNDERSTAND, comment: "not an instance" },
  TOO_LARGE: { status: OUT_OF_RESOURCES, comment: "beyond the limits" },
  PATIENT_MISMATCH: { status: 0xc100, comment: "another birth date or sex than on record" },
  CONTEXT_MISMATCH: { status: DATA_SET_DOES_NOT_MATCH, comment: "the data set names another instance" },
  STORE_FAILED: { status: OUT_OF_RESOURCES, comment: "cannot be stored now" },
  UNAVAILABLE: { status: OUT_OF_RESOURCES, comment: "too much at the same time" },
  DUPLICATE: { status: 0x0111, comment: "other bytes under the same instance UID" },
};

/** A stored object into the gateway: framed as a file around the very bytes, and answered when that is durable. */
export async function receiveDimse(deps: ReceiveDeps, object: DimseObject): Promise<DimseStatus> {
  const { sop, sopClass, transferSyntax, dataSet, callingAet, association } = object;
  if (![sop, sopClass, transferSyntax].every(isUid)) return { status: CANNOT_UNDERSTAND, comment: "not a UID" };
  const file = dataSet.whole(fileMeta({ sop, sopClass, transferSyntax, sourceAet: callingAet }));
  if (!file.ok) return STATUS[file.error.code] ?? { status: PROCESSING_FAILURE };
  const received = await receiveInstance(deps, file.value, {
    kind: "dimse",
    peer: callingAet,
    association,
    named: { sop, sopClass },
  });
  if (received.ok) return { status: SUCCESS };
  return STATUS[received.error.code] ?? { status: PROCESSING_FAILURE };
}
