import { type Bytes, concatBytes, type Random, toBytes, utf8ToBytes } from "@caseroom/contract";
import { aesGcmOpen, aesGcmSeal, kemKeyFromSeed } from "@caseroom/crypto/secret";
import { signingKeyFromSeed } from "@caseroom/crypto/sign";
import { sha256 } from "@caseroom/crypto/verify";
import type { DeviceKeys } from "../device-keys.ts";

/** Seeds of a device that runs on a server: 32 bytes for signing, 32 for receiving. Whoever holds them is the device. */
export const SEED_VAULT_BYTES = 64;

/** The keys of a gateway, from seeds that it keeps in a file of mode 0600 (a PKCS #11 or KMS vault would implement the same type). */
export async function keysFromSeeds(seeds: Bytes, kind: string, random: Random): Promise<DeviceKeys> {
  if (seeds.length !== SEED_VAULT_BYTES) throw new RangeError("a device has two seeds of 32 bytes");
  const signing = await signingKeyFromSeed(toBytes(seeds.subarray(0, 32)));
  const kem = await kemKeyFromSeed(toBytes(seeds.subarray(32)));
  const key = sha256(concatBytes(utf8ToBytes("caseroom local storage"), seeds));
  const aad = toBytes([]);
  return {
    signing,
    kem,
    kind,
    sealLocal: (plaintext) => aesGcmSeal({ key, plaintext, aad, random }),
    openLocal: (sealed) => aesGcmOpen({ key, sealed, aad }),
  };
}
