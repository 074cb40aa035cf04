import {
  type Bytes,
  bytesToId32,
  concatBytes,
  type Digest,
  InvariantError,
  parseId32,
  toBytes,
} from "@caseroom/contract";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { nativeCrypto } from "./native-crypto.ts";

/** SHA-256 (FIPS 180-4), synchronous. */
export function sha256(bytes: Uint8Array): Bytes {
  return toBytes(nativeCrypto === undefined ? nobleSha256(bytes) : nativeCrypto.hash("sha256", bytes, "buffer"));
}

/** Above this, joining the parts first costs more than hashing them one by one. */
const LARGE_PART = 4096;

/** SHA-256 of a concatenation. */
export function sha256Parts(...parts: readonly Uint8Array[]): Bytes {
  if (nativeCrypto === undefined || !parts.some((part) => part.length > LARGE_PART))
    return sha256(concatBytes(...parts));
  const hash = nativeCrypto.createHash("sha256");
  for (const part of parts) hash.update(part);
  return toBytes(hash.digest());
}

/** The text form of SHA-256 of public bytes: links, wraps and envelopes are named by it. */
export function digestOf(bytes: Uint8Array): Digest {
  const digest =
    nativeCrypto === undefined
      ? bytesToId32<Digest>(sha256(bytes))
      : parseId32<Digest>(nativeCrypto.hash("sha256", bytes, "hex"));
  if (digest === undefined) throw new InvariantError("SHA-256 has 32 bytes");
  return digest;
}
