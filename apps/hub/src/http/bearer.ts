import type { Digest } from "@caseroom/contract";
import type { FastifyRequest } from "fastify";
import { hashToken } from "../features/sessions/session-store.ts";

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
export function readBearer(request: FastifyRequest): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{1,128})$/.exec(request.headers.authorization ?? "")?.[1];
}

const hashes = new WeakMap<FastifyRequest, Digest>();

/** The hash by which a session is known, computed once for the limit of requests and the check of the session. */
export function bearerHash(request: FastifyRequest): Digest | undefined {
  const known = hashes.get(request);
  if (known !== undefined) return known;
  const token = readBearer(request);
  if (token === undefined) return undefined;
  const hash = hashToken(token);
  hashes.set(request, hash);
  return hash;
}
