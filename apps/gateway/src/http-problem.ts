import type { ErrorCode, Failure } from "@caseroom/contract";
import type { FastifyReply } from "fastify";

/** Code → HTTP status at this edge. A new code does not compile until it has one. */
const STATUS = {
  BAD_REQUEST: 400,
  TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  NOT_FOUND: 404,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  SIGN_IN_FAILED: 401,
  SESSION_REQUIRED: 401,
  SESSION_EXPIRED: 401,
  FORBIDDEN: 403,
  DEVICE_NOT_ENROLLED: 403,
  DEVICE_REVOKED: 403,
  ENROLMENT_REFUSED: 403,
  ENROLMENT_PENDING: 202,
  NAME_TAKEN: 409,
  CBOR_INVALID: 400,
  COSE_INVALID: 400,
  SIGNATURE_INVALID: 400,
  KEY_INVALID: 400,
  ENVELOPE_INVALID: 400,
  DECRYPT_FAILED: 400,
  LINK_INVALID: 422,
  LINK_REFUSED: 422,
  CHAIN_CONFLICT: 409,
  STALE_VIEW: 422,
  WRAP_MISSING: 422,
  WRAP_INVALID: 422,
  HISTORY_CUT: 422,
  UPDATE_REQUIRED: 426,
  STALE_EPOCH: 409,
  OID_TAKEN: 409,
  ROLE_REFUSED: 403,
  SEQUENCE_GAP: 409,
  DUPLICATE: 409,
  AUTHOR_INVALID: 403,
  CONTEXT_MISMATCH: 400,
  BLOB_INCOMPLETE: 409,
  BLOB_CONFLICT: 409,
  BLOB_INVALID: 400,
  FORK: 502,
  ROLLBACK: 502,
  WITHHELD: 502,
  PROOF_INVALID: 502,
  SOURCE_UNREADABLE: 400,
  SOURCE_UNSUPPORTED: 422,
  SOURCE_INCOMPLETE: 422,
  PATIENT_MISMATCH: 409,
  OFFLINE: 503,
  STORE_FAILED: 500,
  LOCKED: 423,
} as const satisfies Record<ErrorCode, number>;

export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** problem+json (RFC 9457). Only the code travels: a detail could hold what should stay here. */
export function sendProblem(reply: FastifyReply, { code }: Failure): FastifyReply {
  const status = statusOf(code);
  return reply
    .code(status)
    .type("application/problem+json")
    .send(JSON.stringify({ type: `https://caseroom.example/problems/${code}`, title: code, status, code }));
}
