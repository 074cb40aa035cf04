import type { Bytes } from "@caseroom/contract";
import { toBytes } from "@caseroom/contract";
import { ed25519 } from "@noble/curves/ed25519.js";

/** Whether the runtime's WebCrypto knows Ed25519; asked once. */
const nativeSupport: Promise<boolean> = crypto.subtle
  .importKey("raw", new Uint8Array(ed25519.Point.BASE.toBytes()), "Ed25519", true, ["verify"])
  .then(
    () => true,
    () => false,
  );

/** One Ed25519 verification (RFC 8032 §5.1.7, no batch verification: phase-1 §2.25). False for anything malformed. */
export async function verifyEd25519(publicKey: Bytes, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  if (!(await nativeSupport)) return verifyWithNoble(publicKey, message, signature);
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", true, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, toBytes(signature), toBytes(message));
  } catch {
    return false;
  }
}

/** The second code path, used where WebCrypto has no Ed25519 and by the vectors to check the first. */
export function verifyWithNoble(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
