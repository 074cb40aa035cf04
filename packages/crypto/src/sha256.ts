import { type Bytes, bytesToId32, concatBytes, type Digest, InvariantError, toBytes } from "@caseroom/contract";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

type Hash = { update(data: Uint8Array): Hash; digest(): Uint8Array };
type HashModule = { createHash(name: "sha256"): Hash };

/**
 * Node's native hash when there is one. Small Merkle hashes are asked for by the hundred thousand, and WebCrypto's
 * asynchronous digest costs more than the hash itself (protocol §13).
 */
const nodeCrypto: HashModule | undefined = Reflect.get(globalThis, "process")?.getBuiltinModule?.("node:crypto");

/** SHA-256 (FIPS 180-4), synchronous. */
export function sha256(bytes: Uint8Array): Bytes {
  return toBytes(
    nodeCrypto === undefined ? nobleSha256(bytes) : nodeCrypto.createHash("sha256").update(bytes).digest(),
  );
}

/** Above this, joining the parts first costs more than hashing them one by one. */
const LARGE_PART = 4096;

/** SHA-256 of a concatenation. */
export function sha256Parts(...parts: readonly Uint8Array[]): Bytes {
  if (nodeCrypto === undefined || !parts.some((part) => part.length > LARGE_PART)) return sha256(concatBytes(...parts));
  const hash = nodeCrypto.createHash("sha256");
  for (const part of parts) hash.update(part);
  return toBytes(hash.digest());
}

/** The text form of SHA-256 of public bytes: links, wraps and envelopes are named by it. */
export function digestOf(bytes: Uint8Array): Digest {
  const digest = bytesToId32<Digest>(sha256(bytes));
  if (digest === undefined) throw new InvariantError("SHA-256 has 32 bytes");
  return digest;
}
