import { type Bytes, err, type Failure, failure, InvariantError, ok, type Result, toBytes } from "@caseroom/contract";
import { kemKeyFromSeed } from "@caseroom/crypto/secret";
import { generateSigningKeyPair, signingKeyFromCryptoKey } from "@caseroom/crypto/sign";
import { openDB } from "idb";
import type { DeviceVault } from "../device-home.ts";
import type { DeviceKeys } from "../device-keys.ts";

const TABLE = "device";
const NONCE_BYTES = 12;

/**
 * Keys of a browser (protocol §7.5). Ed25519 is a non-extractable CryptoKey. The receiving key MUST NOT be stored as a CryptoKey, which
 * Chromium gives back as null: its seed is stored under a non-extractable AES key instead, written, read back and opened before anyone
 * relies on it. Wrapping it under a passkey's PRF as well is not built yet (SECURITY.md).
 */
export async function openBrowserVault(name: string): Promise<DeviceVault> {
  const database = await openDB(name, 1, { upgrade: (db) => void db.createObjectStore(TABLE) });
  const load = async (): Promise<DeviceKeys | undefined> => readKeys(await database.get(TABLE, "keys"));
  return {
    load,
    create: async (random) => {
      const pair = await generateSigningKeyPair();
      const storageKey = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
        "encrypt",
        "decrypt",
      ]);
      const sealedSeed = await seal(storageKey, random(32));
      // All cryptography is done: the transaction of IndexedDB holds nothing but the write.
      await database.put(
        TABLE,
        { privateKey: pair.privateKey, publicKey: pair.publicKey, storageKey, sealedSeed },
        "keys",
      );
      const keys = await load();
      return keys === undefined ? err(failure("STORE_FAILED")) : ok(keys);
    },
    clear: () => database.delete(TABLE, "keys"),
    close: () => database.close(),
  };
}

async function readKeys(row: unknown): Promise<DeviceKeys | undefined> {
  if (typeof row !== "object" || row === null) return undefined;
  const privateKey: unknown = Reflect.get(row, "privateKey");
  const publicKey: unknown = Reflect.get(row, "publicKey");
  const storageKey: unknown = Reflect.get(row, "storageKey");
  const sealedSeed: unknown = Reflect.get(row, "sealedSeed");
  if (!(privateKey instanceof CryptoKey) || !(storageKey instanceof CryptoKey)) return undefined;
  if (!(publicKey instanceof Uint8Array) || !(sealedSeed instanceof Uint8Array)) return undefined;
  const seed = await open(storageKey, toBytes(sealedSeed));
  if (!seed.ok) return undefined;
  return {
    signing: signingKeyFromCryptoKey(privateKey, toBytes(publicKey)),
    kem: await kemKeyFromSeed(seed.value),
    kind: "browser",
    sealLocal: (plaintext) => seal(storageKey, plaintext),
    openLocal: (sealed) => open(storageKey, sealed),
  };
}

async function seal(key: CryptoKey, plaintext: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plaintext));
  const joined = new Uint8Array(NONCE_BYTES + sealed.length);
  joined.set(iv);
  joined.set(sealed, NONCE_BYTES);
  return joined;
}

async function open(key: CryptoKey, sealed: Bytes): Promise<Result<Bytes, Failure<"DECRYPT_FAILED">>> {
  if (key.extractable) throw new InvariantError("the storage key cannot be exported");
  try {
    const algorithm = { name: "AES-GCM", iv: sealed.subarray(0, NONCE_BYTES) };
    return ok(toBytes(new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.subarray(NONCE_BYTES)))));
  } catch {
    return err(failure("DECRYPT_FAILED"));
  }
}
