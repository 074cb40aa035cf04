import { type Bytes, concatBytes, err, type Failure, failure, ok, type Random, type Result } from "@caseroom/contract";
import { aesGcmKey, NONCE_BYTES, TAG_BYTES } from "./aes-gcm.ts";

/** AES-256-GCM (NIST SP 800-38D) under a key that seals once or a few times; answers nonce ‖ ciphertext ‖ tag. */
export async function aesGcmSeal(input: {
  readonly key: Bytes;
  readonly plaintext: Bytes;
  readonly aad: Bytes;
  readonly random: Random;
}): Promise<Bytes> {
  const nonce = input.random(NONCE_BYTES);
  return concatBytes(nonce, await aesGcmKey(input.key, "encrypt").seal(nonce, input.aad, input.plaintext));
}

/** Opens nonce ‖ ciphertext ‖ tag. One failure for every reason. */
export async function aesGcmOpen(input: {
  readonly key: Bytes;
  readonly sealed: Bytes;
  readonly aad: Bytes;
}): Promise<Result<Bytes, Failure<"DECRYPT_FAILED">>> {
  const { key, sealed, aad } = input;
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return err(failure("DECRYPT_FAILED"));
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const plaintext = await aesGcmKey(key, "decrypt").open(nonce, aad, sealed.subarray(NONCE_BYTES));
  return plaintext === undefined ? err(failure("DECRYPT_FAILED")) : ok(plaintext);
}
