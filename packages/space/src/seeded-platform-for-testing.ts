import { createHash } from "node:crypto";

/**
 * Makes HPKE reproducible for as long as this process lives. Imported for its effect, before anything that seals: the runtime's own
 * ML-KEM takes its randomness where nobody can seed it, so it is hidden and noble's is used; and the 64 bytes that an X-Wing
 * encapsulation asks for come from a counter. Only the generator of the vectors may import this.
 */
const ENCAPSULATION_BYTES = 64;

let counter = 0;

/** From here on, encapsulations repeat from the first. */
export function restartEncapsulations(): void {
  counter = 0;
}

const getRandomValues = crypto.getRandomValues.bind(crypto);
const importKey = crypto.subtle.importKey.bind(crypto.subtle);

Object.defineProperty(crypto, "getRandomValues", {
  value: <View extends Uint8Array<ArrayBuffer>>(view: View): View => {
    if (view.length !== ENCAPSULATION_BYTES) return getRandomValues(view);
    view.set(createHash("sha512").update(`cr1 vectors/encapsulation/${counter++}`).digest());
    return view;
  },
});

Object.defineProperty(crypto.subtle, "importKey", {
  value: async (...parameters: Parameters<typeof importKey>): Promise<CryptoKey> => {
    if (JSON.stringify(parameters[2])?.includes("ML-KEM") === true)
      throw new DOMException("hidden, see above", "NotSupportedError");
    return Reflect.apply(importKey, undefined, parameters);
  },
});
