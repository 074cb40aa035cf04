import {
  type Bytes,
  bytesToBase64url,
  concatBytes,
  hexToBytes,
  InvariantError,
  type Kid,
  toBytes,
} from "@caseroom/contract";
import { ed25519 } from "@noble/curves/ed25519.js";
import { keyThumbprint } from "./cose-key.ts";
import { type NativeCrypto, nativeCrypto } from "./native-crypto.ts";

/** A key that signs. The private half may be a non-extractable CryptoKey that nobody can read. */
export type SigningKey = {
  readonly kid: Kid;
  readonly publicKey: Bytes;
  readonly sign: (message: Uint8Array) => Promise<Bytes>;
};

/** PKCS #8 header of an Ed25519 private key (RFC 8410 §7); the 32-byte seed follows. */
const PKCS8_PREFIX = hexToBytes("302e020100300506032b657004220420") ?? toBytes([]);

/** A fresh key pair whose private half never leaves WebCrypto. */
export async function generateSigningKeyPair(): Promise<{
  readonly privateKey: CryptoKey;
  readonly publicKey: Bytes;
}> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new InvariantError("Ed25519 keys come in pairs");
  const publicKey = toBytes(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  return { privateKey: pair.privateKey, publicKey };
}

export function signingKeyFromCryptoKey(privateKey: CryptoKey, publicKey: Bytes): SigningKey {
  const sign = async (message: Uint8Array) =>
    toBytes(new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, toBytes(message))));
  return { kid: keyThumbprint(publicKey), publicKey, sign };
}

/** The key of a 32-byte seed (RFC 8032 §5.1.5): for gateways, the hub's log, and reproducible vectors. */
export async function signingKeyFromSeed(seed: Bytes): Promise<SigningKey> {
  if (seed.length !== 32) throw new InvariantError("an Ed25519 seed has 32 bytes");
  return nativeCrypto === undefined ? webSigningKey(seed) : nativeSigningKey(nativeCrypto, seed);
}

function nativeSigningKey(native: NativeCrypto, seed: Bytes): SigningKey {
  const publicKey = toBytes(ed25519.getPublicKey(seed));
  const jwk = { kty: "OKP", crv: "Ed25519", d: bytesToBase64url(seed), x: bytesToBase64url(publicKey) } as const;
  const key = native.createPrivateKey({ key: jwk, format: "jwk" });
  return {
    kid: keyThumbprint(publicKey),
    publicKey,
    sign: async (message) => toBytes(native.sign(null, message, key)),
  };
}

async function webSigningKey(seed: Bytes): Promise<SigningKey> {
  const pkcs8 = concatBytes(PKCS8_PREFIX, seed);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  return signingKeyFromCryptoKey(privateKey, toBytes(ed25519.getPublicKey(seed)));
}
