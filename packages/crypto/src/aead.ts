import {
  type Bytes,
  concatBytes,
  err,
  type Failure,
  failure,
  ok,
  type Random,
  type Result,
  toBytes,
} from "@caseroom/contract";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D) under a key that seals once or a few times; answers nonce ‖ ciphertext ‖ tag. */
export async function aesGcmSeal(input: {
  readonly key: Bytes;
  readonly plaintext: Bytes;
  readonly aad: Bytes;
  readonly random: Random;
}): Promise<Bytes> {
  const nonce = input.random(NONCE_BYTES);
  const key = await crypto.subtle.importKey("raw", input.key, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: input.aad },
    key,
    input.plaintext,
  );
  return concatBytes(nonce, new Uint8Array(sealed));
}

/** Opens nonce ‖ ciphertext ‖ tag. One failure for every reason. */
export async function aesGcmOpen(input: {
  readonly key: Bytes;
  readonly sealed: Bytes;
  readonly aad: Bytes;
}): Promise<Result<Bytes, Failure<"DECRYPT_FAILED">>> {
  const { key, sealed, aad } = input;
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return err(failure("DECRYPT_FAILED"));
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  try {
    const algorithm = {
      name: "AES-GCM",
      iv: sealed.subarray(0, NONCE_BYTES),
      additionalData: aad,
    };
    const plaintext = await crypto.subtle.decrypt(algorithm, imported, sealed.subarray(NONCE_BYTES));
    return ok(toBytes(new Uint8Array(plaintext)));
  } catch {
    return err(failure("DECRYPT_FAILED"));
  }
}
