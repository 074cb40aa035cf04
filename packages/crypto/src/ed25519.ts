import { type Bytes, bytesToBase64url, bytesToHex, toBytes } from "@caseroom/contract";
import { ed25519 } from "@noble/curves/ed25519.js";
import { type NativeCrypto, type NativeKey, nativeCrypto } from "./native-crypto.ts";

/** Whether the runtime's WebCrypto knows Ed25519; asked once. */
const webSupport: Promise<boolean> = crypto.subtle
  .importKey("raw", new Uint8Array(ed25519.Point.BASE.toBytes()), "Ed25519", true, ["verify"])
  .then(
    () => true,
    () => false,
  );

/** One Ed25519 verification (RFC 8032 §5.1.7, no batch verification: phase-1 §2.25). False for anything malformed. */
export async function verifyEd25519(publicKey: Bytes, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  if (nativeCrypto === undefined && !(await webSupport)) return verifyWithNoble(publicKey, message, signature);
  try {
    if (nativeCrypto !== undefined)
      return nativeCrypto.verify(null, message, nativeKey(nativeCrypto, publicKey), signature);
    return await crypto.subtle.verify("Ed25519", await webKey(publicKey), toBytes(signature), toBytes(message));
  } catch {
    return false;
  }
}

const MAX_KEYS = 1024;
const nativeKeys = new Map<string, NativeKey>();
const webKeys = new Map<string, Promise<CryptoKey>>();

/** Importing costs as much as verifying, and a device signs many entries: the keys of the last authors are kept. */
function kept<Key>(keys: Map<string, Key>, publicKey: Bytes, importKey: () => Key): Key {
  const name = bytesToHex(publicKey);
  const found = keys.get(name);
  if (found !== undefined) return found;
  if (keys.size >= MAX_KEYS) keys.clear();
  const imported = importKey();
  keys.set(name, imported);
  return imported;
}

function nativeKey(native: NativeCrypto, publicKey: Bytes): NativeKey {
  return kept(nativeKeys, publicKey, () => {
    const jwk = { kty: "OKP", crv: "Ed25519", x: bytesToBase64url(publicKey) } as const;
    return native.createPublicKey({ key: jwk, format: "jwk" });
  });
}

function webKey(publicKey: Bytes): Promise<CryptoKey> {
  return kept(webKeys, publicKey, () => {
    const imported = crypto.subtle.importKey("raw", publicKey, "Ed25519", true, ["verify"]);
    imported.catch(() => webKeys.delete(bytesToHex(publicKey)));
    return imported;
  });
}

/** Used where neither Node nor WebCrypto has Ed25519, and by the vectors to check the others. */
export function verifyWithNoble(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
