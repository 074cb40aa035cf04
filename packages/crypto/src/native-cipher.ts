type NativeMac = { update(data: Uint8Array): { digest(): Uint8Array } };
type NativeAead = {
  setAAD(aad: Uint8Array): unknown;
  update(data: Uint8Array): Uint8Array;
  /** Throws when the tag is another. */
  final(): Uint8Array;
};
/** Opaque here. Given a key as bytes, each function below spends twice its own time on finding out what it was given. */
type NativeSecret = { readonly symmetricKeySize?: number };
type AeadOptions = { readonly authTagLength: number };

/** What is asked for of Node's own cryptography that works with secrets. The hub cannot reach this file; see the check of the arrows. */
export type NativeCipher = {
  createSecretKey(key: Uint8Array): NativeSecret;
  createHmac(hash: string, key: NativeSecret): NativeMac;
  hkdfSync(hash: string, ikm: NativeSecret, salt: Uint8Array, info: Uint8Array, length: number): ArrayBuffer;
  createCipheriv(
    name: "aes-256-gcm",
    key: NativeSecret,
    nonce: Uint8Array,
    options: AeadOptions,
  ): NativeAead & { getAuthTag(): Uint8Array };
  createDecipheriv(
    name: "aes-256-gcm",
    key: NativeSecret,
    nonce: Uint8Array,
    options: AeadOptions,
  ): NativeAead & { setAuthTag(tag: Uint8Array): unknown };
};

/** As an object of which nothing is known: packages are compiled with and without the types of Node. */
const runtime: object = globalThis;

/** Node's functions that answer at once, where there are any, for the reason that `nativeCrypto` gives. */
export const nativeCipher: NativeCipher | undefined = Reflect.get(runtime, "process")?.getBuiltinModule?.(
  "node:crypto",
);
