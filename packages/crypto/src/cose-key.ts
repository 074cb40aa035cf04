import {
  type Bytes,
  bytesToId32,
  err,
  type Failure,
  failure,
  InvariantError,
  type Kid,
  ok,
  type Result,
  toBytes,
} from "@caseroom/contract";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { encodeCbor } from "./cbor.ts";
import { sha256 } from "./sha256.ts";

export const SIGNING_KEY_BYTES = 32;
export const KEM_PUBLIC_KEY_BYTES = 1216;

const ML_KEM_768_PUBLIC_BYTES = 1184;
const ML_KEM_768_VECTOR_BYTES = 1152;
const ML_KEM_MODULUS = 3329;

/** RFC 9679 thumbprint of an Ed25519 COSE_Key: SHA-256 of the deterministic {1: 1, −1: 6, −2: x}, without `alg` (phase-1 §3.1). */
export function keyThumbprint(publicKey: Bytes): Kid {
  const kid = bytesToId32<Kid>(
    sha256(
      encodeCbor(
        new Map<number, number | Bytes>([
          [1, 1],
          [-1, 6],
          [-2, publicKey],
        ]),
      ),
    ),
  );
  if (kid === undefined) throw new InvariantError("a thumbprint has 32 bytes");
  return kid;
}

/**
 * Accepts an Ed25519 public key for enrolment: canonical, not of small order, free of torsion. Verifiers disagree only about keys that
 * are not, and whether a chain holds must not depend on whose verifier looked (protocol §3.4).
 */
export function checkSigningKey(publicKey: Uint8Array): Result<Bytes, Failure<"KEY_INVALID">> {
  if (publicKey.length !== SIGNING_KEY_BYTES) return err(failure("KEY_INVALID", "a signing key has 32 bytes"));
  try {
    const point = ed25519.Point.fromBytes(publicKey, false);
    if (!point.isSmallOrder() && point.isTorsionFree()) return ok(toBytes(publicKey));
  } catch {
    // Not a point: falls through to the refusal.
  }
  return err(failure("KEY_INVALID", "not a prime-order Ed25519 point"));
}

/**
 * Accepts an X-Wing public key (ML-KEM-768 ‖ X25519) for publication: length, the modulus check of FIPS 203 §7.2, and an X25519 half that
 * is not of low order. Sealing to a poisoned key would throw for everyone who has to rotate (phase-1 §2.11).
 */
export function checkKemKey(publicKey: Uint8Array): Result<Bytes, Failure<"KEY_INVALID">> {
  if (publicKey.length !== KEM_PUBLIC_KEY_BYTES) return err(failure("KEY_INVALID", "an X-Wing key has 1216 bytes"));
  for (let i = 0; i < ML_KEM_768_VECTOR_BYTES; i += 3) {
    const [a = 0, b = 0, c = 0] = publicKey.subarray(i, i + 3);
    const low = a | ((b & 0x0f) << 8);
    const high = (b >> 4) | (c << 4);
    if (low >= ML_KEM_MODULUS || high >= ML_KEM_MODULUS) return err(failure("KEY_INVALID", "ML-KEM modulus check"));
  }
  try {
    // A trial Diffie-Hellman: noble throws when the shared secret is all zero.
    x25519.getSharedSecret(new Uint8Array(32).fill(0x42), publicKey.subarray(ML_KEM_768_PUBLIC_BYTES));
  } catch {
    return err(failure("KEY_INVALID", "low-order X25519 key"));
  }
  return ok(toBytes(publicKey));
}
