/**
 * The one closed list of codes for expected failures. A code is what programs decide by; the words a person reads
 * are chosen by the client from the code and the person's language. A new code fails the build until every edge
 * that maps codes (HTTP status, HL7 ACK, FHIR OperationOutcome, exit code, message catalogue) has mapped it.
 */
export const ERROR_CODES = [
  // the request itself
  "BAD_REQUEST",
  "TOO_LARGE",
  "TOO_MANY_REQUESTS",
  "NOT_FOUND",
  "UNSUPPORTED_MEDIA_TYPE",
  "INTERNAL",
  "UNAVAILABLE",
  // who asks
  "SIGN_IN_FAILED",
  "SESSION_REQUIRED",
  "SESSION_EXPIRED",
  "FORBIDDEN",
  "DEVICE_NOT_ENROLLED",
  "DEVICE_REVOKED",
  "ENROLMENT_REFUSED",
  "ENROLMENT_PENDING",
  "NAME_TAKEN",
  // bytes that do not hold (protocol-phase1 §2.10)
  "CBOR_INVALID",
  "COSE_INVALID",
  "SIGNATURE_INVALID",
  "KEY_INVALID",
  "ENVELOPE_INVALID",
  "DECRYPT_FAILED",
  // chains
  "LINK_INVALID",
  "LINK_REFUSED",
  "CHAIN_CONFLICT",
  "STALE_VIEW",
  "WRAP_MISSING",
  "WRAP_INVALID",
  "HISTORY_CUT",
  "UPDATE_REQUIRED",
  // entries
  "STALE_EPOCH",
  "OID_TAKEN",
  "ROLE_REFUSED",
  "SEQUENCE_GAP",
  "DUPLICATE",
  "AUTHOR_INVALID",
  "CONTEXT_MISMATCH",
  // blobs
  "BLOB_INCOMPLETE",
  "BLOB_CONFLICT",
  "BLOB_INVALID",
  // what a hub must not be able to do unnoticed
  "FORK",
  "ROLLBACK",
  "WITHHELD",
  "PROOF_INVALID",
  // sources at a gateway
  "SOURCE_UNREADABLE",
  "SOURCE_UNSUPPORTED",
  "SOURCE_INCOMPLETE",
  "PATIENT_MISMATCH",
  // the device
  "OFFLINE",
  "STORE_FAILED",
  "LOCKED",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An expected failure. `detail` is for operators and developers: English, and never content, names, keys or tokens. */
export type Failure<Code extends ErrorCode = ErrorCode> = {
  readonly code: Code;
  readonly detail?: string;
};

export function failure<Code extends ErrorCode>(code: Code, detail?: string): Failure<Code> {
  return detail === undefined ? { code } : { code, detail };
}

export function isErrorCode(text: string): text is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(text);
}
