/** The door for whoever makes public statements: devices, and the hub for receipts and checkpoints. It opens and seals nothing. */
export { signCheckpoint } from "./checkpoint-sign.ts";
export { sign1, signMany } from "./cose-sign.ts";
export {
  generateSigningKeyPair,
  type SigningKey,
  signingKeyFromCryptoKey,
  signingKeyFromSeed,
} from "./signing-key.ts";
