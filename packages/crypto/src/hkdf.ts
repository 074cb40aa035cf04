import { type Bytes, type ConsortiumId, idToBytes, toBytes } from "@caseroom/contract";
import { encodeCbor } from "./cbor.ts";
import type { KdfLabel } from "./labels.ts";
import { nativeCipher } from "./native-cipher.ts";

export type KeyContext = {
  readonly consortiumId: ConsortiumId;
  readonly context: Bytes;
  readonly generation: number;
};

/** HKDF-SHA-256 (RFC 5869), empty salt, info = CBOR[label, consortiumId, context, generation] (protocol §2, phase-1 §3.2). */
export function deriveKey(ikm: Bytes, label: KdfLabel, context: KeyContext, length = 32): Promise<Bytes> {
  const info = encodeCbor([label, idToBytes(context.consortiumId), context.context, context.generation]);
  return hkdf({ ikm, salt: new Uint8Array(0), info, length });
}

/** HKDF-SHA-256 (RFC 5869) without a label of ours: for the published vectors. */
export async function hkdf(input: {
  readonly ikm: Bytes;
  readonly salt: Bytes;
  readonly info: Bytes;
  readonly length: number;
}): Promise<Bytes> {
  const { ikm, salt, info, length } = input;
  if (nativeCipher !== undefined)
    return new Uint8Array(nativeCipher.hkdfSync("sha256", nativeCipher.createSecretKey(ikm), salt, info, length));
  const key = await crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, length * 8);
  return toBytes(new Uint8Array(bits));
}

/** HMAC (RFC 2104). */
export async function hmac(hash: "SHA-256" | "SHA-384", key: Bytes, data: Bytes): Promise<Bytes> {
  if (nativeCipher !== undefined) {
    const secret = nativeCipher.createSecretKey(key);
    return toBytes(nativeCipher.createHmac(hash.replace("-", ""), secret).update(data).digest());
  }
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return toBytes(new Uint8Array(await crypto.subtle.sign("HMAC", imported, data)));
}
