import { type Bytes, err, type Failure, failure, InvariantError, ok, type Result, toBytes } from "@caseroom/contract";
import { ml_kem768_x25519 as xWing } from "@noble/post-quantum/hybrid.js";
import { KEM_MLKEM768_X25519 as nobleXWing } from "@panva/hpke-noble";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 } from "hpke";

/**
 * HPKE base mode (RFC 9180) with X-Wing (KEM 0x647A, ML-KEM-768 with X25519), HKDF-SHA-256 and AES-256-GCM.
 *
 * The runtime's own ML-KEM is used where it has one (constant-time, five times faster); noble's JavaScript otherwise.
 */
export type KemKey = {
  readonly publicKey: Bytes;
  readonly open: (sealed: {
    readonly enc: Bytes;
    readonly ct: Bytes;
    readonly info: Bytes;
    readonly aad: Bytes;
  }) => Promise<Result<Bytes, Failure<"DECRYPT_FAILED">>>;
};

export type HpkeSealed = { readonly enc: Bytes; readonly ct: Bytes };

const SEED_BYTES = 32;
const ENC_BYTES = 1120;

/** Decided once, by trying: a probe key is deserialized with the native implementation. */
const suite: Promise<CipherSuite> = probeSuite();

async function probeSuite(): Promise<CipherSuite> {
  try {
    const native = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
    await native.DeserializePublicKey(xWing.keygen(new Uint8Array(SEED_BYTES).fill(7)).publicKey);
    return native;
  } catch {
    return createJavaScriptSuite();
  }
}

/** What runs where the platform has no ML-KEM: most browsers today. */
export function createJavaScriptSuite(): CipherSuite {
  return new CipherSuite(nobleXWing, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
}

/** Seals to one X-Wing public key. The caller has checked the key (checkKemKey) when it was enrolled or published. */
export async function hpkeSeal(input: {
  readonly publicKey: Bytes;
  readonly info: Bytes;
  readonly aad: Bytes;
  readonly plaintext: Bytes;
}): Promise<HpkeSealed> {
  const hpke = await suite;
  const publicKey = await hpke.DeserializePublicKey(input.publicKey);
  const sealed = await hpke.Seal(publicKey, input.plaintext, {
    info: input.info,
    aad: input.aad,
  });
  return {
    enc: toBytes(sealed.encapsulatedSecret),
    ct: toBytes(sealed.ciphertext),
  };
}

/**
 * The key whose serialized private form is exactly these 32 bytes. HPKE's DeriveKeyPair must not be used: it would hash them again and give
 * another public key (phase-1 §3.3).
 */
export async function kemKeyFromSeed(seed: Bytes): Promise<KemKey> {
  if (seed.length !== SEED_BYTES) throw new InvariantError("an X-Wing private key has 32 bytes");
  const hpke = await suite;
  const publicKeyBytes = toBytes(xWing.keygen(seed).publicKey);
  const pair = {
    privateKey: await hpke.DeserializePrivateKey(seed, false),
    publicKey: await hpke.DeserializePublicKey(publicKeyBytes),
  };
  const open: KemKey["open"] = async ({ enc, ct, info, aad }) => {
    if (enc.length !== ENC_BYTES) return err(failure("DECRYPT_FAILED"));
    try {
      return ok(toBytes(await hpke.Open(pair, enc, ct, { info, aad })));
    } catch {
      return err(failure("DECRYPT_FAILED"));
    }
  };
  return { publicKey: publicKeyBytes, open };
}
