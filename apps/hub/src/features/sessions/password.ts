import { scrypt, timingSafeEqual } from "node:crypto";
import { base64urlToBytes } from "@caseroom/contract";

/** scrypt (RFC 7914) as `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export type PasswordHash = {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
};

/** Stands in where no account exists at all. */
export const NO_PASSWORD: PasswordHash = {
  N: 32_768,
  r: 8,
  p: 1,
  salt: new Uint8Array(16),
  hash: new Uint8Array(32),
};

const FORMAT = /^scrypt\$([0-9]{1,7})\$([0-9]{1,2})\$([0-9]{1,2})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;
const MIN_N = 16_384;
const MAX_MEMORY = 134_217_728;

/** `undefined` when it is malformed, too weak, or asks for more than 128 MiB. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, n = "", r = "", p = "", saltText = "", hashText = ""] = FORMAT.exec(text) ?? [];
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const salt = base64urlToBytes(saltText);
  const hash = base64urlToBytes(hashText);
  if (salt === undefined || hash === undefined || salt.length < 16 || hash.length < 32 || hash.length > 64)
    return undefined;
  const isPowerOfTwo = Number.isInteger(Math.log2(cost.N));
  const isWithin = cost.N >= MIN_N && cost.r >= 1 && cost.p >= 1 && cost.p <= 4 && 128 * cost.N * cost.r <= MAX_MEMORY;
  return isPowerOfTwo && isWithin ? { ...cost, salt, hash } : undefined;
}

/** Takes as long for a wrong password as for the right one. */
export function checkPassword(password: string, expected: PasswordHash): Promise<boolean> {
  const { N, r, p, salt, hash } = expected;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hash.length, { N, r, p, maxmem: 2 * MAX_MEMORY }, (error, derived) => {
      if (error === null) resolve(timingSafeEqual(derived, hash));
      else reject(error);
    });
  });
}
