/** The door for members: what seals and opens. The hub cannot import it; a check of the arrows fails the build if it could. */
export { aesGcmOpen, aesGcmSeal } from "./aead.ts";
export {
  createFloeReader,
  createFloeWriter,
  type FloeReader,
  type FloeWriter,
  floeOpen,
  floeSeal,
} from "./floe.ts";
export { deriveKey, hmac, type KeyContext } from "./hkdf.ts";
export {
  type HpkeSealed,
  hpkeSeal,
  type KemKey,
  kemKeyFromSeed,
} from "./hpke.ts";
export { MAX_ENTRY_PLAINTEXT, padEntry, padme, unpadEntry } from "./padding.ts";
