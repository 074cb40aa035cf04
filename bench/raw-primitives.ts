import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { type Bytes, InvariantError, systemRandom } from "@caseroom/contract";
import { sha256 } from "@caseroom/crypto/verify";

/** What stands beside ours in `seal-open`: the least by the same functions of Node that ours uses there. */

const TAG_BYTES = 16;
const options = { authTagLength: TAG_BYTES };
type Sealed = { readonly iv: Bytes; readonly bytes: Uint8Array; readonly tag: Uint8Array };

function seal(key: KeyObject, plaintext: Uint8Array): Sealed {
  const iv = systemRandom(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv, options);
  const bytes = cipher.update(plaintext);
  cipher.final();
  return { iv, bytes, tag: cipher.getAuthTag() };
}

function open(key: KeyObject, { iv, bytes, tag }: Sealed): Uint8Array {
  const decipher = createDecipheriv("aes-256-gcm", key, iv, options);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(bytes);
  decipher.final();
  return plaintext;
}

/** For an entry: one signature, one derived key, one AES-256-GCM over the padded bytes. */
export function rawEntry(size: number) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const plaintext = systemRandom(size);
  const secret = createSecretKey(systemRandom(32));
  const info = systemRandom(12);
  const derive = () => createSecretKey(Buffer.from(hkdfSync("sha256", secret, new Uint8Array(0), info, 32)));
  const sealOne = () => ({ signature: sign(null, plaintext, privateKey), sealed: seal(derive(), plaintext) });
  const kept = sealOne();
  return {
    seal: async () => sealOne(),
    open: async () => {
      if (!verify(null, open(derive(), kept.sealed), publicKey, kept.signature))
        throw new InvariantError("its own signature holds");
    },
  };
}

/** For a blob: AES-256-GCM of every segment, and SHA-256 of what comes out. */
export function rawSegments(segments: readonly Bytes[]) {
  const key = createSecretKey(systemRandom(32));
  const kept = segments.map((segment) => seal(key, segment));
  return {
    seal: async (isHashed: boolean) => {
      for (const segment of segments) {
        const { bytes } = seal(key, segment);
        if (isHashed) sha256(bytes);
      }
    },
    open: async () => {
      for (const one of kept) {
        sha256(one.bytes);
        open(key, one);
      }
    },
  };
}
