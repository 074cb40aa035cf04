type NativeMac = { update(data: Uint8Array): { digest(): Uint8Array } };

/** What is asked for of Node's own cryptography that works with secrets. The hub cannot reach this file; see the check of the arrows. */
type NativeCipher = {
  createHmac(hash: string, key: Uint8Array): NativeMac;
  hkdfSync(hash: string, ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): ArrayBuffer;
};

/** As an object of which nothing is known: packages are compiled with and without the types of Node. */
const runtime: object = globalThis;

/** Node's functions that answer at once, where there are any, for the reason that `nativeCrypto` gives. */
export const nativeCipher: NativeCipher | undefined = Reflect.get(runtime, "process")?.getBuiltinModule?.(
  "node:crypto",
);
