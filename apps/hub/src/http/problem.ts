import { type ErrorCode, type Failure, isErrorCode } from "@caseroom/contract";
import type { FastifyReply } from "fastify";

/** The one place where a code becomes an HTTP status. A new code fails the build here. */
export const HTTP_STATUS = {
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
  ENROLMENT_PENDING: 409,
  NAME_TAKEN: 409,
  CBOR_INVALID: 422,
  COSE_INVALID: 422,
  SIGNATURE_INVALID: 422,
  KEY_INVALID: 422,
  ENVELOPE_INVALID: 422,
  DECRYPT_FAILED: 422,
  LINK_INVALID: 422,
  LINK_REFUSED: 422,
  CHAIN_CONFLICT: 409,
  STALE_VIEW: 422,
  WRAP_MISSING: 422,
  WRAP_INVALID: 422,
  HISTORY_CUT: 422,
  UPDATE_REQUIRED: 422,
  STALE_EPOCH: 409,
  OID_TAKEN: 409,
  ROLE_REFUSED: 403,
  SEQUENCE_GAP: 409,
  DUPLICATE: 409,
  AUTHOR_INVALID: 422,
  CONTEXT_MISMATCH: 422,
  BLOB_INCOMPLETE: 409,
  BLOB_CONFLICT: 409,
  BLOB_INVALID: 422,
  FORK: 409,
  ROLLBACK: 409,
  WITHHELD: 409,
  PROOF_INVALID: 422,
  SOURCE_UNREADABLE: 422,
  SOURCE_UNSUPPORTED: 422,
  SOURCE_INCOMPLETE: 422,
  PATIENT_MISMATCH: 422,
  OFFLINE: 503,
  STORE_FAILED: 503,
  LOCKED: 423,
} as const satisfies Record<ErrorCode, number>;

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** RFC 9457. Says which failure it is and nothing about what was sent. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
};

export function problemOf(code: ErrorCode): Problem {
  return {
    type: `https://caseroom.example/problems/${code}`,
    title: code.toLowerCase().replaceAll("_", " "),
    status: HTTP_STATUS[code],
    code,
  };
}

export function sendProblem(reply: FastifyReply, problem: Pick<Failure, "code">): FastifyReply {
  const body = problemOf(problem.code);
  return reply.code(body.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
}

/** The code for what the HTTP layer throws: its own limits, or a bug of ours. */
export function codeOfThrown(error: unknown): ErrorCode {
  const code = propertyOf(error, "code");
  if (typeof code === "string" && isErrorCode(code)) return code;
  switch (propertyOf(error, "statusCode")) {
    case 413:
      return "TOO_LARGE";
    case 415:
      return "UNSUPPORTED_MEDIA_TYPE";
    case 429:
      return "TOO_MANY_REQUESTS";
    case 404:
      return "NOT_FOUND";
    case 400:
    case 414:
    case 431:
      return "BAD_REQUEST";
    default:
      return "INTERNAL";
  }
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
