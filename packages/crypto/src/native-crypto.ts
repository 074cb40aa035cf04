/** What of Node's own cryptography is asked for: the functions that answer at once. */
type NativeCrypto = {
  createHmac(hash: string, key: Uint8Array): { update(data: Uint8Array): { digest(): Uint8Array } };
  hkdfSync(hash: string, ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): ArrayBuffer;
};

/**
 * Node's native functions where there are any. On a few hundred bytes WebCrypto's way through the thread pool costs ten times what the
 * computation does (docs/performance.md); browsers have nothing else.
 */
export const nativeCrypto: NativeCrypto | undefined = Reflect.get(globalThis, "process")?.getBuiltinModule?.(
  "node:crypto",
);
