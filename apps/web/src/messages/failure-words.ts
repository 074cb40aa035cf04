import type { ErrorCode } from "@caseroom/contract";
import type en from "./en.json";

export type FailureWords = keyof (typeof en)["failure"];

/** What a person reads for each code. The closed list makes a new code fail the build until someone has chosen words for it. */
export const FAILURE_WORDS: Readonly<Record<ErrorCode, FailureWords>> = {
  BAD_REQUEST: "request",
  TOO_LARGE: "tooLarge",
  TOO_MANY_REQUESTS: "tooMany",
  NOT_FOUND: "notFound",
  UNSUPPORTED_MEDIA_TYPE: "request",
  INTERNAL: "internal",
  UNAVAILABLE: "unavailable",
  SIGN_IN_FAILED: "signIn",
  SESSION_REQUIRED: "session",
  SESSION_EXPIRED: "session",
  FORBIDDEN: "forbidden",
  DEVICE_NOT_ENROLLED: "deviceUnknown",
  DEVICE_REVOKED: "deviceRevoked",
  ENROLMENT_REFUSED: "enrolmentRefused",
  ENROLMENT_PENDING: "enrolmentPending",
  NAME_TAKEN: "nameTaken",
  CBOR_INVALID: "unreadable",
  COSE_INVALID: "unreadable",
  SIGNATURE_INVALID: "signature",
  KEY_INVALID: "signature",
  ENVELOPE_INVALID: "unreadable",
  DECRYPT_FAILED: "decrypt",
  LINK_INVALID: "link",
  LINK_REFUSED: "link",
  CHAIN_CONFLICT: "conflict",
  STALE_VIEW: "conflict",
  WRAP_MISSING: "keys",
  WRAP_INVALID: "keys",
  HISTORY_CUT: "keys",
  UPDATE_REQUIRED: "update",
  STALE_EPOCH: "conflict",
  OID_TAKEN: "duplicate",
  ROLE_REFUSED: "author",
  SEQUENCE_GAP: "sequence",
  DUPLICATE: "duplicate",
  AUTHOR_INVALID: "author",
  CONTEXT_MISMATCH: "context",
  BLOB_INCOMPLETE: "blob",
  BLOB_CONFLICT: "blob",
  BLOB_INVALID: "blob",
  FORK: "fork",
  ROLLBACK: "rollback",
  WITHHELD: "withheld",
  PROOF_INVALID: "proof",
  SOURCE_UNREADABLE: "source",
  SOURCE_UNSUPPORTED: "source",
  SOURCE_INCOMPLETE: "source",
  PATIENT_MISMATCH: "patient",
  OFFLINE: "offline",
  STORE_FAILED: "store",
  LOCKED: "locked",
};

/** What a person reads when this device has refused what somebody else sent: the same code says another thing than about one's own act. */
export function alarmWords(code: ErrorCode): FailureWords {
  if (code === "DUPLICATE") return "replayed";
  return code === "STALE_EPOCH" ? "oldKey" : FAILURE_WORDS[code];
}
