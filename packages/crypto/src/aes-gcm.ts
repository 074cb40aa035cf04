import { type Bytes, concatBytes, toBytes } from "@caseroom/contract";
import { type NativeCipher, nativeCipher } from "./native-cipher.ts";

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D) under one key. Whoever seals answers for the nonce. */
export type AesGcmKey = {
  /** Answers ciphertext ‖ tag. */
  readonly seal: (nonce: Bytes, aad: Bytes, plaintext: Bytes) => Promise<Bytes>;
  /** Opens ciphertext ‖ tag; `undefined` for every reason not to. */
  readonly open: (nonce: Bytes, aad: Bytes, sealed: Bytes) => Promise<Bytes | undefined>;
};

/** A key of 32 bytes, to seal or to open: by Node's own functions where there are any, by WebCrypto elsewhere. */
export function aesGcmKey(key: Bytes, usage: "encrypt" | "decrypt"): AesGcmKey {
  return nativeCipher === undefined ? webKey(key, usage) : nativeKey(nativeCipher, key);
}

function nativeKey(native: NativeCipher, key: Bytes): AesGcmKey {
  const options = { authTagLength: TAG_BYTES };
  const secret = native.createSecretKey(key);
  return {
    seal: async (nonce, aad, plaintext) => {
      const cipher = native.createCipheriv("aes-256-gcm", secret, nonce, options);
      cipher.setAAD(aad);
      const sealed = cipher.update(plaintext);
      return concatBytes(sealed, cipher.final(), cipher.getAuthTag());
    },
    open: async (nonce, aad, sealed) => {
      if (sealed.length < TAG_BYTES) return undefined;
      const decipher = native.createDecipheriv("aes-256-gcm", secret, nonce, options);
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
      try {
        // Nothing leaves before the tag is known to be right.
        return concatBytes(plaintext, decipher.final());
      } catch {
        return undefined;
      }
    },
  };
}

function webKey(key: Bytes, usage: "encrypt" | "decrypt"): AesGcmKey {
  const imported = crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);
  imported.catch(() => undefined);
  return {
    seal: async (iv, additionalData, plaintext) => {
      const algorithm = { name: "AES-GCM", iv, additionalData };
      return toBytes(new Uint8Array(await crypto.subtle.encrypt(algorithm, await imported, plaintext)));
    },
    open: async (iv, additionalData, sealed) => {
      const algorithm = { name: "AES-GCM", iv, additionalData };
      const cryptoKey = await imported;
      try {
        return toBytes(new Uint8Array(await crypto.subtle.decrypt(algorithm, cryptoKey, sealed)));
      } catch {
        return undefined;
      }
    },
  };
}
