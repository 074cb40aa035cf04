import { type Bytes, bytesToHex, toBytes } from "@caseroom/contract";
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
    return await crypto.subtle.verify("Ed25519", await importedKey(publicKey), toBytes(signature), toBytes(message));
  } catch {
    return false;
  }
}

const MAX_KEYS = 1024;
const keys = new Map<string, Promise<CryptoKey>>();

/** Importing costs as much as verifying, and a device signs many entries: the keys of the last authors are kept. */
function importedKey(publicKey: Bytes): Promise<CryptoKey> {
  const name = bytesToHex(publicKey);
  const found = keys.get(name);
  if (found !== undefined) return found;
  if (keys.size >= MAX_KEYS) keys.clear();
  const imported = crypto.subtle.importKey("raw", publicKey, "Ed25519", true, ["verify"]);
  keys.set(name, imported);
  imported.catch(() => keys.delete(name));
  return imported;
}

/** The second code path, used where WebCrypto has no Ed25519 and by the vectors to check the first. */
export function verifyWithNoble(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
