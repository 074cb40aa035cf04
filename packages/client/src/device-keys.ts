import type { Bytes, Failure, Result } from "@caseroom/contract";
import type { KemKey } from "@caseroom/crypto/secret";
import type { SigningKey } from "@caseroom/crypto/sign";

/** The keys of this device, ready to use; where they lie is the vault's business. */
export type DeviceKeys = {
  readonly signing: SigningKey;
  readonly kem: KemKey;
  readonly kind: string;
  /** For what waits in the outbox: sealed under the device's own storage key. */
  readonly sealLocal: (plaintext: Bytes) => Promise<Bytes>;
  readonly openLocal: (sealed: Bytes) => Promise<Result<Bytes, Failure<"DECRYPT_FAILED">>>;
};
