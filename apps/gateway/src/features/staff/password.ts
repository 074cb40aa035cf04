import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** scrypt (RFC 7914) with the parameters of OWASP's recommendation; the hub verifies the same format. */
const COST = 2 ** 15;
const BLOCK = 8;
const PARALLEL = 1;
const KEY_BYTES = 32;

/** scrypt$N$r$p$salt$hash, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, { cost: COST, block: BLOCK, parallel: PARALLEL });
  return ["scrypt", COST, BLOCK, PARALLEL, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Whether a password is the one of a hash. False for a hash in another form. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, cost, block, parallel, salt, hash] = stored.split("$");
  if (scheme !== "scrypt" || salt === undefined || hash === undefined) return false;
  const parameters = { cost: Number(cost), block: Number(block), parallel: Number(parallel) };
  const expected = Buffer.from(hash, "base64url");
  const given = await derive(password, Buffer.from(salt, "base64url"), parameters);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function derive(
  password: string,
  salt: Buffer,
  { cost, block, parallel }: { readonly cost: number; readonly block: number; readonly parallel: number },
): Promise<Buffer> {
  const options = { N: cost, r: block, p: parallel, maxmem: 256 * cost * block };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
