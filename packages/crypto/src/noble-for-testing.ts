/** The second implementation that the vectors are checked against, also where a package cannot import it itself. */
export { gcm } from "@noble/ciphers/aes.js";
export { ed25519 } from "@noble/curves/ed25519.js";
export { hkdf } from "@noble/hashes/hkdf.js";
export { hmac } from "@noble/hashes/hmac.js";
export { sha256, sha384 } from "@noble/hashes/sha2.js";
