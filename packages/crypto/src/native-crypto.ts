/** Opaque here: only what made it reads it. */
export type NativeKey = { readonly asymmetricKeyType?: string };

/** What is asked for of Node's own cryptography that needs no secret of a room: hashes, and Ed25519. */
export type NativeCrypto = {
  createHash(name: "sha256"): NativeHash;
  hash(name: "sha256", data: Uint8Array, encoding: "hex"): string;
  hash(name: "sha256", data: Uint8Array, encoding: "buffer"): Uint8Array;
  createPrivateKey(input: { readonly key: EdwardsJwk & { readonly d: string }; readonly format: "jwk" }): NativeKey;
  createPublicKey(input: { readonly key: EdwardsJwk; readonly format: "jwk" }): NativeKey;
  sign(algorithm: null, message: Uint8Array, key: NativeKey): Uint8Array;
  verify(algorithm: null, message: Uint8Array, key: NativeKey, signature: Uint8Array): boolean;
};
/** RFC 8037 §2. */
type EdwardsJwk = { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string };
type NativeHash = { update(data: Uint8Array): NativeHash; digest(): Uint8Array };

/** As an object of which nothing is known: packages are compiled with and without the types of Node. */
const runtime: object = globalThis;

/**
 * Node's functions that answer at once, where there are any. On a few hundred bytes WebCrypto's way through the thread pool costs ten
 * times what the computation does (docs/performance.md); browsers have nothing else. Ciphers are not here: the hub reaches this.
 */
export const nativeCrypto: NativeCrypto | undefined = Reflect.get(runtime, "process")?.getBuiltinModule?.(
  "node:crypto",
);
